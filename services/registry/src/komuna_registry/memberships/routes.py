"""HTTP for the members of bodies."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import TypeAdapter

from komuna_registry.fields import Code
from komuna_registry.labels import labelled
from komuna_registry.municipalities.frame import CurrentFrame, Frame
from komuna_shared.access import public
from komuna_shared.answers import PUBLIC, Language, answer
from komuna_shared.database import Reader, Record
from komuna_shared.days import Day
from komuna_shared.paging import Found, Page, Paging

from . import queries
from .queries import Wanted
from .schemas import BodyOut, MemberOut, MembershipOut

router = APIRouter(prefix="/v1/memberships", tags=["institutions"], redirect_slashes=False)

_LIST = TypeAdapter(Page[MembershipOut])


async def read_wanted(
    as_of: Annotated[Day | None, Query(description="Only those of this day.")] = None,
    body: Annotated[list[Code], Query(examples=["naathb"])] = [],  # noqa: B006  FastAPI copies it.
    institution: Annotated[list[Code], Query()] = [],  # noqa: B006
    municipality: Annotated[list[Code], Query()] = [],  # noqa: B006
    holder: Annotated[list[Code], Query()] = [],  # noqa: B006
) -> Wanted:
    """Read which memberships a request is about."""
    return Wanted(as_of, tuple(body), tuple(institution), tuple(municipality), tuple(holder))


@router.get("", response_model=Page[MembershipOut], dependencies=[public()])
async def list_memberships(
    request: Request,
    connection: Reader,
    frame: CurrentFrame,
    page: Paging,
    wanted: Annotated[Wanted, Depends(read_wanted)],
    language: Language,
) -> Response:
    """List who belongs to working groups, commissions and authorities, and as what; public.

    `as_of` shows the members of a day, `possible` where the dates of the source leave it open.
    """
    found = await queries.list_memberships(connection, page, wanted)
    items = [_present(row, frame, language) for row in found.items]
    shown = _LIST.validate_python(Found(items, found.page))
    return answer(request, _LIST, shown, cache=PUBLIC)


def _present(row: Record, frame: Frame, language: str) -> MembershipOut:
    return MembershipOut(
        id=row.id,
        body=BodyOut(code=row.body, **labelled(row.body_names, language)),
        member=_member(row, frame, language),
        function=row.function,
        since=row.since,
        until=row.until,
        attested_on=row.attested_on,
        certainty=row.certainty,
        is_synthetic=row.is_synthetic,
        version=row.version,
        source=row.source,
        locator=row.locator,
    )


def _member(row: Record, frame: Frame, language: str) -> MemberOut:
    if row.holder is not None:
        return MemberOut(kind="holder", code=row.holder, label=row.holder_name, label_language=None)
    if row.municipality is not None:
        named = labelled(frame.names_of(row.municipality), language)
        return MemberOut(kind="municipality", code=row.municipality, **named)
    named = labelled(row.institution_names, language)
    return MemberOut(kind="institution", code=row.institution, **named)
