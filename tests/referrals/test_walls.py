"""What Postgres refuses the service, whatever the service asks."""

import asyncpg
import pytest

from tests.databases import ServiceDatabase, database_fixture
from tests.referrals.conftest import Plant, as_owner

keystore = database_fixture("keystore_referrals", "komuna_referrals.keystore")


class TestCaseRecord:
    async def test_shows_its_owner_what_it_hides_from_the_service(
        self, database: ServiceDatabase, plant_case: Plant
    ) -> None:
        await plant_case()

        assert await database.fetch("select id from case_record") == []
        async with as_owner(database) as owner:
            assert await owner.fetchval("select count(*) from case_record") == 1

    async def test_takes_nothing_from_the_service(self, database: ServiceDatabase) -> None:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await database.fetch("insert into case_record (institution) values ('police')")

    @pytest.mark.parametrize(
        "statement", ["update case_record set risk = 'low'", "delete from case_record"]
    )
    async def test_lets_the_service_change_no_row(
        self, database: ServiceDatabase, plant_case: Plant, statement: str
    ) -> None:
        case = await plant_case()

        await database.fetch(statement)

        async with as_owner(database) as owner:
            row = await owner.fetchrow("select id, risk from case_record")
            assert row is not None
            assert (row["id"], row["risk"]) == (case, "unassessed")

    @pytest.mark.parametrize(
        "statement",
        [
            "alter table case_record disable row level security",
            "alter table case_record no force row level security",
            "create policy mine on case_record using (true)",
            "drop policy owner on case_record",
            "set role referrals_owner",
            "truncate case_record",
        ],
    )
    async def test_cannot_be_opened_by_the_service(
        self, database: ServiceDatabase, statement: str
    ) -> None:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await database.fetch(statement)

    async def test_refuses_to_be_read_with_the_wall_switched_off(
        self, database: ServiceDatabase, plant_case: Plant
    ) -> None:
        await plant_case()
        connection = await asyncpg.connect(database.url.replace("+asyncpg", ""))
        try:
            await connection.execute("set row_security = off")
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.fetch("select id from case_record")
        finally:
            await connection.close()

    async def test_is_guarded_for_its_owner_too(self, database: ServiceDatabase) -> None:
        found = await database.fetch(
            "select relrowsecurity, relforcerowsecurity from pg_class "
            "where oid = 'case_record'::regclass"
        )

        assert tuple(found[0]) == (True, True)

    @pytest.mark.parametrize("column", ["record", "identification", "assistance", "risk"])
    async def test_knows_only_the_words_of_the_mechanism(
        self, plant_case: Plant, column: str
    ) -> None:
        with pytest.raises(asyncpg.CheckViolationError):
            await plant_case(**{column: "lost"})


class TestAuditEvent:
    @pytest.mark.parametrize(
        "statement",
        ["update audit_event set action = ''", "delete from audit_event", "truncate audit_event"],
    )
    async def test_cannot_be_changed_by_who_writes_it(
        self, database: ServiceDatabase, statement: str
    ) -> None:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await database.fetch(statement)


class TestRoles:
    async def test_of_the_data_may_not_enter_the_keystore(
        self, database: ServiceDatabase, keystore: ServiceDatabase
    ) -> None:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await self.enter(database, keystore)

    async def test_of_the_keystore_may_not_enter_the_data(
        self, database: ServiceDatabase, keystore: ServiceDatabase
    ) -> None:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await self.enter(keystore, database)

    async def enter(self, who: ServiceDatabase, where: ServiceDatabase) -> None:
        own = who.url.replace("+asyncpg", "")
        connection = await asyncpg.connect(own, database=where.room.database)
        await connection.close()


class TestMigrations:
    def test_describe_the_tables_that_the_code_maps(self, database: ServiceDatabase) -> None:
        database.migrate("komuna_referrals", "check")

    def test_describe_the_keystore_that_the_code_maps(self, keystore: ServiceDatabase) -> None:
        keystore.migrate("komuna_referrals.keystore", "check")

    def test_go_back_to_nothing(self, database: ServiceDatabase, keystore: ServiceDatabase) -> None:
        database.migrate("komuna_referrals", "downgrade")
        keystore.migrate("komuna_referrals.keystore", "downgrade")
