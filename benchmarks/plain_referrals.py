"""The peer of row 16: the same tables and statements without sealing, second wall and record."""

import json
from typing import Annotated
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, FastAPI, Request
from sqlalchemy import text
from starlette.responses import Response
from starlette.types import ASGIApp

from komuna_referrals.cases import queries as cases
from komuna_referrals.cases.schemas import CaseIn, CaseOut
from komuna_referrals.people.queries import find_person
from komuna_referrals.people.rules import FIELDS
from komuna_referrals.people.schemas import PersonOut
from komuna_shared.access import Caller, Principal, requires
from komuna_shared.answers import JSON, NO_STORE, answer_bytes
from komuna_shared.app import create_service, serve
from komuna_shared.database import Session
from komuna_shared.etags import etag
from komuna_shared.follower import lag, load_caller
from komuna_shared.idempotency import RequiredOnce, once
from komuna_shared.settings import ServiceSettings

router = APIRouter(prefix="/v1", redirect_slashes=False)
_RULES = ("C1.roles", "C1.bases", "C1.bases_for_minors")
# One statement, as the function that the service calls is one.
_OPEN = text("""
    with opened as (
        insert into case_record
            (id, institution, basis, age_band, sex, needs, languages, indicator_count)
        values (:case, :institution, :basis, :age_band, :sex, :needs, :languages, :count)
        returning id, opened_at
    ), seen as (
        insert into case_access (case_id, inst, relation, opened_at)
        select id, :institution, 'owner', opened_at from opened
    ), coded as (
        insert into case_indicator (case_id, code)
        select id, unnest(cast(:indicators as text[])) from opened
    )
    insert into case_account (case_id, account) select id, :account from opened
""")


async def _load(session: Session, principal: Principal) -> Caller:
    await lag(await session.connection())
    return await load_caller(session, principal)


async def load_reader(
    session: Session, principal: Annotated[Principal, requires("referrals.people.read")]
) -> Caller:
    """Return whoever may read people."""
    return await _load(session, principal)


async def load_writer(
    session: Session, principal: Annotated[Principal, requires("referrals.cases.write")]
) -> Caller:
    """Return whoever may open cases."""
    return await _load(session, principal)


Reader = Annotated[Caller, Depends(load_reader)]
Writer = Annotated[Caller, Depends(load_writer)]


@router.get("/cases/{case_id}/person", response_model=PersonOut)
async def get_person(request: Request, session: Session, caller: Reader, case_id: UUID) -> Response:
    """Read a person that stands there for everybody to read."""
    case = await cases.get_case(session, case_id, caller=caller)
    person = await find_person(session, case.id)
    assert person is not None
    stored = {one: getattr(person, one) for fields in FIELDS.values() for one in fields}
    values = {one: json.loads(it) for one, it in stored.items() if it is not None}
    told = PersonOut(case_id=case.id, classes=sorted(FIELDS), version=person.version, **values)
    body = told.model_dump_json(exclude_unset=True).encode()
    answer = answer_bytes(request, body, media_type=JSON, cache=NO_STORE)
    answer.headers["etag"] = etag("person", case.id, 1, key=request.app.state.etag_key)
    return answer


@router.post("/cases", response_model=CaseOut, status_code=201)
async def open_case(
    request: Request, session: Session, caller: Writer, key: RequiredOnce, wanted: CaseIn
) -> Response:
    """Open a case whose account anybody can read who reads the table."""
    institution = next(one.institution for one in caller.assignments if one.institution)

    async def make() -> str:
        await cases.read_rules(session, _RULES)
        return str(await _insert(session, institution, wanted))

    made = await once(session, key, make)
    case = await cases.get_case(session, UUID(made.id), caller=caller)
    body = CaseOut.model_validate(case).model_dump_json().encode()
    return answer_bytes(request, body, media_type=JSON, cache=NO_STORE, status=201)


async def _insert(session: Session, institution: str, wanted: CaseIn) -> UUID:
    case = uuid4()
    values = wanted.model_dump() | {
        "case": case,
        "institution": institution,
        "count": len(wanted.indicators),
        "account": (wanted.account or "").encode(),
    }
    await session.execute(_OPEN, values)
    return case


def create_api() -> FastAPI:
    """Return the peer's API."""
    return create_service(
        "referrals", settings=ServiceSettings.model_validate({}), routers=[router]
    )


def create_app() -> ASGIApp:
    """Return what the server runs."""
    return serve(create_api())
