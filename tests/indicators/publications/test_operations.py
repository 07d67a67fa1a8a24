"""A release that dies at any moment leaves everything as it was; the next one makes it whole."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import asyncpg
import pytest
from httpx import AsyncClient
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError

from komuna_indicators.publications.operations import publish_reports
from komuna_indicators.publications.schemas import ReleaseIn
from komuna_shared.access import Assignment, Caller, Principal
from komuna_shared.database import Database
from tests.databases import ServiceDatabase
from tests.indicators.conftest import Bearer, Get
from tests.indicators.journey import OBLIGATION, PERIOD, Journey, cells

WANTED = ReleaseIn(obligation=OBLIGATION, period=PERIOD)
ANALYST = Caller(
    Principal("issuer", "analyst-1", "tests", frozenset(), "", 0),
    (Assignment("analyst", None, None, None, None),),  # type: ignore[arg-type]
)
PUBLIC = """
select (select count(*) from observation where origin = 'synthetic') as figures,
    (select count(*) from observation_input) as inputs,
    (select count(*) from release where obligation is not null) as releases,
    (select count(*) from release_submission) as publications,
    (select count(*) from change where type = 'release') as changes,
    (select count(*) from outbox where type = 'release.published') as events,
    (select count(*) from audit_event where action = 'release.publish') as audits,
    (select count(*) from submission where state <> 'verified') as moved"""


class KilledError(Exception):
    """The process died here."""


async def seen(database: ServiceDatabase) -> dict[str, int]:
    [row] = await database.fetch(PUBLIC)
    return dict(row)


@contextmanager
def dying_at(opened: Database, number: int) -> Iterator[list[str]]:
    """Let the connection be cut before the statement of that number."""
    said: list[str] = []

    def listen(*told: Any) -> None:
        said.append(told[2])
        if len(said) == number:
            raise KilledError

    event.listen(opened.engine.sync_engine, "before_cursor_execute", listen)
    try:
        yield said
    finally:
        event.remove(opened.engine.sync_engine, "before_cursor_execute", listen)


async def cut_off(database: ServiceDatabase, pid: int) -> None:
    """End a connection as a killed process ends its own."""
    admin = await asyncpg.connect(database.admin)
    try:
        await admin.execute(f"select pg_terminate_backend({pid})")
    finally:
        await admin.close()


class TestPublishReports:
    async def test_is_all_or_nothing_at_every_statement(
        self, journey: Journey, indicators: ServiceDatabase
    ) -> None:
        await journey.verified()
        await journey.verified("peje")
        before = await seen(indicators)
        number = 0
        async with indicators.opened() as opened:
            while True:
                number += 1
                with dying_at(opened, number) as said:
                    try:
                        async with opened.session() as session:
                            await publish_reports(session, ANALYST, WANTED)
                        break
                    except KilledError:
                        assert await seen(indicators) == before, said[-1]
        after = await seen(indicators)

        assert number > 15
        assert (after["releases"], after["publications"], after["moved"]) == (1, 2, 2)
        assert after["figures"] > 38 * 8

    async def test_is_nothing_when_the_server_cuts_it_off_before_it_commits(
        self, journey: Journey, indicators: ServiceDatabase, client: AsyncClient
    ) -> None:
        await journey.verified()
        before = await seen(indicators)

        async with indicators.opened() as opened, opened.sessions() as session:
            await publish_reports(session, ANALYST, WANTED)
            driver = await (await session.connection()).get_raw_connection()
            pid = driver.driver_connection.get_server_pid()  # type: ignore[union-attr]
            await cut_off(indicators, pid)
            with pytest.raises(DBAPIError):
                await session.commit()

        assert await seen(indicators) == before
        public = await client.get(f"/v1/observations?period={PERIOD}")
        assert public.json()["items"] == []
        assert (await journey.release()).status_code == 201

    async def test_happens_once_when_two_ask_at_once(
        self, journey: Journey, indicators: ServiceDatabase
    ) -> None:
        await journey.verified()

        answers = await asyncio.gather(journey.release(), journey.release("analyst-2"))

        assert sorted(one.status_code for one in answers) == [201, 409]
        assert (await seen(indicators))["releases"] == 1

    async def test_replaces_only_what_a_correction_changes(
        self, journey: Journey, indicators: ServiceDatabase
    ) -> None:
        await journey.verified()
        await journey.verified("peje")
        await journey.release()
        standing = await indicators.fetch(
            "select id from observation where municipality = 'peje' and origin = 'synthetic'"
        )
        await journey.verified(cells=cells({"director.M": 8}))
        await journey.release()

        kept = await indicators.fetch(
            "select id from observation where municipality = 'peje' and origin = 'synthetic'"
            " and valid_to = 'infinity'"
        )
        closed = await indicators.fetch(
            "select municipality, value from observation where indicator = 'directors'"
            " and sex = 'M' and origin = 'synthetic' and valid_to < 'infinity'"
            " order by municipality"
        )

        assert {one["id"] for one in kept} == {one["id"] for one in standing}
        assert [(one["municipality"], int(one["value"])) for one in closed] == [
            ("_T", 18),
            ("prishtine", 9),
        ]


class TestSynthetic:
    async def test_changes_no_answer_about_anything_real(
        self, journey: Journey, client: AsyncClient, observations: Get
    ) -> None:
        asked: dict[str, Any] = {"origin": ["published", "computed"], "limit": "200"}
        framed = {"indicator": "women-directors", "period": "2020", "group_by": "municipality"}
        before = [await observations(indicator="directors", origin="published")]
        before.append(await observations(**framed))
        await journey.verified()
        await journey.release()

        answers = [
            await client.get("/v1/observations", params={"indicator": "directors", **asked}),
            await client.get("/v1/observations", params={**framed, "limit": "200"}),
        ]

        def bare(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
            return [{**one, "id": None, "release": None} for one in items]

        assert [bare(one.json()["items"]) for one in answers] == [bare(one) for one in before]

    async def test_is_told_to_no_follower(self, journey: Journey, client: AsyncClient) -> None:
        await journey.verified()
        code = (await journey.release()).json()["code"]

        told: list[dict[str, Any]] = []
        cursor: dict[str, str] = {}
        while page := (await client.get("/v1/changes?limit=200", params=cursor)).json():
            told += page["items"]
            cursor = {"since": page["page"]["next_cursor"]}
            if not page["items"]:
                break

        [release] = [one for one in told if one["id"] == code]
        assert release["data"]["is_synthetic"]
        assert not [one for one in told if one["type"] == "observation"]

    async def test_is_in_no_export(self, journey: Journey, take_out: Any, bearer: Bearer) -> None:
        headers = bearer("analyst-1", "indicators.exports.write")
        before = await take_out("observations", "csv", headers)
        await journey.verified()
        await journey.release()

        after = await take_out("observations", "csv", {**headers, "Idempotency-Key": "x" * 30})

        assert before == after

    async def test_comes_in_through_no_import(self, bring_in: Any, analyst: Any) -> None:
        for origin in ("synthetic", "submitted"):
            row = f"directors,prishtine,2026-S1,F,3,S0:L1,{origin}\n"
            file = f"indicator,municipality,period,sex,value,source,origin\n{row}"

            done = await bring_in("observations", file, analyst)

            assert [(one["column"], one["code"]) for one in done["problems"]] == [
                ("origin", "unknown_code")
            ]
