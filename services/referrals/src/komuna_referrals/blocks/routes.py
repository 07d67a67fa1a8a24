"""HTTP for who is shut out of a case."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from pydantic import TypeAdapter
from starlette.responses import Response

from komuna_referrals import ids
from komuna_referrals.access import BlockReader, BlockWriter
from komuna_referrals.cases.queries import get_own_case
from komuna_referrals.keystore.dependencies import Keys
from komuna_referrals.wall import Guarded
from komuna_shared.answers import JSON, NO_STORE, answer, answer_bytes
from komuna_shared.idempotency import RequiredOnce, once
from komuna_shared.paging import Page, PageOut, Paging

from . import operations, queries
from .schemas import BlockIn, BlockOut

router = APIRouter(prefix="/v1/cases", tags=["cases"], redirect_slashes=False)

_BLOCKS = TypeAdapter(Page[BlockOut])


async def read_tools(request: Request, keys: Keys) -> operations.Tools:
    """Return what shuts somebody out."""
    return operations.Tools(keys, request.app.state.registry)


@router.get("/{case_id}/blocks", response_model=Page[BlockOut])
async def list_blocks(
    request: Request,
    session: Guarded,
    caller: BlockReader,
    keys: Keys,
    page: Paging,
    case_id: str,
) -> Response:
    """List who is shut out of a case, with the reasons; every call is recorded.

    For case workers of the institution that owns it.
    """
    case = await get_own_case(session, ids.case_id(case_id), caller=caller)
    found = await queries.list_blocks(session, page, case.id)
    blocks = await operations.open_blocks(session, keys, case.id, found.items)
    value = Page[BlockOut](items=blocks, page=PageOut.model_validate(found.page))
    return answer(request, _BLOCKS, value, cache=NO_STORE)


@router.post(
    "/{case_id}/blocks",
    response_model=BlockOut,
    status_code=201,
    responses={409: {"description": "It is shut out already, or the key is in use."}},
)
async def block_institution(  # noqa: PLR0913 -- what a change takes.
    request: Request,
    session: Guarded,
    caller: BlockWriter,
    *,
    tools: Annotated[operations.Tools, Depends(read_tools)],
    key: RequiredOnce,
    case_id: str,
    wanted: BlockIn,
) -> Response:
    """Shut an institution out of a case: what it sees of it ends at once. Recorded.

    For case workers of the institution that owns the case. The other one is never told; it is one
    that registry has.
    """
    named = ids.case_id(case_id)

    async def block() -> str:
        case = await get_own_case(session, named, caller=caller)
        return await operations.block_institution(session, tools, caller, case.id, wanted)

    made = await once(session, key, block)
    case = await get_own_case(session, named, caller=caller)
    found = await queries.get_block(session, case.id, UUID(made.id))
    (told,) = await operations.open_blocks(session, tools.keys, case.id, [found])
    body = told.model_dump_json().encode()
    response = answer_bytes(request, body, media_type=JSON, cache=NO_STORE, status=201)
    response.headers.update(made.headers)
    return response
