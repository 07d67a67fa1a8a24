"""HTTP for services, their organizations and their places in the shapes of HSDS 3.0."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from sqlalchemy.ext.asyncio import AsyncConnection

from komuna_registry.directory.audiences import SCOPE, Onlooker
from komuna_shared.database import Reader
from komuna_shared.parameters import query

from . import queries
from .answering import (
    Showing,
    answer_hsds,
    page_of,
    show_organizations,
    show_places_of,
    show_services,
)
from .filters import (
    MAX_PER_PAGE,
    NarrowedIn,
    OrganizationsIn,
    PagesIn,
    PlaceSearchIn,
    ServiceSearchIn,
    ServicesIn,
)
from .schemas import (
    HsdsOrganizationOut,
    HsdsPageOut,
    HsdsPlaceOut,
    HsdsServiceOut,
    HsdsStampOut,
)
from .showing import Setting

router = APIRouter(prefix="/v1/hsds", tags=["hsds"], redirect_slashes=False)

# Without a token what is public; with one, more.
_MORE: dict[str, Any] = {"security": [{}, {"bearer": [SCOPE]}]}
_BAD_TOKEN: dict[int | str, dict[str, Any]] = {401: {"description": "The token is not valid."}}
_TIERED: dict[str, Any] = {"openapi_extra": _MORE, "responses": _BAD_TOKEN}
_ALL = 10_000
Services = HsdsPageOut[HsdsServiceOut] | HsdsPageOut[HsdsStampOut]


@router.get("/services", response_model=Services, **_TIERED)
async def list_hsds_services(
    request: Request,
    connection: Reader,
    asked: Annotated[ServicesIn, query(ServicesIn)],
    onlooker: Onlooker,
    setting: Showing,
) -> Response:
    """List the services of today that you may know of; filters add up. Public.

    With the scope `registry.directory.read` and a role, also what is for registered institutions,
    and for members of the referral mechanism. Words to search for come by POST.
    """
    return await _services(request, connection, asked, onlooker, setting)


@router.post("/services", response_model=Services, **_TIERED)
async def list_hsds_services_for(
    request: Request,
    connection: Reader,
    asked: ServiceSearchIn,
    onlooker: Onlooker,
    setting: Showing,
) -> Response:
    """List the services that fit what somebody looks for, in a body and in no URL. Public.

    Takes all filters of the list, and words, where somebody lives, a language, an age. Nothing of
    the request is stored. With the scope `registry.directory.read`, also
    what is for fewer readers.
    """
    return await _services(request, connection, asked, onlooker, setting)


@router.get("/services/{id}", response_model=HsdsServiceOut, **_TIERED)
async def get_hsds_service(
    request: Request,
    connection: Reader,
    id: UUID,  # noqa: A002  The word of HSDS.
    onlooker: Onlooker,
    setting: Showing,
) -> Response:
    """Show one service with everything that belongs to it. Public.

    One that you may not know of does not exist; a confidential one has no place. With the scope
    `registry.directory.read`, also what is for fewer readers.
    """
    row = await queries.get_service(connection, id, onlooker)
    [shown] = await show_services(connection, [row], setting, is_full=True)
    return answer_hsds(request, shown)


@router.get("/organizations", response_model=HsdsPageOut[HsdsOrganizationOut], **_TIERED)
async def list_hsds_organizations(
    request: Request,
    connection: Reader,
    asked: Annotated[OrganizationsIn, query(OrganizationsIn)],
    onlooker: Onlooker,
    setting: Showing,
) -> Response:
    """List the institutions that offer a service you may know of. Public.

    With the scope `registry.directory.read`, also what is for fewer readers.
    """
    total, rows = await queries.list_organizations(connection, asked, onlooker)
    shown = await show_organizations(connection, rows, asked, onlooker, setting)
    return answer_hsds(request, page_of(shown, total, asked))


@router.get("/organizations/{id}", response_model=HsdsOrganizationOut, **_TIERED)
async def get_hsds_organization(
    request: Request,
    connection: Reader,
    id: UUID,  # noqa: A002
    onlooker: Onlooker,
    setting: Showing,
    full_service: bool = False,  # noqa: FBT001, FBT002  A parameter of the query.
) -> Response:
    """Show one institution that offers a service you may know of, with such services. Public.

    With the scope `registry.directory.read`, also what is for fewer readers.
    """
    row = await queries.get_organization(connection, id, onlooker)
    asked = OrganizationsIn(full=True, full_service=full_service)
    [shown] = await show_organizations(connection, [row], asked, onlooker, setting)
    return answer_hsds(request, shown)


@router.get("/service_at_locations", response_model=HsdsPageOut[HsdsPlaceOut], **_TIERED)
async def list_hsds_service_at_locations(
    request: Request,
    connection: Reader,
    asked: Annotated[NarrowedIn, query(NarrowedIn)],
    onlooker: Onlooker,
    setting: Showing,
) -> Response:
    """List at which places the services are given that you may know of; filters add up. Public.

    A confidential service is at no place. With the scope `registry.directory.read`, also what is
    for fewer readers.
    """
    return await _places(request, connection, asked, onlooker, setting)


@router.post("/service_at_locations", response_model=HsdsPageOut[HsdsPlaceOut], **_TIERED)
async def list_hsds_service_at_locations_for(
    request: Request,
    connection: Reader,
    asked: PlaceSearchIn,
    onlooker: Onlooker,
    setting: Showing,
) -> Response:
    """List the places of services that fit what somebody looks for. Public.

    Nothing of the request is stored. With the scope `registry.directory.read`, also
    what is for fewer readers.
    """
    return await _places(request, connection, asked, onlooker, setting)


@router.get("/service_at_locations/{id}", response_model=HsdsPlaceOut, **_TIERED)
async def get_hsds_service_at_location(
    request: Request,
    connection: Reader,
    id: UUID,  # noqa: A002
    onlooker: Onlooker,
    setting: Showing,
) -> Response:
    """Show one service at one place. Public.

    With the scope `registry.directory.read`, also what is for fewer readers.
    """
    link = await queries.get_place(connection, id, onlooker)
    services = await queries.load_services(connection, [link.service], onlooker)
    [shown] = await show_places_of(connection, [link], services, setting, is_full=True)
    return answer_hsds(request, shown)


async def _services(
    request: Request,
    connection: AsyncConnection,
    asked: ServicesIn | ServiceSearchIn,
    onlooker: queries.Audiences,
    setting: Setting,
) -> Response:
    limit = _ALL if asked.minimal else asked.per_page
    total, rows = await queries.list_services(connection, asked, onlooker, limit=limit)
    if not asked.minimal:
        shown = await show_services(connection, rows, setting, is_full=asked.full)
        return answer_hsds(request, page_of(shown, total, asked))
    stamps = [
        HsdsStampOut(id=row.public_id, last_modified=row.modified_at, modified_date=row.modified_at)
        for row in rows
    ]
    whole = PagesIn.model_construct(page=1, per_page=max(total, MAX_PER_PAGE))
    return answer_hsds(request, page_of(stamps, total, whole))


async def _places(
    request: Request,
    connection: AsyncConnection,
    asked: NarrowedIn | PlaceSearchIn,
    onlooker: queries.Audiences,
    setting: Setting,
) -> Response:
    total, links = await queries.list_places(connection, asked, onlooker)
    codes = {link.service for link in links}
    services = await queries.load_services(connection, codes, onlooker)
    shown = await show_places_of(connection, links, services, setting, is_full=asked.full)
    return answer_hsds(request, page_of(shown, total, asked))
