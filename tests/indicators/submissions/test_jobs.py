"""Officers are told that a report came back, by registry itself, once."""

import orjson
import pytest

from komuna_indicators.submissions.jobs import TELL, telling
from komuna_shared.errors import UnavailableError
from tests.databases import ServiceDatabase
from tests.indicators.journey import OBLIGATION, PERIOD, Journey
from tests.indicators.reminders.conftest import Client, Running


async def queued(indicators: ServiceDatabase) -> list[dict[str, str]]:
    rows = await indicators.fetch("select payload from pgqueuer where entrypoint = $1", TELL)
    return [orjson.loads(row["payload"]) for row in rows]


async def tell(indicators: ServiceDatabase, client_of: Client, url: str, submission: str) -> None:
    async with indicators.opened() as database, client_of(url) as registry:
        await telling(registry)(database, {"submission": submission})


async def told(registry: ServiceDatabase) -> list[tuple[str, str, str]]:
    rows = await registry.fetch("select municipality, template, params from notice")
    return [(row["municipality"], row["template"], row["params"]) for row in rows]


class TestTelling:
    async def test_is_queued_by_a_return_alone(
        self, journey: Journey, indicators: ServiceDatabase
    ) -> None:
        first = await journey.sent()
        await journey.returned(first["id"], director_M="Sure?")
        second = await journey.sent()
        await journey.decide(second["id"], "analyst-2")

        assert await queued(indicators) == [{"submission": first["id"]}]

    async def test_reaches_the_officers_of_the_municipality_once(
        self,
        journey: Journey,
        indicators: ServiceDatabase,
        registry_database: ServiceDatabase,
        run_registry: Running,
        client_of: Client,
    ) -> None:
        first = await journey.sent()
        await journey.returned(first["id"], director_M="A word for the officer alone")
        async with run_registry() as url:
            for _ in range(2):
                await tell(indicators, client_of, url, first["id"])

        [(municipality, template, params)] = await told(registry_database)
        assert (municipality, template) == ("prishtine", "submission_returned")
        assert orjson.loads(params) == {
            "submission": first["id"],
            "obligation": OBLIGATION,
            "period": PERIOD,
        }

    async def test_says_nothing_of_what_was_corrected_since(
        self,
        journey: Journey,
        indicators: ServiceDatabase,
        registry_database: ServiceDatabase,
        run_registry: Running,
        client_of: Client,
    ) -> None:
        first = await journey.sent()
        await journey.returned(first["id"], director_M="Sure?")
        await journey.sent()
        async with run_registry() as url:
            await tell(indicators, client_of, url, first["id"])

        assert await told(registry_database) == []

    async def test_is_to_be_done_again_while_registry_is_away(
        self, journey: Journey, indicators: ServiceDatabase, client_of: Client
    ) -> None:
        first = await journey.sent()
        await journey.returned(first["id"], director_M="Sure?")

        with pytest.raises(UnavailableError):
            await tell(indicators, client_of, "http://127.0.0.1:9", first["id"])
