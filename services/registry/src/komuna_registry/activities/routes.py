"""HTTP for activities and how many there were."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import StringConstraints, TypeAdapter

from komuna_registry.access import ActivityWriter
from komuna_registry.fields import Code
from komuna_registry.institutions.called import find_names
from komuna_registry.municipalities.frame import CurrentFrame, Frame
from komuna_shared.access import public
from komuna_shared.answers import PUBLIC, Language, answer
from komuna_shared.database import Reader, Session
from komuna_shared.etags import check_if_match, etag
from komuna_shared.idempotency import Once, once
from komuna_shared.paging import Found, Page, Paging

from . import operations, presenting, queries, rules
from .queries import ActivityFound, Reading, Wanted
from .rules import ActivityKind, Breakdown, Days
from .schemas import ActivityCountsOut, ActivityOut
from .spans import read_asked
from .writing import ActivityChangeIn, ActivityIn

router = APIRouter(prefix="/v1/activities", tags=["activities"], redirect_slashes=False)

_LIST = TypeAdapter(Page[ActivityOut])
_ONE = TypeAdapter(ActivityOut)
# What was not asked for is absent, which a model would tell as null.
_PLAIN = TypeAdapter(dict[str, Any])
_NOT_THERE: dict[int | str, dict[str, Any]] = {404: {"description": "There is no such activity."}}
_BY = "(kind|municipality|organiser|sex|community)"
Period = Annotated[str, StringConstraints(pattern=r"^[0-9SQPMD./-]+$", max_length=40)]
Kinds = Annotated[list[ActivityKind], Query(max_length=10)]
Codes = Annotated[list[Code], Query(max_length=50)]
Synthetic = Annotated[
    bool, Query(description="Made-up activities of the demonstration, instead of real ones.")
]


async def read_wanted(
    kind: Kinds = [],  # noqa: B006  FastAPI copies it.
    municipality: Codes = [],  # noqa: B006
    organiser: Codes = [],  # noqa: B006
    period_from: Annotated[Period | None, Query(examples=["2020"])] = None,
    period_to: Annotated[Period | None, Query(examples=["2020-S2"])] = None,
    is_synthetic: Synthetic = False,  # noqa: FBT002
) -> Wanted:
    """Read which activities a request is about."""
    touching = None
    if period_from is not None or period_to is not None:
        begin, end = read_asked("period_from", period_from), read_asked("period_to", period_to)
        touching = Days(begin.first if begin else date.min, end.last if end else date.max)
    return Wanted(tuple(kind), tuple(municipality), tuple(organiser), touching, is_synthetic)


@router.get("", response_model=Page[ActivityOut], dependencies=[public()])
async def list_activities(
    request: Request,
    connection: Reader,
    frame: CurrentFrame,
    page: Paging,
    wanted: Annotated[Wanted, Depends(read_wanted)],
    language: Language,
) -> Response:
    """List trainings, round tables, campaigns and other activities, newest first; public.

    `period_from` and `period_to` show those that touch the time between, also where their own
    period is imprecise.
    """
    found = await queries.list_activities(connection, page, wanted)
    items = await _show(connection, found.items, frame, language)
    return answer(request, _LIST, _LIST.validate_python(Found(items, found.page)), cache=PUBLIC)


@router.get("/counts", response_model=ActivityCountsOut, dependencies=[public()])
async def compute_activity_counts(  # noqa: PLR0913, PLR0917  A route's parameters are its documentation.
    request: Request,
    connection: Reader,
    by: Annotated[
        str,
        Query(
            pattern=f"^{_BY}(,{_BY}){{0,4}}$",
            description="One or more of kind, municipality, organiser, sex, community.",
            examples=["kind"],
        ),
    ] = "kind",
    period: Annotated[Period | None, Query(examples=["2020"])] = None,
    kind: Kinds = [],  # noqa: B006  FastAPI copies it.
    municipality: Codes = [],  # noqa: B006
    organiser: Codes = [],  # noqa: B006
    is_synthetic: Synthetic = False,  # noqa: FBT002
) -> Response:
    """Count the activities that are registered, and the participants that are told of; public.

    Counted in a period are those that lie wholly in it, so that no two periods count one twice;
    what is not told is said beside. `published` leads to totals whose activities nobody named.
    """
    days = read_asked("period", period)
    wanted = Wanted(tuple(kind), tuple(municipality), tuple(organiser), days, is_synthetic)
    chosen = list(dict.fromkeys(Breakdown(one) for one in by.split(",")))
    found = await queries.load_wanted(connection, wanted)
    counted = rules.count_activities([presenting.read_held(one) for one in found], chosen, days)
    published = [] if is_synthetic else await queries.list_publications(connection, tuple(kind))
    shown = {
        "by": chosen,
        "period": period,
        "origin": "synthetic" if is_synthetic else "registered",
        "is_synthetic": is_synthetic,
        **presenting.show_counts(counted, chosen),
        "published": [presenting.show_published(row).model_dump() for row in published],
    }
    return answer(request, _PLAIN, shown, cache=PUBLIC)


@router.get("/{code}", response_model=ActivityOut, dependencies=[public()], responses=_NOT_THERE)
async def get_activity(
    request: Request, connection: Reader, frame: CurrentFrame, code: str, language: Language
) -> Response:
    """Show one activity: who did it, where, when, with how many, by which source; public."""
    found = await queries.get_activity(connection, code)
    [shown] = await _show(connection, [found], frame, language)
    tag = _tag(request, found, frame, language)
    return answer(request, _ONE, shown, tag=tag, cache=PUBLIC)


@router.post(
    "",
    response_model=ActivityOut,
    status_code=201,
    responses={409: {"description": "The code is taken, or the key is in use."}},
)
async def create_activity(  # noqa: PLR0913, PLR0917  A route's parameters are its documentation.
    request: Request,
    response: Response,
    session: Session,
    frame: CurrentFrame,
    caller: ActivityWriter,
    language: Language,
    key: Once,
    wanted: ActivityIn,
) -> Any:
    """Record an activity of a municipality; recorded, and told to whoever follows the feed.

    For `municipal_officer` and `municipal_admin`, of their own municipality, which they name as its
    keeper; for `coordinator` and `ops` of any, or none. What an account of the demonstration
    records is made up, and flagged so.
    """
    made = await once(
        session, key, lambda: operations.create_activity(session, caller, frame, wanted)
    )
    response.headers.update(made.headers)
    response.headers["Location"] = f"{request.app.state.base_url}/v1/activities/{made.id}"
    return await _show_written(request, response, session, frame, made.id, language)


@router.patch("/{code}", response_model=ActivityOut, responses=_NOT_THERE)
async def update_activity(  # noqa: PLR0913, PLR0917  A route's parameters are its documentation.
    request: Request,
    response: Response,
    session: Session,
    frame: CurrentFrame,
    caller: ActivityWriter,
    language: Language,
    code: str,
    wanted: ActivityChangeIn,
) -> Any:
    """Correct an activity, by a merge patch; recorded, and told to whoever follows the feed.

    For `municipal_officer` and `municipal_admin` of its keeper, `coordinator` and `ops`.
    """
    activity = await operations.lock_activity(session, caller, code)
    found = await queries.get_activity(session, code)
    check_if_match(request, _tag(request, found, frame, language))
    await operations.update_activity(session, caller, frame, activity, wanted)
    return await _show_written(request, response, session, frame, code, language)


async def _show(
    connection: Reading, found: Sequence[ActivityFound], frame: Frame, language: str
) -> list[ActivityOut]:
    named = {party.institution for one in found for party in one.parties} - {None}
    names = await find_names(connection, named)
    return [presenting.show_activity(one, names, frame, language) for one in found]


async def _show_written(
    request: Request, response: Response, session: Session, frame: Frame, code: str, language: str
) -> ActivityOut:
    found = await queries.get_activity(session, code)
    response.headers["ETag"] = _tag(request, found, frame, language)
    [shown] = await _show(session, [found], frame, language)
    return shown


def _tag(request: Request, found: ActivityFound, frame: Frame, language: str) -> str:
    parts = ("activity", found.row.code, found.row.version, frame.version, language)
    return etag(*parts, key=request.app.state.etag_key)
