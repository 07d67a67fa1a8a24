"""A service that asks Postgres directly, as one whose every check was taken out would."""

import hmac
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import asyncpg

from komuna_deploy.postgres import tickets
from komuna_shared.testing import ISSUER
from tests.databases import TICKET_KEY, ServiceDatabase

ENTER = "select ctx.enter($1, $2, $3, $4)"
SUBJECT = "persona:social_worker"
Ticket = tuple[str, bytes, str, str]


def claims(**changes: Any) -> dict[str, Any]:
    """Return what a good ticket says, and what is changed in it."""
    said = {
        "kid": tickets.kid(TICKET_KEY),
        "iss": ISSUER,
        "sub": SUBJECT,
        "aud": "referrals",
        "jti": uuid4().hex,
        "inst": None,
        "purpose": "assistance",
        "exp": int(time.time()) + 3600,
    }
    return said | changes


def ticket(*, key: str = TICKET_KEY, sub: str = SUBJECT, **changes: Any) -> Ticket:
    """Return the arguments with which a service hands a signed ticket over."""
    said = json.dumps(claims(sub=sub) | changes)
    return said, hmac.digest(key.encode(), said.encode(), "sha256"), ISSUER, sub


@asynccontextmanager
async def as_role(
    database: ServiceDatabase, role: str = "referrals_app"
) -> AsyncIterator[asyncpg.Connection]:
    """Connect with the login of a role."""
    connection = await asyncpg.connect(database.plain(role))
    try:
        yield connection
    finally:
        await connection.close()


@asynccontextmanager
async def entered(
    database: ServiceDatabase, *given: Any, **options: Any
) -> AsyncIterator[asyncpg.Connection]:
    """Open a transaction of the service in which a ticket was taken."""
    async with as_role(database) as connection, connection.transaction(**options):
        await connection.execute(ENTER, *(given or ticket()))
        yield connection


async def seen(connection: asyncpg.Connection) -> set[Any]:
    """Return every case that a statement without any condition shows."""
    return {row["id"] for row in await connection.fetch("select id from case_record")}
