"""HTTP for the feed."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.ext.asyncio import AsyncConnection

from komuna_shared.access import Principal, public
from komuna_shared.database import Reader

from . import reading

LIMIT = 200
LoadAudiences = Callable[[AsyncConnection, Principal | None], Awaitable[frozenset[str]]]


class ChangeOut(BaseModel):
    """One change of the feed: the latest state of a thing, or that it is gone."""

    model_config = ConfigDict(from_attributes=True)

    op: Literal["upsert", "delete"]
    type: str = Field(examples=["municipality"])
    id: str = Field(examples=["prishtine"])
    version: int
    data: dict[str, Any] | None


class ChangesPage(BaseModel):
    """Where to go on from; fewer items than `limit` mean the end for now."""

    limit: int
    next_cursor: str


class ChangesOut(BaseModel):
    """One page of the feed."""

    items: list[ChangeOut]
    page: ChangesPage


def changes_router(load_audiences: LoadAudiences | None = None, *scopes: str) -> APIRouter:
    """Return the route of a feed; `load_audiences` adds to what tokens with `scopes` show alone."""
    router = APIRouter(tags=["changes"], redirect_slashes=False)
    more = {"security": [{}, *({"bearer": [scope]} for scope in scopes)]} if scopes else None
    refused: dict[int | str, dict[str, str]] = {410: {"description": "Too old; make a full copy."}}
    refused |= {401: {"description": "The token is not valid."}} if scopes else {}

    @router.get("/v1/changes", responses=refused, openapi_extra=more)
    async def list_changes(
        request: Request,
        response: Response,
        connection: Reader,
        principal: Annotated[Principal | None, public()],
        since: str | None = None,
        limit: Annotated[int, Query(ge=1)] = 50,
    ) -> ChangesOut:
        """List what changed since a cursor, in the order of commits; public, more by token."""
        audiences = reading.audiences_of(principal)
        if load_audiences is not None:
            audiences |= await load_audiences(connection, principal)
        key = request.app.state.settings.key("changes")
        limit = min(limit, LIMIT)
        start = reading.read_cursor(since, audiences, key) if since else reading.Position()
        items, end = await reading.list_changes(connection, start, audiences, limit)
        response.headers["Cache-Control"] = "no-store"
        return ChangesOut(
            items=[ChangeOut.model_validate(one) for one in items],
            page=ChangesPage(
                limit=limit,
                next_cursor=since
                if since and not items
                else reading.write_cursor(end, audiences, key),
            ),
        )

    return router
