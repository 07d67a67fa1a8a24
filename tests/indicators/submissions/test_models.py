"""The wall around reports: what the application's own role cannot do, whatever the code says."""

from typing import Any

import asyncpg
import pytest

from tests.databases import ServiceDatabase
from tests.indicators.journey import OBLIGATION, Journey, cells

COPY = """
insert into submission (obligation, form, form_version, municipality, period_from, period_to,
    version_no, supersedes, state, is_synthetic, is_late, is_correction, due_on, attests_no_cases,
    channel, language, issuer, subject, client_id)
select obligation, form, form_version, municipality, period_from, period_to, version_no + 1, id,
    'submitted', is_synthetic, is_late, is_correction, due_on, attests_no_cases, channel, language,
    issuer, $2, client_id from submission where id = $1 returning id, state, is_synthetic"""
DECIDE = """
insert into submission_decision (submission_id, decision, comments, language, issuer, subject,
    client_id) select id, $2, '[]', 'en', issuer, $3, 'tests' from submission where id = $1"""
CELL = "insert into submission_cell (submission_id, cell, value, status) values ($1, 'x', 1, 'A')"
PUBLISH = """
with made as (insert into release (code, tier, obligation, period_from, period_to, number,
    is_synthetic, coverage_count, coverage_of, observation_count, certificate)
    values ('own-release', '0', $1, $2::text::date, '2026-07-01', 9, true, 1, 38, 0, '{}')
    returning id)
select id from made"""
FORBIDDEN = (
    "update submission set subject = 'somebody-else'",
    "update submission set issuer = 'elsewhere'",
    "update submission set state = 'verified'",
    "update submission set is_synthetic = false",
    "update submission set written_in = pg_current_xact_id()::text::bigint",
    "update submission_cell set value = 0",
    "update submission_decision set subject = 'somebody-else'",
    "update release_submission set submission_id = submission_id",
    "delete from submission",
    "delete from submission_cell",
    "delete from submission_decision",
    "delete from release_submission",
    "truncate submission cascade",
    "alter table submission disable trigger guard",
    "drop trigger guard on submission_decision",
    "set session_replication_role = replica",
    "update obligation set is_synthetic = false",
    "update form set cells = '[]'",
    "delete from obligation",
)


async def refused(database: ServiceDatabase, statement: str, *values: Any) -> str | None:
    """Try a statement as the application, and return the state or the constraint it met."""
    try:
        await database.fetch(statement, *values)
    except asyncpg.PostgresError as error:
        met: str | None = getattr(error, "constraint_name", None) or error.sqlstate
        return met
    return None


async def states(database: ServiceDatabase) -> list[str]:
    rows = await database.fetch("select state from submission order by version_no")
    return [row["state"] for row in rows]


class TestFourEyes:
    async def test_refuses_a_decision_of_whoever_contributed(
        self, journey: Journey, indicators: ServiceDatabase
    ) -> None:
        first = await journey.sent()
        await journey.returned(first["id"], director_M="Sure?")
        second = await journey.sent("officer-prishtine-2", cells=cells({"director.M": 8}))

        found = [
            await refused(indicators, DECIDE, second["id"], "verify", who)
            for who in ("officer-prishtine", "officer-prishtine-2")
        ]

        assert found == ["four_eyes", "four_eyes"]
        assert await states(indicators) == ["returned", "submitted"]

    async def test_refuses_a_version_of_whoever_decided(
        self, journey: Journey, indicators: ServiceDatabase
    ) -> None:
        first = await journey.sent()
        await journey.returned(first["id"], director_M="Sure?")

        assert await refused(indicators, COPY, first["id"], "analyst-1") == "four_eyes"

    async def test_lets_somebody_else_decide(
        self, journey: Journey, indicators: ServiceDatabase
    ) -> None:
        first = await journey.sent()

        assert await refused(indicators, DECIDE, first["id"], "verify", "analyst-2") is None
        assert await states(indicators) == ["verified"]

    async def test_takes_one_decision_about_a_version(
        self, journey: Journey, indicators: ServiceDatabase
    ) -> None:
        first = await journey.sent()
        await journey.decide(first["id"])

        assert await refused(indicators, DECIDE, first["id"], "return", "analyst-2") == (
            "decided_once"
        )


class TestImmutability:
    async def test_keeps_what_was_written(
        self, journey: Journey, indicators: ServiceDatabase
    ) -> None:
        await journey.verified()

        met = {statement: await refused(indicators, statement) for statement in FORBIDDEN}

        assert met == dict.fromkeys(FORBIDDEN, "42501")

    async def test_takes_no_cell_after_its_version(
        self, journey: Journey, indicators: ServiceDatabase
    ) -> None:
        made = await journey.sent()

        assert await refused(indicators, CELL, made["id"]) == "version_is_closed"

    @pytest.mark.parametrize(
        ("change", "constraint"),
        [
            (("version_no + 1", "version_no + 2"), "follows_the_last"),
            (("'submitted'", "'verified'"), "follows_the_last"),
            (("version_no + 1, id", "version_no + 1, null"), "follows_the_last"),
        ],
    )
    async def test_takes_only_the_version_that_follows(
        self,
        journey: Journey,
        indicators: ServiceDatabase,
        change: tuple[str, str],
        constraint: str,
    ) -> None:
        made = await journey.verified()
        statement = COPY.replace(*change)

        assert await refused(indicators, statement, made["id"], "officer-2") == constraint

    async def test_takes_no_second_version_before_a_decision(
        self, journey: Journey, indicators: ServiceDatabase
    ) -> None:
        made = await journey.sent()

        assert await refused(indicators, COPY, made["id"], "officer-2") == "follows_the_last"

    async def test_lets_nothing_invented_pass_for_real(
        self, journey: Journey, indicators: ServiceDatabase
    ) -> None:
        made = await journey.verified()
        statement = COPY.replace("'submitted', is_synthetic", "'submitted', false")

        [row] = await indicators.fetch(statement, made["id"], "officer-2")

        assert row["is_synthetic"]


class TestPublication:
    async def test_is_of_what_was_verified(
        self, journey: Journey, indicators: ServiceDatabase
    ) -> None:
        made = await journey.sent()
        [release] = await indicators.fetch(PUBLISH, OBLIGATION, "2026-01-01")
        publish = "insert into release_submission (release_id, submission_id) values ($1, $2)"

        assert await refused(indicators, publish, release["id"], made["id"]) == "verified_first"
        await journey.decide(made["id"])
        assert await refused(indicators, publish, release["id"], made["id"]) is None
        assert await states(indicators) == ["published"]

    async def test_is_in_a_release_of_its_own_period(
        self, journey: Journey, indicators: ServiceDatabase
    ) -> None:
        made = await journey.verified()
        [release] = await indicators.fetch(PUBLISH, OBLIGATION, "2026-06-01")
        publish = "insert into release_submission (release_id, submission_id) values ($1, $2)"

        assert await refused(indicators, publish, release["id"], made["id"]) == "verified_first"
