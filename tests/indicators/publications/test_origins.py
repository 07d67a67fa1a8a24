"""What is really reported, what is invented, and what may not be released yet, kept apart."""

import json
from typing import Any

from httpx import AsyncClient

from komuna_deploy.loader.manifest import FOLDER
from tests.indicators.conftest import Headers, Import
from tests.indicators.journey import PERIOD, Journey, cells

MEDIA = "application/x-ndjson"
NAMES = {"sq": "Prova", "sr-Latn": "Proba", "en": "Trial"}


async def oblige(bring_in: Import, analyst: Headers, **more: Any) -> None:
    """Bring in an obligation that is real."""
    line = json.loads((FOLDER / "indicators" / "obligations.ndjson").read_text("utf-8"))
    wanted = json.dumps({**line, "code": "posts", "is_synthetic": False, **more})
    done = await bring_in("obligations", wanted, analyst, media=MEDIA)
    assert done["state"] == "succeeded", done


async def figures(client: AsyncClient, **params: str) -> dict[str, dict[str, Any]]:
    answer = await client.get("/v1/observations", params={"limit": "200", **params})
    return {one["origin"]: one for one in answer.json()["items"]}


class TestSubmitted:
    async def test_is_never_added_to_what_is_invented(
        self, journey: Journey, bring_in: Import, analyst: Headers, client: AsyncClient
    ) -> None:
        await oblige(bring_in, analyst)
        await journey.verified()
        await journey.verified("peje", obligation="posts", cells=cells({"director.F": 5}))
        await journey.release()
        real = await journey.release(obligation="posts")

        found = await figures(
            client, indicator="directors", period=PERIOD, municipality="_T", sex="F"
        )

        assert (real.json()["is_synthetic"], real.json()["coverage"]["count"]) == (False, 1)
        assert {origin: one["value"] for origin, one in found.items()} == {
            "submitted": 5,
            "synthetic": 3,
        }
        assert {one["coverage"]["count"] for one in found.values()} == {1}
        assert found["submitted"]["note"] is None

    async def test_leads_an_explanation_before_what_is_invented(
        self, journey: Journey, bring_in: Import, analyst: Headers, client: AsyncClient
    ) -> None:
        await oblige(bring_in, analyst)
        await journey.verified()
        await journey.verified("peje", obligation="posts")
        await journey.release()
        await journey.release(obligation="posts")

        asked = {"dataflow": "decision-making", "key": "directors._T.F._T", "period": PERIOD}
        told = (await client.get("/v1/explanations", params=asked)).json()

        assert told["origin"] == "submitted"
        assert [one["origin"] for one in told["also_stated"]] == ["synthetic"]

    async def test_is_told_to_followers_once_it_is_released(
        self, journey: Journey, bring_in: Import, analyst: Headers, indicators: Any
    ) -> None:
        await oblige(bring_in, analyst)
        await journey.verified("peje", obligation="posts")
        told = (
            "select data from change where type = 'observation' and id like 'directors._T.F._T@%'"
        )
        before = await indicators.fetch(told)
        await journey.release(obligation="posts")

        [row] = await indicators.fetch(told)

        assert before == []
        data = json.loads(row["data"])
        assert (data["value"], data["origin"], data["period"]) == (3, "submitted", PERIOD)


class TestTier:
    async def test_of_private_persons_is_not_offered(
        self, journey: Journey, bring_in: Import, analyst: Headers
    ) -> None:
        form = {
            "code": "employment",
            "version": "1.0.0",
            "names": NAMES,
            "instructions": NAMES,
            "dataflow": "employment",
            "periodicity": "half_year",
            "cells": [{"code": "women", "indicator": "employed-women"}],
        }
        done = await bring_in("forms", json.dumps(form), analyst, media=MEDIA)
        assert done["state"] == "succeeded", done
        await oblige(bring_in, analyst, code="employment", form="employment")

        answer = await journey.release(obligation="employment")

        assert (answer.status_code, answer.json()["code"]) == (422, "tier_not_offered")
