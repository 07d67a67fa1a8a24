"""HTTP for what waits for the caller."""

from fastapi import APIRouter, Request
from pydantic import TypeAdapter
from starlette.responses import Response

from komuna_referrals.access import TaskReader
from komuna_referrals.wall import Guarded
from komuna_shared.answers import NO_STORE, answer
from komuna_shared.paging import Page, PageOut, Paging

from . import queries
from .schemas import TaskOut

router = APIRouter(prefix="/v1/me/tasks", tags=["me"], redirect_slashes=False)

_TASKS = TypeAdapter(Page[TaskOut])


@router.get("", response_model=Page[TaskOut])
async def list_tasks(
    request: Request, session: Guarded, caller: TaskReader, page: Paging
) -> Response:
    """List what waits for you in referrals, oldest first. For everybody with a token; recorded."""
    found = await queries.list_tasks(session, page, caller=caller)
    tasks = [TaskOut.of(row) for row in found.items]
    value = Page[TaskOut](items=tasks, page=PageOut.model_validate(found.page))
    return answer(request, _TASKS, value, cache=NO_STORE)
