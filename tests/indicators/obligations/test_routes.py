"""HTTP for obligations, and their import."""

import json
from typing import Any

import pytest
from httpx import AsyncClient

from komuna_deploy.loader.manifest import FOLDER
from tests.indicators.conftest import Headers, Import
from tests.indicators.journey import OBLIGATION

LINE = json.loads((FOLDER / "indicators" / "obligations.ndjson").read_text("utf-8"))
MEDIA = "application/x-ndjson"


def changed(**more: Any) -> str:
    return json.dumps({**LINE, "version": "1.1.0", **more})


class TestGetObligation:
    async def test_says_what_is_due_and_that_it_is_invented(self, reads: AsyncClient) -> None:
        told = (await reads.get(f"/v1/obligations/{OBLIGATION}")).json()

        assert (told["form"], told["due_days"]) == ("decision-making-posts", 15)
        assert (told["latest_period"], told["latest_due_on"]) == ("2026-S1", "2026-07-15")
        assert told["is_synthetic"]

    async def test_is_listed(self, reads: AsyncClient) -> None:
        told = (await reads.get("/v1/obligations")).json()

        assert [one["code"] for one in told["items"]] == [OBLIGATION]

    async def test_knows_no_other(self, reads: AsyncClient) -> None:
        assert (await reads.get("/v1/obligations/no-such")).status_code == 404


class TestImport:
    @pytest.mark.parametrize(
        ("line", "told"),
        [
            (changed(code="new", form="no-such"), {("form", "unknown_form")}),
            (changed(code="new", first_period="2026-Q1"), {("first_period", "wrong_period")}),
            (
                changed(code="new", first_period="2025-S2"),
                {("first_period", "synthetic_too_early")},
            ),
            (changed(is_synthetic=False), {("is_synthetic", "obligation_fixed")}),
            (changed(first_period="2026-S2"), {("is_synthetic", "obligation_fixed")}),
            (changed(version="1.0.0", due_days=30), {("version", "version_published")}),
            (changed(due_days=0), {("due_days", "out_of_range")}),
        ],
    )
    async def test_refuses_what_cannot_be(
        self, bring_in: Import, analyst: Headers, line: str, told: set[tuple[str, str]]
    ) -> None:
        done = await bring_in("obligations", line, analyst, media=MEDIA)

        found = {(one["column"], one["code"]) for one in done["problems"]}
        assert (done["state"], found) == ("failed", told)

    async def test_takes_a_real_obligation_for_any_period(
        self, bring_in: Import, analyst: Headers, client: AsyncClient
    ) -> None:
        line = changed(code="posts", version="1.0.0", first_period="2024-S1", is_synthetic=False)

        done = await bring_in("obligations", line, analyst, media=MEDIA)
        told = (await client.get("/v1/obligations/posts/reports?period=2024-S1")).json()

        assert done["counts"]["created"] == 1, done
        assert (told["rates"]["expected"], told["rates"]["received"]) == (38, 0)
