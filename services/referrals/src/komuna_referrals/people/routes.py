"""HTTP for people: who somebody is, what was done to them, and whether they are known."""

from collections.abc import Iterable
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from komuna_referrals import ids
from komuna_referrals.access import AccountReader, PersonMatcher, PersonReader, PersonWriter
from komuna_referrals.cases.queries import get_case, get_own_case
from komuna_referrals.keystore.dependencies import Blind, Keys
from komuna_referrals.wall import Guarded
from komuna_shared.answers import JSON, NO_STORE, answer_bytes
from komuna_shared.errors import PreconditionFailedError
from komuna_shared.etags import check_if_match, etag
from komuna_shared.idempotency import RequiredOnce, once

from . import operations, queries
from .models import Person
from .rules import FIELDS, PersonExistsError
from .schemas import AccountOut, MatchIn, MatchOut, PersonIn, PersonOut

router = APIRouter(prefix="/v1", tags=["people"], redirect_slashes=False)

# One of the two is needed, which no header can say of itself.
_VERSIONS = [
    {
        "name": "If-None-Match",
        "in": "header",
        "description": "`*` for the first version: nothing that is there is overwritten.",
        "schema": {"type": "string", "enum": ["*"]},
    },
    {
        "name": "If-Match",
        "in": "header",
        "description": "The `ETag` that you read, for every version after the first.",
        "schema": {"type": "string"},
    },
]


async def read_tools(keys: Keys, blind: Blind) -> operations.Tools:
    """Return what seals a person and what finds one."""
    return operations.Tools(keys, blind)


@router.get("/cases/{case_id}/person", response_model=PersonOut)
async def get_person(
    request: Request, session: Guarded, caller: PersonReader, keys: Keys, case_id: str
) -> Response:
    """Read who a case is about; fields that you may not see are absent. A disclosure is recorded.

    For case workers of the institution that owns the case and of its partners; of a receiver's
    only what a live consent, or a basis without one, allows today.
    """
    case = await get_case(session, ids.case_id(case_id), caller=caller)
    person = await operations.read_person(session, keys, case)
    return _told(request, person)


@router.put(
    "/cases/{case_id}/person", response_model=PersonOut, openapi_extra={"parameters": _VERSIONS}
)
async def set_person(  # noqa: PLR0913 -- what a change takes.
    request: Request,
    session: Guarded,
    caller: PersonWriter,
    *,
    tools: Annotated[operations.Tools, Depends(read_tools)],
    key: RequiredOnce,
    case_id: str,
    wanted: PersonIn,
) -> Response:
    """Write who a case is about; what you leave out is forgotten. Recorded.

    For case workers of the institution that owns the case. `If-None-Match: *` writes the first
    version, `If-Match` the next one.
    """
    named = ids.case_id(case_id)

    async def write() -> str:
        case = await get_own_case(session, named, caller=caller)
        known = await queries.find_person(session, case.id)
        _check_version(request, known)
        await operations.write_person(session, tools, caller, case.id, wanted, known=known)
        return str(case.id)

    made = await once(session, key, write)
    case = await get_own_case(session, named, caller=caller)
    response = _told(request, await operations.read_person(session, tools.keys, case))
    response.headers.update(made.headers)
    return response


@router.get("/cases/{case_id}/account", response_model=AccountOut)
async def get_account(
    request: Request, session: Guarded, caller: AccountReader, keys: Keys, case_id: str
) -> Response:
    """Read what the person says was done to them. A disclosure is recorded.

    For case workers of the institution that owns the case and of its partners; of a receiver's
    only while a live consent, or a basis without one, allows it.
    """
    case = await get_case(session, ids.case_id(case_id), caller=caller)
    account = await operations.read_account(session, keys, case)
    body = account.model_dump_json(exclude_unset=True).encode()
    return answer_bytes(request, body, media_type=JSON, cache=NO_STORE)


@router.post("/person-matches", response_model=MatchOut)
async def find_person_match(
    request: Request,
    session: Guarded,
    caller: PersonMatcher,
    blind: Blind,
    key: RequiredOnce,
    wanted: MatchIn,
) -> Response:
    """Ask whether a person may have a case already, and whom to ask; never more. Recorded.

    For `investigator`, `advocate`, `social_worker` and `case_owner`. Every question is kept with
    who asked it and whether something was found.
    """
    found: list[str] = []

    async def look() -> str:
        found.extend(await operations.match_person(session, blind, caller, wanted))
        return "match"

    made = await once(session, key, look)
    if made.replayed:
        await look()
    body = MatchOut(is_possible_match=bool(found), ask=found).model_dump_json().encode()
    response = answer_bytes(request, body, media_type=JSON, cache=NO_STORE)
    response.headers.update(made.headers)
    return response


def _check_version(request: Request, known: Person | None) -> None:
    if request.headers.get("if-none-match", "").strip() == "*":
        if known is not None:
            raise PersonExistsError
        return
    tag = "" if known is None else _tag(request, known, FIELDS)
    check_if_match(request, tag)
    if known is None:
        raise PreconditionFailedError


def _tag(request: Request, person: Person | PersonOut, classes: Iterable[str]) -> str:
    named = ",".join(sorted(classes))
    return etag("person", person.case_id, person.version, named, key=request.app.state.etag_key)


def _told(request: Request, person: PersonOut) -> Response:
    body = person.model_dump_json(exclude_unset=True).encode()
    response = answer_bytes(request, body, media_type=JSON, cache=NO_STORE)
    response.headers["etag"] = _tag(request, person, person.classes)
    return response
