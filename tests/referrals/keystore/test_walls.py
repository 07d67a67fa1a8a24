"""What the keystore itself refuses the service, whatever the service asks."""

from uuid import UUID, uuid4

import asyncpg
import pytest

from tests.databases import ServiceDatabase

INSTITUTION = "insert into institution_key (institution, version, wrapped) values ($1, $2, $3)"
DATA = "insert into data_key (id, case_id, field_class) values ($1, $2, $3)"
WRAPPED = (
    "insert into wrapped_key (key_id, institution, kek_version, wrapped) values ($1, $2, $3, $4)"
)
WRAP = bytes(62)


async def plant(keystore: ServiceDatabase) -> UUID:
    key = uuid4()
    await keystore.fetch(INSTITUTION, "thbd", 1, WRAP)
    await keystore.fetch(DATA, key, uuid4(), "A")
    await keystore.fetch(WRAPPED, key, "thbd", 1, WRAP)
    return key


class TestKeys:
    async def test_are_added_read_and_destroyed(self, keystore: ServiceDatabase) -> None:
        key = await plant(keystore)

        rows = await keystore.fetch("select key_id from wrapped_key")
        assert [row["key_id"] for row in rows] == [key]
        await keystore.fetch("delete from data_key where id = $1", key)
        assert await keystore.fetch("select key_id from wrapped_key") == []

    @pytest.mark.parametrize("table", ["wrapped_key", "data_key", "institution_key"])
    @pytest.mark.parametrize(
        "statement",
        [
            "update {} set created_at = created_at",
            "truncate {} cascade",
            "alter table {} add column name text",
            "create trigger t before insert on {} execute function nothing()",
            "create temp table copied as select * from {}",
        ],
    )
    async def test_are_changed_by_nobody(
        self, keystore: ServiceDatabase, table: str, statement: str
    ) -> None:
        with pytest.raises((asyncpg.InsufficientPrivilegeError, asyncpg.UndefinedFunctionError)):
            await keystore.fetch(statement.format(table))

    @pytest.mark.parametrize(
        "statement",
        [
            "create table copied (id int)",
            "select * from alembic_version",
            "set role keystore_referrals_owner",
        ],
    )
    async def test_are_all_there_is(self, keystore: ServiceDatabase, statement: str) -> None:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await keystore.fetch(statement)

    async def test_exist_for_encrypted_classes_only(self, keystore: ServiceDatabase) -> None:
        with pytest.raises(asyncpg.CheckViolationError):
            await keystore.fetch(DATA, uuid4(), uuid4(), "F")

    async def test_are_one_for_a_case_and_class(self, keystore: ServiceDatabase) -> None:
        case = uuid4()
        await keystore.fetch(DATA, uuid4(), case, "A")
        with pytest.raises(asyncpg.UniqueViolationError):
            await keystore.fetch(DATA, uuid4(), case, "A")

    async def test_are_never_bare(self, keystore: ServiceDatabase) -> None:
        with pytest.raises(asyncpg.CheckViolationError):
            await keystore.fetch(INSTITUTION, "thbd", 1, bytes(16))

    async def test_of_an_institution_stay_while_they_wrap(self, keystore: ServiceDatabase) -> None:
        await plant(keystore)
        with pytest.raises(asyncpg.ForeignKeyViolationError):
            await keystore.fetch("delete from institution_key")

    async def test_of_a_case_that_is_gone_are_not_wrapped(self, keystore: ServiceDatabase) -> None:
        await keystore.fetch(INSTITUTION, "thbd", 1, WRAP)
        with pytest.raises(asyncpg.ForeignKeyViolationError):
            await keystore.fetch(WRAPPED, uuid4(), "thbd", 1, WRAP)


class TestMigrations:
    async def test_destroy_no_key_on_the_way_back(self, keystore: ServiceDatabase) -> None:
        await plant(keystore)

        with pytest.raises(RuntimeError, match="holds keys"):
            keystore.migrate("komuna_referrals.keystore", "downgrade")

        assert await keystore.fetch("select key_id from wrapped_key")
