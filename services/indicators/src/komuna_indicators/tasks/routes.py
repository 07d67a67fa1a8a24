"""HTTP for what waits for the caller."""

from fastapi import APIRouter, Request, Response
from pydantic import TypeAdapter

from komuna_indicators.access import TaskReader
from komuna_shared.answers import NO_STORE, Language, answer
from komuna_shared.database import Reader
from komuna_shared.languages import translate
from komuna_shared.paging import Page, PageOut, Paging

from . import queries, rules
from .rules import TaskKind
from .schemas import TaskOut

router = APIRouter(prefix="/v1/me/tasks", tags=["me"], redirect_slashes=False)

_TASKS = TypeAdapter(Page[TaskOut])


@router.get("", response_model=Page[TaskOut])
async def list_tasks(
    request: Request, connection: Reader, caller: TaskReader, page: Paging, language: Language
) -> Response:
    """List what waits for you in the indicators, the oldest first: files that were refused.

    For everybody with a token.
    """
    found = await queries.list_refused_files(connection, page, caller)
    tasks = [
        TaskOut(
            kind=TaskKind.CORRECT_FILE,
            label=translate(rules.CORRECT_FILE, language, count=job.problem_count),
            link=f"/indicators/v1/imports/{job.id}/problems",
            waiting_since=job.created_at,
        )
        for job in found.items
    ]
    value = Page[TaskOut](items=tasks, page=PageOut.model_validate(found.page))
    return answer(request, _TASKS, value, cache=NO_STORE)
