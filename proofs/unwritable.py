"""Trails that take no row: forbidden, held by somebody else, or without room."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import asyncpg

_DIGEST = """
    select md5(coalesce(string_agg(md5(t::text), '' order by md5(t::text)), ''))
    from {schema}."{table}" t
"""

Fault = Callable[[str, str], AbstractAsyncContextManager[None]]


@asynccontextmanager
async def _opened(dsn: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute("set search_path = referrals")
        yield connection
    finally:
        await connection.close()


@asynccontextmanager
async def revoked(dsn: str, table: str) -> AsyncIterator[None]:
    """Take the right to add a row from whoever writes the trail."""
    async with _opened(dsn) as connection:
        writer = "referrals_app" if table == "audit_event" else "referrals_owner"
        await connection.execute(f"revoke insert on {table} from {writer}")
        yield
        await connection.execute(f"grant insert on {table} to {writer}")


@asynccontextmanager
async def locked(dsn: str, table: str) -> AsyncIterator[None]:
    """Hold the whole trail, as maintenance that somebody forgot would."""
    async with _opened(dsn) as connection, connection.transaction():
        await connection.execute(f"lock table {table} in access exclusive mode")
        yield


@asynccontextmanager
async def full(dsn: str, table: str) -> AsyncIterator[None]:
    """Let every row fail with what Postgres says of a disk without room."""
    async with _opened(dsn) as connection:
        await connection.execute(
            "create function no_room() returns trigger language plpgsql as "
            "$$ begin raise exception using errcode = '53100', message = 'no room'; end $$"
        )
        await connection.execute(
            f"create trigger no_room before insert on {table} execute function no_room()"
        )
        yield
        await connection.execute("drop function no_room() cascade")


async def fingerprint(dsn: str, schema: str, *, but: str = "") -> str:
    """Return what changes when any row of any table of a schema does, of all `but` one."""
    connection = await asyncpg.connect(dsn)
    try:
        tables = await connection.fetch(
            "select tablename from pg_tables where schemaname = $1 and tablename <> $2 order by 1",
            schema,
            but,
        )
        parts = [
            await connection.fetchval(_DIGEST.format(schema=schema, table=row["tablename"]))
            for row in tables
        ]
        return " ".join(parts)
    finally:
        await connection.close()
