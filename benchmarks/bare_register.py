"""The peer of row 20: the same SQL for the same questions, with nothing around asyncpg."""

import os
from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any
from urllib.parse import parse_qs

import asyncpg
import orjson
from starlette.types import Receive, Scope, Send

from komuna_registry.naming import normalise

Asked = dict[str, list[str]]

_COVERAGE = (
    "select * from mechanism_kind where code = $1",
    (
        "select * from mechanism_statement where kind = $1 and valid_from <= $2"
        " and (valid_until is null or valid_until > $2) order by municipality, aspect, holds desc,"
        " source"
    ),
    (
        "select s.*, m.municipality, s.certain @> $2::date and m.certain @> $2::date as is_certain"
        " from mechanism_state s join mechanism n on n.code = s.mechanism"
        " join mechanism_municipality m on m.mechanism = n.code"
        " where n.kind = $1 and not n.is_synthetic"
        " and s.possible @> $2::date and m.possible @> $2::date"
        " order by m.municipality, s.mechanism, s.id"
    ),
    "select * from mechanism_publication where kind = $1 order by period, indicator",
    (
        "select slug, n.language, n.text from municipality join municipality_name n"
        " on n.municipality = slug where certain @> $1::date order by slug"
    ),
    "select * from source where code = any($1)",
)
_PUBLISHED = """
    select k.code, p.indicator, p.period, p.source, p.locator from office_kind k
    left join office_publication p on p.kind = k.code
    where k.code = any($1) order by 1, 3, 2
"""
_COUNTS = """
    with seat as (
        select o.code, o.municipality, o.seats from office o
        left join municipality m on m.slug = o.municipality
        where o.kind = any($1) and (o.municipality is null or m.certain @> $2::date)
    ), held as (
        select t.office, t.seat, h.sex, seat.municipality, t.certain @> $2::date as is_certain,
            bool_or(t.certain @> $2::date) over (partition by t.office, t.seat) as is_held
        from seat join tenure t on t.office = seat.code join holder h on h.code = t.holder
        join source s on s.code = t.source
        where t.possible @> $2::date and t.seat <= seat.seats and s.standing <> 'synthetic'
    ), groups as (
        select sex, municipality, count(*) filter (where is_certain) as held_count,
            count(*) filter (where not is_held) as possible_count
        from held where is_certain or not is_held group by 1, 2
    ), totals as (
        select (select sum(seats) from seat) as seats,
            (select count(distinct (office, seat)) from held where not is_held) as possible_seats
    )
    select totals.*, groups.* from totals left join groups on true
    order by sex nulls last, municipality nulls last
"""
_SPELLINGS = """
    select municipality, text from municipality_name
    union all select municipality, text from municipality_alias
    where lower(certain) is null and upper(certain) is null
"""
_LABELS = "select municipality, text from municipality_name where language = $1 and form = $2"


class _Register:
    """A raw ASGI application that answers three questions about the register."""

    def __init__(self) -> None:
        self._pool: Any = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        answers: dict[str, Callable[[Asked, Receive], Awaitable[dict[str, Any]]]] = {
            "/coverage": self._coverage,
            "/counts": self._counts,
            "/resolve": self._resolve,
        }
        asked = parse_qs(scope["query_string"].decode())
        told = await answers[scope["path"]](asked, receive)
        body = orjson.dumps(told, default=str)
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode()),
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _coverage(self, asked: Asked, _: Receive) -> dict[str, Any]:
        kind, day = asked["kind"][0], date.fromisoformat(asked["as_of"][0])
        async with self._pool.acquire() as connection:
            kinds = await connection.fetch(_COVERAGE[0], kind)
            general = await connection.fetch(_COVERAGE[1], kind, day)
            single = await connection.fetch(_COVERAGE[2], kind, day)
            published = await connection.fetch(_COVERAGE[3], kind)
            existing = await connection.fetch(_COVERAGE[4], day)
            cited = {row["source"] for row in (*general, *single, *published)}
            sources = await connection.fetch(_COVERAGE[5], sorted(cited))
        told = (kinds, general, single, published, existing, sources)
        return {str(place): [dict(row) for row in rows] for place, rows in enumerate(told)}

    async def _counts(self, asked: Asked, _: Receive) -> dict[str, Any]:
        day = date.fromisoformat(asked["as_of"][0])
        async with self._pool.acquire() as connection:
            published = await connection.fetch(_PUBLISHED, asked["kind"])
            rows = await connection.fetch(_COUNTS, asked["kind"], day)
        return {
            "seat_count": rows[0]["seats"],
            "items": [
                {
                    "sex": row["sex"],
                    "municipality": row["municipality"],
                    "count": row["held_count"],
                }
                for row in rows
            ],
            "published": [dict(row) for row in published],
        }

    async def _resolve(self, _: Asked, receive: Receive) -> dict[str, Any]:
        body, is_more = b"", True
        while is_more:
            message = await receive()
            body, is_more = body + message.get("body", b""), message.get("more_body", False)
        async with self._pool.acquire() as connection:
            spellings = await connection.fetch(_SPELLINGS)
            labels = dict(await connection.fetch(_LABELS, "en", "indefinite"))
        known = {normalise(row["text"]): row["municipality"] for row in spellings}
        items = []
        for name in orjson.loads(body)["names"]:
            slug = known.get(normalise(name))
            items.append({"status": "matched", "slug": slug, "label": labels.get(slug or "")})
        return {"items": items}

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        address = os.environ["BARE_DSN"]
        self._pool = await asyncpg.create_pool(address, min_size=10, max_size=10)
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self._pool.close()
        await send({"type": "lifespan.shutdown.complete"})


def create_app() -> _Register:
    """Return what the server runs."""
    return _Register()
