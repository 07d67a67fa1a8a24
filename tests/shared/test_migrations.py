"""Migrations by the command an operator runs, on the roles an operator has."""

import asyncio

import asyncpg
import pytest

from tests.databases import Server, ServiceDatabase, database_fixture

PACKAGE = "tests.shared.notes"

bare = database_fixture("notes", None)


class TestMigrate:
    def test_goes_up_and_down_and_up_again(self, bare: ServiceDatabase) -> None:
        for action in ("upgrade", "downgrade", "upgrade"):
            bare.migrate(PACKAGE, action)

        assert "No new upgrade operations" in bare.migrate(PACKAGE, "check").stdout

    def test_finds_a_forgotten_change(self, notes: ServiceDatabase, postgres: Server) -> None:
        postgres.execute("alter table notes.note drop column size", notes.room.database)

        with pytest.raises(RuntimeError, match="add_column"):
            notes.migrate(PACKAGE, "check")

    def test_gives_up_on_a_lock_rather_than_queue_everybody(self, notes: ServiceDatabase) -> None:
        async def blocked() -> None:
            holder = await asyncpg.connect(notes.admin)
            await holder.execute("begin; lock table notes.note in access exclusive mode")
            try:
                with pytest.raises(RuntimeError, match="LockNotAvailable"):
                    notes.migrate(PACKAGE, "downgrade")
            finally:
                await holder.close()

        with asyncio.Runner() as runner:
            runner.run(blocked())


class TestSharedTables:
    async def test_belong_to_the_owner_alone(self, notes: ServiceDatabase) -> None:
        owners = await notes.fetch(
            "select distinct tableowner from pg_tables where schemaname = 'notes'"
        )

        assert [row["tableowner"] for row in owners] == ["notes_owner"]

    async def test_are_used_but_not_changed_by_the_service(self, notes: ServiceDatabase) -> None:
        for statement in ("create table x ()", "truncate outbox", "alter table note add x int"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await notes.fetch(statement)

    async def test_announce_jobs_on_a_channel_of_the_service(self, notes: ServiceDatabase) -> None:
        [row] = await notes.fetch(
            "select prosrc from pg_proc where proname = 'fn_pgqueuer_changed'"
        )

        assert "'ch_notes_jobs'" in row["prosrc"]
        assert "{service}" not in row["prosrc"]
