"""Reminders, with registry itself on the other side: nothing lost, nothing twice."""

import asyncio
import os
import sys
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

from komuna_indicators.periods import parse
from komuna_indicators.reminders.operations import remind
from tests.databases import CURSOR_KEY, ServiceDatabase
from tests.indicators.journey import OBLIGATION, PERIOD, Journey

from .conftest import Client, Running

DUE = date(2026, 7, 15)
LATE = DUE + timedelta(1)
ALL = 38
_NOBODY = "http://127.0.0.1:9"


async def run(database: ServiceDatabase, client: Client, url: str, today: date = LATE) -> None:
    async with database.opened() as opened, client(url) as registry:
        await remind(opened, registry, today)


async def told(registry: ServiceDatabase) -> list[tuple[str, str]]:
    rows = await registry.fetch("select municipality, template from notice order by created_at")
    return [(row["municipality"], row["template"]) for row in rows]


async def states(database: ServiceDatabase) -> Counter[str]:
    return Counter(row["state"] for row in await database.fetch("select state from reminder"))


class TestRemind:
    async def test_tells_each_municipality_once(
        self,
        indicators: ServiceDatabase,
        registry_database: ServiceDatabase,
        run_registry: Running,
        client_of: Client,
    ) -> None:
        async with run_registry() as url:
            for _ in range(3):
                await run(indicators, client_of, url)

        found = await told(registry_database)
        assert len(found) == len(set(found)) == ALL
        assert {template for _, template in found} == {"report_overdue"}
        assert await states(indicators) == {"sent": ALL}
        [row] = await registry_database.fetch(
            "select role, params, sender from notice where municipality = 'prishtine'"
        )
        assert (row["role"], row["sender"]) == ("municipal_officer", "indicators")
        assert OBLIGATION in row["params"]
        assert '"due_on": "2026-07-15"' in row["params"]

    async def test_leaves_out_who_has_reported(
        self,
        indicators: ServiceDatabase,
        registry_database: ServiceDatabase,
        run_registry: Running,
        client_of: Client,
        journey: Journey,
    ) -> None:
        await journey.sent()

        async with run_registry() as url:
            await run(indicators, client_of, url)

        found = await told(registry_database)
        assert len(found) == ALL - 1
        assert "prishtine" not in dict(found)

    async def test_tells_before_at_and_after_the_day_in_turn(
        self,
        indicators: ServiceDatabase,
        registry_database: ServiceDatabase,
        run_registry: Running,
        client_of: Client,
    ) -> None:
        async with run_registry() as url:
            for days in (-4, -3, 0, 1, 13, 14, 30):
                await run(indicators, client_of, url, DUE + timedelta(days))

        counted = Counter(template for _, template in await told(registry_database))
        assert counted == {"report_due": ALL, "report_overdue": 2 * ALL}

    async def test_waits_while_registry_is_down_and_loses_nothing(
        self,
        indicators: ServiceDatabase,
        registry_database: ServiceDatabase,
        run_registry: Running,
        client_of: Client,
    ) -> None:
        await run(indicators, client_of, _NOBODY)
        assert await states(indicators) == {"waiting": ALL}
        assert await told(registry_database) == []

        async with run_registry() as url:
            await run(indicators, client_of, url, LATE + timedelta(1))

        assert len(await told(registry_database)) == ALL
        assert await states(indicators) == {"sent": ALL}

    async def test_tells_nobody_twice_after_a_crash_in_between(
        self,
        indicators: ServiceDatabase,
        registry_database: ServiceDatabase,
        run_registry: Running,
        client_of: Client,
    ) -> None:
        async with run_registry() as url:
            await run(indicators, client_of, url)
            # Registry was asked, and its answer never written down.
            await indicators.fetch("update reminder set state = 'waiting', sent_at = null")
            await run(indicators, client_of, url)

        assert len(await told(registry_database)) == ALL
        assert await states(indicators) == {"sent": ALL}

    async def test_drops_what_came_true_while_it_waited(
        self,
        indicators: ServiceDatabase,
        registry_database: ServiceDatabase,
        run_registry: Running,
        client_of: Client,
        journey: Journey,
    ) -> None:
        await run(indicators, client_of, _NOBODY)
        await journey.sent()

        async with run_registry() as url:
            await run(indicators, client_of, url)

        assert "prishtine" not in dict(await told(registry_database))
        assert await states(indicators) == {"sent": ALL - 1, "dropped": 1}

    async def test_goes_on_when_registry_refuses_one(
        self,
        indicators: ServiceDatabase,
        registry_database: ServiceDatabase,
        run_registry: Running,
        client_of: Client,
    ) -> None:
        await registry_database.fetch("delete from municipality where slug = 'prishtine'")

        async with run_registry() as url:
            await run(indicators, client_of, url)

        assert await states(indicators) == {"sent": ALL - 1, "waiting": 1}

    async def test_reminds_of_nothing_before_it_is_due(
        self, indicators: ServiceDatabase, client_of: Client
    ) -> None:
        await run(indicators, client_of, _NOBODY, parse(PERIOD).end)

        assert await states(indicators) == {}


class TestWorker:
    async def test_reminds_by_the_clock_within_seconds(
        self,
        indicators: ServiceDatabase,
        registry_database: ServiceDatabase,
        run_registry: Running,
        token_url: str,
        jwks_url: str,
        tmp_path: Path,
    ) -> None:
        async with run_registry() as url:
            environment = {
                "KOMUNA_DATABASE_URL": indicators.url,
                "KOMUNA_CURSOR_KEY": CURSOR_KEY.get_secret_value(),
                "KOMUNA_ISSUER": "http://127.0.0.1:8100",
                "KOMUNA_JWKS_URL": jwks_url,
                "KOMUNA_TOKEN_URL": token_url,
                "KOMUNA_CLIENT_ID": "indicators",
                "KOMUNA_CLIENT_SECRET": "secret",
                "KOMUNA_REGISTRY_URL": url,
                "KOMUNA_REMINDERS_CRON": "* * * * * */2",
            }
            with (tmp_path / "log").open("wb") as log:
                worker = await asyncio.create_subprocess_exec(
                    sys.executable,
                    *("-m", "komuna_indicators.worker"),
                    env=os.environ | environment,
                    stdout=log,
                    stderr=log,
                )
            try:
                async with asyncio.timeout(60):
                    while len(await told(registry_database)) < ALL:
                        assert worker.returncode is None, (tmp_path / "log").read_text()
                        await asyncio.sleep(0.2)
            finally:
                worker.kill()
                await worker.wait()

        assert len(set(await told(registry_database))) == ALL
