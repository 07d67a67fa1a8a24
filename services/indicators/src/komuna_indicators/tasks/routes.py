"""HTTP for what waits for the caller."""

from fastapi import APIRouter, Request, Response
from pydantic import TypeAdapter

from komuna_indicators.access import TaskReader
from komuna_indicators.clock import today
from komuna_indicators.municipalities.queries import find_names
from komuna_shared.answers import NO_STORE, Language, answer
from komuna_shared.database import Reader
from komuna_shared.paging import Page, PageOut, Paging

from . import queries
from .presentation import present_task
from .schemas import TaskOut

router = APIRouter(prefix="/v1/me/tasks", tags=["me"], redirect_slashes=False)

_TASKS = TypeAdapter(Page[TaskOut])


@router.get("", response_model=Page[TaskOut])
async def list_tasks(
    request: Request, connection: Reader, caller: TaskReader, page: Paging, language: Language
) -> Response:
    """List what waits for you in the indicators, the oldest first.

    For everybody with a token: files that were refused; for municipal officers, reports that are
    overdue and those that came back; for analysts, reports to verify and periods to release.
    """
    found = await queries.list_tasks(connection, page, caller, today())
    names = await find_names(connection)
    tasks = [present_task(row, names, language) for row in found.items]
    value = Page[TaskOut](items=tasks, page=PageOut.model_validate(found.page))
    return answer(request, _TASKS, value, cache=NO_STORE)
