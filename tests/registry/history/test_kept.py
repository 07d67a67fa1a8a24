"""No table of the register changes without a trace, and no trace changes at all."""

import asyncpg
import pytest

from komuna_registry.kept import KEPT, NOT_KEPT, Kept
from komuna_registry.tables import Base
from tests.databases import ServiceDatabase

_TRIGGERS = """
select tgrelid::regclass::text as name, encode(tgargs, 'escape') as said
from pg_trigger where tgfoid = 'note_change'::regproc and tgenabled = 'O'
"""
_CHANGES = (
    "update record_change set via = 'nobody'",
    "delete from record_change",
    "truncate record_change",
    "insert into record_change values (default, 'source', 's0', 'source', 'insert')",
)


async def test_every_table_keeps_its_history_as_its_list_says(empty: ServiceDatabase) -> None:
    rows = await empty.fetch(_TRIGGERS)
    said = {Kept(row["name"], *row["said"].split("\\000")[:2]) for row in rows}

    assert said == set(KEPT)


def test_no_table_is_forgotten() -> None:
    kept = {one.table for one in KEPT}

    assert kept | NOT_KEPT == set(Base.metadata.tables)
    assert not kept & NOT_KEPT


@pytest.mark.parametrize("statement", _CHANGES)
async def test_the_service_cannot_change_what_was(
    read_only: ServiceDatabase, statement: str
) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await read_only.fetch(statement)


@pytest.mark.parametrize("statement", _CHANGES[:3])
async def test_nor_can_the_owner(read_only: ServiceDatabase, statement: str) -> None:
    connection = await asyncpg.connect(read_only.migrate_url.replace("+asyncpg", ""))
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="append-only"):
            await connection.execute(statement)
    finally:
        await connection.close()
