"""The tables that the migrations make are those of the models, and they can be taken back."""

from collections.abc import Iterator

import pytest

from tests.databases import Server, ServiceDatabase

PACKAGE = "komuna_registry"


@pytest.fixture
def bare(postgres: Server) -> Iterator[ServiceDatabase]:
    copy = postgres.copy("registry", PACKAGE)
    yield copy
    postgres.drop(copy.room.database)


def test_models_and_migrations_agree(bare: ServiceDatabase) -> None:
    assert "No new upgrade operations" in bare.migrate(PACKAGE, "check").stdout


async def test_can_be_taken_back_and_made_again(bare: ServiceDatabase) -> None:
    bare.migrate(PACKAGE, "downgrade")
    left = await bare.fetch("select tablename from pg_tables where schemaname = 'registry'")
    assert [row["tablename"] for row in left] == ["alembic_version"]
    functions = await bare.fetch(
        "select proname from pg_proc join pg_namespace n on n.oid = pronamespace"
        " where nspname = 'registry'"
    )
    assert functions == []

    bare.migrate(PACKAGE)
