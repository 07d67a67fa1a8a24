"""HTTP for assignments, and for whoever asks about themselves."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import TypeAdapter

from komuna_registry.access import AssignmentReader, AssignmentWriter, Lender, Self
from komuna_registry.accounts.queries import find_own_account, list_held
from komuna_registry.accounts.rules import Role
from komuna_registry.clock import today
from komuna_registry.fields import Code
from komuna_shared.answers import NO_STORE, Language, answer
from komuna_shared.database import Reader, Session
from komuna_shared.etags import check_if_match, etag
from komuna_shared.idempotency import Once, once
from komuna_shared.languages import LANGUAGES
from komuna_shared.paging import Page, Paging

from . import operations, queries, tasks
from .queries import Wanted
from .schemas import AssignmentIn, AssignmentOut, DelegationIn, HeldOut, LinksOut, MeOut
from .tasks import TaskOut

router = APIRouter(prefix="/v1", tags=["assignments"], redirect_slashes=False)

_ME = TypeAdapter(MeOut)
_ONE = TypeAdapter(AssignmentOut)
_LIST = TypeAdapter(Page[AssignmentOut])
_TASKS = TypeAdapter(Page[TaskOut])


async def read_wanted(
    role: Annotated[Role | None, Query()] = None,
    institution: Annotated[Code | None, Query()] = None,
    municipality: Annotated[Code | None, Query()] = None,
) -> Wanted:
    """Read which assignments a request is about."""
    return Wanted(role, institution, municipality)


@router.get("/me", response_model=MeOut)
async def get_me(request: Request, connection: Reader, caller: Self) -> Response:
    """Tell who you are: name, assignments of today, roles, languages, and where your tasks are.

    For everybody with a token; somebody we do not know holds nothing.
    """
    account = await find_own_account(connection, caller.principal)
    held = await list_held(connection, caller.principal)
    public_url = request.app.state.settings.public_url
    links = {name: f"{public_url}/{name}/v1/me/tasks" for name in LinksOut.model_fields}
    me = MeOut(
        name=account.name if account else None,
        is_synthetic=bool(account and account.is_synthetic),
        language=account.language if account else None,
        languages=list(LANGUAGES),
        assignments=[HeldOut.model_validate(one, from_attributes=True) for one in held],
        roles=sorted(caller.roles),
        tasks=LinksOut(**links),
    )
    return answer(request, _ME, me, cache=NO_STORE)


@router.get("/me/tasks", response_model=Page[TaskOut])
async def list_my_tasks(
    request: Request, connection: Reader, caller: Self, page: Paging, language: Language
) -> Response:
    """List what waits for you here, what is due first on top.

    Assignments, yours and those you administer, that end soon; letters that your municipality has
    not done yet what they ask for.

    For everybody with a token.
    """
    found = await tasks.list_tasks(connection, page, caller, today(), language)
    shown = _TASKS.validate_python(found, from_attributes=True)
    return answer(request, _TASKS, shown, cache=NO_STORE)


@router.get("/assignments", response_model=Page[AssignmentOut])
async def list_assignments(
    request: Request,
    connection: Reader,
    caller: AssignmentReader,
    page: Paging,
    wanted: Annotated[Wanted, Depends(read_wanted)],
) -> Response:
    """List the assignments that you administer: of your municipality or institution, or all.

    For `municipal_admin`, `institution_admin`, `auditor` and `ops`; others see none.
    """
    found = await queries.list_assignments(connection, page, caller, wanted)
    return answer(
        request, _LIST, _LIST.validate_python(found, from_attributes=True), cache=NO_STORE
    )


@router.post(
    "/assignments",
    response_model=AssignmentOut,
    status_code=201,
    responses={409: {"description": "They hold this role then, or the key is in use."}},
)
async def grant_assignment(
    request: Request,
    response: Response,
    session: Session,
    caller: AssignmentWriter,
    key: Once,
    wanted: AssignmentIn,
) -> Any:
    """Grant a role to somebody else; recorded, and told to the other services.

    For `ops` (any role), `municipal_admin` (those of the own municipality) and
    `institution_admin` (those of the own institution's kind). Nobody grants to themselves.
    """
    made = await once(session, key, lambda: operations.grant_assignment(session, caller, wanted))
    found = await queries.get_assignment(session, UUID(made.id), caller)
    response.headers.update(made.headers)
    response.headers["ETag"] = _tag(request, found)
    response.headers["Location"] = f"{request.app.state.base_url}/v1/assignments/{made.id}"
    return found


@router.get("/assignments/{assignment_id}", response_model=AssignmentOut)
async def get_assignment(
    request: Request, connection: Reader, caller: AssignmentReader, assignment_id: UUID
) -> Response:
    """Show one assignment that you hold or administer.

    For whoever holds it, `municipal_admin`, `institution_admin`, `auditor` and `ops`; to others it
    does not exist.
    """
    found = await queries.get_assignment(connection, assignment_id, caller)
    shown = AssignmentOut.model_validate(found, from_attributes=True)
    return answer(request, _ONE, shown, tag=_tag(request, found))


@router.delete("/assignments/{assignment_id}", status_code=204)
async def revoke_assignment(
    request: Request,
    session: Session,
    caller: AssignmentWriter,
    assignment_id: UUID,
) -> None:
    """Take a role away, or give up your own, at once; recorded, and told to the other services.

    For whoever may grant it, and whoever holds it.
    """
    found = await queries.get_assignment(session, assignment_id, caller)
    check_if_match(request, _tag(request, found))
    await operations.revoke_assignment(session, caller, assignment_id)


@router.get("/assignments/{assignment_id}/delegations", response_model=Page[AssignmentOut])
async def list_delegations(
    request: Request, connection: Reader, caller: Self, page: Paging, assignment_id: UUID
) -> Response:
    """List what is lent from an assignment, what begins first on top.

    For everybody with a token: of what you hold yourself, or administer; to others it does not
    exist.
    """
    found = await queries.list_delegations(connection, page, caller, assignment_id)
    return answer(
        request, _LIST, _LIST.validate_python(found, from_attributes=True), cache=NO_STORE
    )


@router.post(
    "/assignments/{assignment_id}/delegations",
    response_model=AssignmentOut,
    status_code=201,
    responses={409: {"description": "They hold this role then, or the key is in use."}},
)
async def grant_delegation(  # noqa: PLR0913, PLR0917  A route's parameters are its documentation.
    request: Request,
    response: Response,
    session: Session,
    caller: Lender,
    key: Once,
    assignment_id: UUID,
    wanted: DelegationIn,
) -> Any:
    """Lend a role that you hold to somebody else, for a time; recorded, and told to the services.

    For whoever holds it. Never for longer than you hold it, never on from what was lent to you, and
    it ends at the moment in which yours ends. A role that is lent grants nothing to others.
    """
    made = await once(
        session,
        key,
        lambda: operations.lend_assignment(session, caller, assignment_id, wanted),
    )
    found = await queries.get_delegation(session, UUID(made.id), caller)
    response.headers.update(made.headers)
    response.headers["ETag"] = _tag(request, found)
    response.headers["Location"] = f"{request.app.state.base_url}/v1/delegations/{made.id}"
    return found


@router.get("/delegations/{delegation_id}", response_model=AssignmentOut)
async def get_delegation(
    request: Request, connection: Reader, caller: Self, delegation_id: UUID
) -> Response:
    """Show one role that you lent or borrowed; to others it does not exist.

    For everybody with a token.
    """
    found = await queries.get_delegation(connection, delegation_id, caller)
    shown = AssignmentOut.model_validate(found, from_attributes=True)
    return answer(request, _ONE, shown, tag=_tag(request, found))


@router.delete("/delegations/{delegation_id}", status_code=204)
async def revoke_delegation(
    request: Request, session: Session, caller: Lender, delegation_id: UUID
) -> None:
    """Take back a role that you lent, or give back what was lent to you, at once; recorded.

    For whoever lent it, and whoever it was lent to. The other services are told.
    """
    found = await queries.get_delegation(session, delegation_id, caller)
    check_if_match(request, _tag(request, found))
    await operations.end_delegation(session, caller, delegation_id)


def _tag(request: Request, row: Any) -> str:
    return etag("assignment", row.id, row.version, key=request.app.state.etag_key)
