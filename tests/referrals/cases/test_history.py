"""The history of a case: written by Postgres with every change, it adds up to what is stored."""

import json
from uuid import UUID

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from komuna_referrals.cases.rules import (
    Assistance,
    Identification,
    RecordState,
    Risk,
    replay,
)
from tests.databases import ServiceDatabase
from tests.referrals.attacks import ENTER, as_role, entered, ticket
from tests.referrals.conftest import Grant, Plant, as_owner

REGIONS = {
    "record": RecordState,
    "identification": Identification,
    "assistance": Assistance,
    "risk": Risk,
}
STEPS = some.lists(
    some.one_of(
        *(
            some.tuples(some.just(region), some.sampled_from(words))
            for region, words in REGIONS.items()
        )
    ),
    max_size=8,
)


async def stored_and_replayed(
    database: ServiceDatabase, case: UUID
) -> tuple[dict[str, object], dict[str, object], list[int]]:
    async with as_owner(database) as owner:
        row = await owner.fetchval(
            "select to_jsonb(c) - 'id' from case_record c where id = $1", case
        )
        history = await owner.fetch(
            "select version, changes from case_history where case_id = $1 order by id", case
        )
    changes = [json.loads(one["changes"]) for one in history]
    return json.loads(row), replay(changes), [one["version"] for one in history]


class TestHistory:
    @settings(
        max_examples=25,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    @given(steps=STEPS)
    async def test_adds_up_to_the_stored_state_after_any_walk(
        self,
        database: ServiceDatabase,
        plant_case: Plant,
        grant: Grant,
        steps: list[tuple[str, str]],
    ) -> None:
        await grant("social_worker")
        case = await plant_case(indicator_count=1)
        async with entered(database) as connection:
            for region, word in steps:
                await connection.execute(
                    f"update case_record set {region} = $1, version = version + 1 "  # noqa: S608
                    "where id = $2",
                    word,
                    case,
                )

        stored, replayed, versions = await stored_and_replayed(database, case)

        assert replayed == stored
        assert versions == list(range(1, len(steps) + 2))

    @pytest.mark.parametrize("version", ["version", "version + 2", "1"])
    async def test_lets_no_change_pass_that_is_not_one_version(
        self, database: ServiceDatabase, plant_case: Plant, grant: Grant, version: str
    ) -> None:
        await grant("social_worker")
        await plant_case()

        with pytest.raises(asyncpg.SerializationError):
            async with entered(database) as connection:
                await connection.execute(
                    f"update case_record set risk = 'low', version = {version}"  # noqa: S608
                )

    async def test_says_who_changed_what(
        self, database: ServiceDatabase, plant_case: Plant, grant: Grant
    ) -> None:
        await grant("social_worker")
        case = await plant_case()
        async with entered(database) as connection:
            await connection.execute("update case_record set risk = 'low', version = version + 1")

        async with as_owner(database) as owner:
            row = await owner.fetchrow(
                "select event, institution, subject, changes from case_history "
                "where case_id = $1 order by id desc limit 1",
                case,
            )
        assert row is not None
        assert (row["event"], row["institution"]) == ("changed", "centre-for-social-work-prizren")
        assert row["subject"].endswith("|persona:social_worker")
        assert json.loads(row["changes"]) == {"risk": "low", "version": 2}

    async def test_vanishes_with_the_change(
        self, database: ServiceDatabase, plant_case: Plant, grant: Grant
    ) -> None:
        await grant("social_worker")
        case = await plant_case()
        async with as_role(database) as connection:
            transaction = connection.transaction()
            await transaction.start()
            await connection.execute(ENTER, *ticket())
            await connection.execute("update case_record set risk = 'low', version = version + 1")
            await transaction.rollback()

        stored, replayed, versions = await stored_and_replayed(database, case)

        assert replayed == stored
        assert versions == [1]
