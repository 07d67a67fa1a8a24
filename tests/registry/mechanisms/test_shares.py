"""Sourced shares of communities, which decide who needs a mechanism, and published totals."""

import csv

from httpx import AsyncClient

from komuna_deploy.loader.manifest import FOLDER
from tests.registry.conftest import Headers, Import
from tests.registry.mechanisms.test_instances import ask

SHARES = "municipality,vintage,counted_on,community,is_majority,method,percent,source,locator\n"


class TestShares:
    async def test_make_a_municipality_required_and_no_other(
        self, bring_in: Import, ops: Headers, client: AsyncClient
    ) -> None:
        rows = (
            "peje,2030,2024-04-05,,false,enumerated,12.50,general-knowledge,x\n"
            "kline,2030,2024-04-05,,false,enumerated,3.10,general-knowledge,x\n"
            "zvecan,2030,2024-04-05,,false,boycotted,60,general-knowledge,x\n"
        )

        done = await bring_in("municipality_communities", SHARES + rows, ops)

        found = await ask(client, "dcmac")
        before = await ask(client, "dcmac", "2020-12-31")
        assert (done["state"], done["counts"]["created"]) == ("succeeded", 3)
        assert found["peje"]["required"]["requirement"] == "required"
        assert found["peje"]["required"]["shares"][0]["percent"] == 12.5
        assert found["peje"]["state"] == "unknown"
        [kind] = [
            one
            for one in (await client.get("/v1/mechanism-kinds")).json()["items"]
            if one["abbreviation"] == "DCMAC"
        ]
        assert (kind["mandate_percent"], kind["source"], kind["locator"]) == (10.0, "s0", "L48")
        assert (found["kline"]["state"], found["kline"]["reason"]) == (
            "not_required",
            "share_below",
        )
        assert found["zvecan"]["reason"] == "share_undecided"
        assert {one["reason"] for one in before.values()} == {"no_community_share"}

    async def test_of_the_newest_count_before_the_day_are_used(
        self, bring_in: Import, ops: Headers, client: AsyncClient
    ) -> None:
        rows = (
            "peje,a,2011-04-01,,false,enumerated,12,general-knowledge,x\n"
            "peje,b,2024-04-05,,false,enumerated,8,general-knowledge,x\n"
        )
        await bring_in("municipality_communities", SHARES + rows, ops)

        seen = [
            (await ask(client, "dcmac", day))["peje"]["required"]["requirement"]
            for day in ("2010-01-01", "2020-01-01", "2025-01-01")
        ]

        assert seen == ["unknown", "required", "not_required"]

    async def test_need_a_figure_unless_nobody_was_counted(
        self, bring_in: Import, ops: Headers
    ) -> None:
        row = "peje,2030,2024-04-05,,false,enumerated,,general-knowledge,x\n"

        done = await bring_in("municipality_communities", SHARES + row, ops)

        assert done["state"] == "failed"


class TestPublications:
    def test_name_figures_that_indicators_load(self) -> None:
        with (FOLDER / "indicators/facts.csv").open(encoding="utf-8", newline="") as file:
            facts = {(row["indicator"], row["period"]) for row in csv.DictReader(file)}
        path = FOLDER / "registry/mechanism_publications.csv"
        with path.open(encoding="utf-8", newline="") as file:
            named = {(row["indicator"], row["period"]) for row in csv.DictReader(file)}

        assert named
        assert named - facts == set()
