"""Everything that somebody could look at to learn of a service that they may not know of."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg
from httpx import AsyncClient, Response
from sqlalchemy import select

from komuna_registry.directory.details import load_whole
from komuna_registry.directory.models import Service
from komuna_registry.directory.rules import Audience
from komuna_registry.directory.telling import as_change
from komuna_registry.hsds.identifiers import identify
from komuna_shared.changes import publish_all
from tests.databases import ServiceDatabase
from tests.registry.conftest import Headers

CANARY = "zebrastripes"
HIDDEN = "(select code from service where audience = 'nrm_member' or code like 'hidden-%')"
PARTS = (
    *("service_license", "service_language", "service_eligibility", "service_area"),
    *("service_schedule", "service_channel", "service_cost", "service_text", "service_capacity"),
    "service_at_location",
)
_UUID = re.compile(rb"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_SERVICE = """
insert into service (code, is_confidential, institution, type, audience, status, is_synthetic,
    names, certain, possible, valid_from, source, locator)
values ($1, $2, $3, $4, $5, 'active', true, '{"en": "Hidden"}', '[2026-01-01,)', '[2026-01-01,)',
    '2026-01-01', 'demonstration', 'record')
"""
_AREA = """
insert into service_area (service, is_confidential, region, source, locator)
values ($1, $2, $3, 'demonstration', 'record')
"""
_LANGUAGE = """
insert into service_language (service, language, source, locator)
values ($1, $2, 'demonstration', 'record')
"""
_COST = """
insert into service_cost (service, is_confidential, option, source, locator)
values ($1, $2, 'free', 'demonstration', 'record')
"""
_LICENCE = """
insert into service_license (service, number, issuer, valid_from, source, locator)
values ($1, 'N', 'mlsw', '2026-01-01', 'demonstration', 'record')
"""
_PLACE = """
insert into service_at_location (service, is_confidential, location, source, locator)
values ($1, false, 'demo-legal-aid-office', 'demonstration', 'record')
"""
_CHANNEL = """
insert into service_channel (service, is_confidential, kind, value, source, locator)
values ($1, false, 'email', $2, 'demonstration', 'record')
"""
_TEXT = """
insert into service_text (service, is_confidential, kind, language, text, source, locator)
values ($1, false, 'description', 'en', $2, 'demonstration', 'record')
"""
_CAPACITY = """
insert into service_capacity (service, is_confidential, unit, amount, stated_on, source, locator)
values ($1, false, 'places', 7777, '2026-01-01', 'demonstration', 'record')
"""


@dataclass(frozen=True, slots=True)
class Ask:
    """One request; a body makes it a POST."""

    path: str
    query: tuple[tuple[str, str], ...] = ()
    body: str | None = None

    async def of(self, client: AsyncClient, headers: Headers) -> Response:
        """Ask it."""
        if self.body is None:
            return await client.get(self.path, params=dict(self.query), headers=headers)
        sent = {**headers, "Content-Type": "application/json"}
        return await client.post(self.path, content=self.body, headers=sent)


def looks(
    hidden: Sequence[Mapping[str, Any]],
    native: Mapping[str, Any],
    hsds: Mapping[str, Any],
    search: Mapping[str, Any],
) -> Iterator[Ask]:
    """Yield lists, filters, sorts, searches, exports, histories, single things and errors."""
    body = json_of(search)
    yield Ask("/v1/directory/services", _query(native))
    yield Ask("/v1/directory/services/vaao-legal-aid")
    yield Ask("/v1/directory/services/vaao-legal-aid/history")
    yield Ask("/v1/hsds/services", _query(hsds))
    yield Ask("/v1/hsds/services", (("minimal", "true"),))
    yield Ask("/v1/hsds/services", body=body)
    yield Ask("/v1/hsds/organizations", (("full", "true"), ("full_service", "true")))
    yield Ask("/v1/hsds/service_at_locations", _query(hsds))
    yield Ask("/v1/hsds/service_at_locations", body=json_of({**search, "minimal": None}))
    yield Ask("/v1/sources/demonstration")
    for dataset in ("services", "locations"):
        yield Ask("/v1/exports", body=json_of({"dataset": dataset}))
    for one in hidden:
        institution = one["institution"]
        yield Ask(f"/v1/directory/services/{one['code']}")
        yield Ask(f"/v1/directory/services/{one['code']}/history")
        yield Ask(f"/v1/hsds/services/{identify('service', one['code'])}")
        yield Ask(f"/v1/hsds/organizations/{identify('institution', institution)}")
        yield Ask(f"/v1/institutions/{institution}")
        yield Ask(f"/v1/institutions/{institution}/history")


def json_of(fields: Mapping[str, Any]) -> str:
    """Return a body in JSON, without what is None."""
    return json.dumps({name: value for name, value in fields.items() if value is not None})


def _query(fields: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple((name, str(value)) for name, value in fields.items())


def told(answer: Response) -> tuple[int, bytes, dict[str, str]]:
    """Return everything of an answer but the number of the request."""
    headers = {name: value for name, value in answer.headers.items() if name != "request-id"}
    return answer.status_code, _UUID.sub(b"id", answer.content), headers


async def read_all(client: AsyncClient, headers: Headers) -> list[Any]:
    """Read the whole feed: every entry, and how many stood on each page."""
    found: list[Any] = []
    query = {"limit": "200"}
    while True:
        page = (await client.get("/v1/changes", params=query, headers=headers)).json()
        if not page["items"]:
            return found
        found += page["items"]
        query["since"] = page["page"]["next_cursor"]


async def clear(database: ServiceDatabase) -> None:
    """Remove what only members may know of, and whatever was hidden."""
    gone = [f"delete from {part} where service in {HIDDEN}" for part in PARTS]  # noqa: S608
    gone.append(f"delete from service where code in {HIDDEN}")  # noqa: S608
    await execute(database, *((statement,) for statement in gone))


async def hide(database: ServiceDatabase, audience: Audience, one: Mapping[str, Any]) -> None:
    """Put in a service for an audience, with all that such a one may have."""
    code, flagged = one["code"], (one["code"], one["is_confidential"])
    made = [
        (_SERVICE, *flagged, one["institution"], one["type"].value, audience.value),
        (_AREA, *flagged, one["region"]),
        (_LANGUAGE, code, one["language"]),
        (_COST, *flagged),
    ]
    if one["licence"]:
        made.append((_LICENCE, code))
    if not one["is_confidential"]:
        # At a place that others share, with words that nobody else says.
        made += [
            (_PLACE, code),
            (_CHANNEL, code, f"{CANARY}@hidden.example"),
            (_TEXT, code, f"hidden {CANARY}"),
            (_CAPACITY, code),
        ]
    await execute(database, *made)


async def execute(database: ServiceDatabase, *statements: tuple[Any, ...]) -> None:
    """Execute statements, each with its values, as the service's own role."""
    connection = await asyncpg.connect(database.url.replace("+asyncpg", ""))
    try:
        for statement, *values in statements:
            await connection.execute(statement, *values)
    finally:
        await connection.close()


async def announce(database: ServiceDatabase, code: str) -> None:
    """Tell the feed of a service, as whatever writes one does."""
    async with database.opened() as opened, opened.session() as session:
        rows = await session.execute(select(Service.__table__).where(Service.code == code))
        whole = await load_whole(session, rows.all())
        await publish_all(session, [as_change(one) for one in whole])
