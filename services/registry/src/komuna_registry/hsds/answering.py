"""How answers of HSDS are put together: rows of one page, loaded at once, then shown."""

from collections.abc import Sequence
from math import ceil
from typing import Annotated, Any

from fastapi import Depends, Request, Response
from sqlalchemy.ext.asyncio import AsyncConnection

from komuna_registry.clock import today
from komuna_registry.directory.details import Whole, load_institution_channels, load_whole
from komuna_registry.municipalities.frame import CurrentFrame
from komuna_shared.answers import JSON, PRIVATE, PUBLIC, Language, answer_bytes
from komuna_shared.database import Reader, Record

from . import queries
from .filters import OrganizationsIn, PagesIn
from .locations import find_place, show_place, show_places
from .organizations import show_organization
from .schemas import HsdsOrganizationOut, HsdsPageOut, HsdsPlaceOut, HsdsServiceOut
from .showing import Setting, everything_of, show_service


async def read_setting(
    request: Request, connection: Reader, frame: CurrentFrame, language: Language
) -> Setting:
    """Return for whom and on which day things are shown."""
    regions = await queries.load_region_names(connection)
    return Setting(language, today(), request.app.state.base_url, frame, regions)


Showing = Annotated[Setting, Depends(read_setting)]


async def show_services(
    connection: AsyncConnection, rows: Sequence[Record], setting: Setting, *, is_full: bool
) -> list[HsdsServiceOut]:
    """Return services, in their order."""
    whole = await load_whole(connection, rows)
    institutions = await _show_institutions(connection, whole, setting, is_full=is_full)
    return [
        show_in_full(one, institutions, setting)
        if is_full
        else show_service(one, institutions[one.said.row.institution], setting)
        for one in whole
    ]


def show_in_full(
    whole: Whole, institutions: dict[str, HsdsOrganizationOut], setting: Setting
) -> HsdsServiceOut:
    """Return a service with everything that belongs to it."""
    shown = show_service(whole, institutions[whole.said.row.institution], setting)
    places = show_places(whole, setting)
    return shown.model_copy(
        update={**everything_of(whole, setting), "service_at_locations": places}
    )


async def show_places_of(
    connection: AsyncConnection,
    links: Sequence[Record],
    services: Sequence[Record],
    setting: Setting,
    *,
    is_full: bool,
) -> list[HsdsPlaceOut]:
    """Return services at places, each with its service."""
    whole = {one.said.row.code: one for one in await load_whole(connection, services)}
    institutions = await _show_institutions(
        connection, list(whole.values()), setting, is_full=False
    )
    shown = []
    for link in links:
        one = whole[link.service]
        place = find_place(one.places, link.location)
        at_place = show_place(one, place, setting, is_full=is_full)
        at_place.service = show_service(one, institutions[one.said.row.institution], setting)
        shown.append(at_place)
    return shown


async def show_organizations(
    connection: AsyncConnection,
    rows: Sequence[Record],
    asked: OrganizationsIn,
    audiences: queries.Audiences,
    setting: Setting,
) -> list[HsdsOrganizationOut]:
    """Return institutions; in full each with those of its services that the caller may know of."""
    codes = [row.code for row in rows]
    channels = await load_institution_channels(connection, codes)
    shown = [
        show_organization(row, channels[row.code], setting.language, is_full=asked.full)
        for row in rows
    ]
    if not asked.full:
        return shown
    services = await queries.load_services_of(connection, codes, audiences)
    offered = await show_services(connection, services, setting, is_full=asked.full_service)
    for one in shown:
        own = [service for service in offered if service.organization_id == one.id]
        one.services = [service.model_copy(update={"organization": None}) for service in own]
    return shown


async def _show_institutions(
    connection: AsyncConnection, whole: Sequence[Whole], setting: Setting, *, is_full: bool
) -> dict[str, HsdsOrganizationOut]:
    channels = {one.said.row.institution: one.institution_channels for one in whole}
    rows = await queries.load_institutions(connection, channels)
    return {
        code: show_organization(row, channels[code], setting.language, is_full=is_full)
        for code, row in rows.items()
    }


def page_of(contents: Sequence[Any], total: int, pages: PagesIn) -> HsdsPageOut[Any]:
    """Return one page in the shape of HSDS."""
    count = ceil(total / pages.per_page)
    return HsdsPageOut[Any](
        total_items=total,
        total_pages=count,
        page_number=pages.page,
        size=len(contents),
        first_page=pages.page == 1,
        last_page=pages.page >= count,
        empty=not contents,
        contents=list(contents),
    )


def answer_hsds(request: Request, shown: Any) -> Response:
    """Return what HSDS asks for, without the fields of which nothing is known."""
    body = shown.model_dump_json(exclude_none=True).encode()
    # Only what everybody would get may wait in a cache that others share.
    cache = PUBLIC if request.scope["state"]["principal"] is None else PRIVATE
    return answer_bytes(request, body, media_type=JSON, cache=cache)
