"""What the history tells of a row from its first entry on is the row as it stands."""

import json
from typing import Any

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from komuna_registry.kept import KEPT
from komuna_registry.tables import Base
from tests.databases import Server, ServiceDatabase
from tests.registry.conftest import copy_of

Row = dict[str, Any]
CODES = st.sampled_from(["a", "b", "c"])
NAMES = st.sampled_from(["One", "Two", "Ëndërr \u2028 '", ""])
WRITES = (
    """insert into region values ($1, 'replay', jsonb_build_object('en', $2::text), 1, 'x', 's0')
    on conflict (code) do update set names = excluded.names, version = region.version + 1""",
    """insert into municipality_region values ('viti', $1, $2, 's0') on conflict do nothing""",
    """update region set code = 'd', scheme = $2 where code = $1
    and not exists (select from municipality_region where region = $1)
    and not exists (select from region where code = 'd')""",
    """update municipality_region set locator = $2, municipality = 'prishtine'
    where region = $1""",
    """delete from municipality_region where region = $1 and locator <> $2""",
    """delete from region where code = $1 and scheme <> $2
    and not exists (select from municipality_region where region = $1)""",
    """update region set version = version where code = $1 and scheme <> $2""",
)
"""Writes as the service makes them, each in a transaction of its own."""
KEPT_OR_NOT = st.lists(
    st.tuples(st.sampled_from(WRITES), CODES, NAMES, st.booleans()), min_size=1, max_size=12
)


def replayed(entries: list[asyncpg.Record], keys: list[str]) -> dict[str, Row]:
    """Return the rows that these entries leave; each must begin where the one before ended."""
    rows: dict[str, Row] = {}

    def name(row: Row) -> str:
        return json.dumps([row[key] for key in keys])

    for one in entries:
        before, after = (json.loads(one[side] or "null") for side in ("before", "after"))
        assert (one["op"] == "insert") == (before is None)
        if before is not None:
            assert rows.pop(name(before)) == before
        if after is not None:
            assert name(after) not in rows
            rows[name(after)] = after
    return rows


async def compare(connection: asyncpg.Connection, table: str) -> int:
    """Compare what a table's history tells with what is there, and return the number of rows."""
    keys = [column.name for column in Base.metadata.tables[table].primary_key]
    entries = await connection.fetch(
        "select op, before::text, after::text from record_change where part = $1 order by id", table
    )
    stored = await connection.fetch(f"select to_jsonb(t)::text as row from {table} t")  # noqa: S608
    there = [json.loads(one["row"]) for one in stored]
    told = replayed(list(entries), keys)
    assert told == {json.dumps([row[key] for key in keys]): row for row in there}, table
    return len(there)


@pytest.fixture(scope="module")
def written(postgres: Server, loaded: ServiceDatabase) -> ServiceDatabase:
    return copy_of(postgres, loaded)


class TestReplay:
    async def test_gives_every_row_that_was_ever_loaded(self, read_only: ServiceDatabase) -> None:
        connection = await asyncpg.connect(read_only.url.replace("+asyncpg", ""))
        try:
            count = sum([await compare(connection, one.table) for one in KEPT])
        finally:
            await connection.close()

        assert count > 1000

    @settings(
        max_examples=25,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    @given(writes=KEPT_OR_NOT)
    async def test_gives_what_any_writes_left(
        self, written: ServiceDatabase, writes: list[tuple[str, str, str, bool]]
    ) -> None:
        connection = await asyncpg.connect(written.url.replace("+asyncpg", ""))
        try:
            for statement, code, text, is_kept in writes:
                transaction = connection.transaction()
                await transaction.start()
                try:
                    await connection.execute(statement, code, text)
                except asyncpg.IntegrityConstraintViolationError:
                    await transaction.rollback()
                    continue
                await (transaction.commit() if is_kept else transaction.rollback())
            for table in ("region", "municipality_region"):
                await compare(connection, table)
        finally:
            await connection.close()
