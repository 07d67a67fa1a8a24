"""The peer of row 8: the same list by hand, with nothing between uvicorn and asyncpg."""

import os
from datetime import date
from typing import Any
from urllib.parse import parse_qs

import asyncpg
import orjson
from starlette.types import Receive, Scope, Send

_STATEMENT = """
    select o.id, o.dataflow, o.indicator, o.municipality, o.breakdown, o.period_from, o.period_to,
        o.value::float8, o.status, o.reason, o.qualifier, o.unit, o.decimals,
        o.numerator::float8, o.denominator::float8, o.origin, o.source, o.document, o.fact,
        o.members, o.coverage_count, o.coverage_of, r.code as release
    from observation o join release r on r.id = o.release_id
    where o.indicator = $1 and o.valid_to = 'infinity'
    order by o.indicator, o.municipality, o.period_from, o.period_to, o.breakdown, o.origin,
        o.source
    limit $2
"""
_LIMIT = 50


class _List:
    """A raw ASGI application that answers with one list and knows one dataflow."""

    def __init__(self) -> None:
        self._pool: Any = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        asked = parse_qs(scope["query_string"].decode())
        rows = await self._pool.fetch(_STATEMENT, asked["indicator"][0], _LIMIT + 1)
        body = orjson.dumps({"items": [_item(row) for row in rows[:_LIMIT]]})
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode()),
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        address = os.environ["BARE_DSN"]
        self._pool = await asyncpg.create_pool(address, min_size=10, max_size=10)
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self._pool.close()
        await send({"type": "lifespan.shutdown.complete"})


def create_app() -> _List:
    """Return what the server runs."""
    return _List()


def _item(row: Any) -> dict[str, Any]:
    sex, community = row["breakdown"].split(".")
    starts, value, covered = row["period_from"], row["value"], row["coverage_count"]
    return {
        "id": str(row["id"]),
        "dataflow": row["dataflow"],
        "indicator": row["indicator"],
        "municipality": row["municipality"],
        "dimensions": {"sex": sex, "community": community},
        "key": f"{row['indicator']}.{row['municipality']}.{row['breakdown']}",
        "period": _month(starts),
        "period_starts_on": starts,
        "period_ends_before": row["period_to"],
        "value": int(value) if value is not None and value.is_integer() else value,
        "status": row["status"],
        "reason": row["reason"],
        "qualifier": row["qualifier"],
        "unit": row["unit"],
        "decimals": row["decimals"],
        "numerator": row["numerator"],
        "denominator": row["denominator"],
        "origin": row["origin"],
        "source": row["source"],
        "document": row["document"],
        "published_on": None,
        "fact": row["fact"],
        "members": row["members"],
        "note": None,
        "release": row["release"],
        "coverage": None if covered is None else {"count": covered, "of": row["coverage_of"]},
    }


def _month(day: date) -> str:
    return f"{day.year}-{day.month:02}"
