"""HTTP for forms, and their import."""

import json
from typing import Any

import pytest
from httpx import AsyncClient

from komuna_deploy.loader.manifest import FOLDER
from tests.indicators.conftest import Headers, Import

FORM = json.loads((FOLDER / "indicators" / "forms.ndjson").read_text("utf-8"))
MEDIA = "application/x-ndjson"


def changed(**more: Any) -> str:
    return json.dumps({**FORM, "version": "1.1.0", **more})


def with_cell(**more: Any) -> str:
    return changed(cells=[{**FORM["cells"][0], **more}, *FORM["cells"][1:]], totals=[])


class TestGetForm:
    async def test_shows_every_cell_in_the_callers_language(self, reads: AsyncClient) -> None:
        answers = {
            tag: (await reads.get(f"/v1/forms/decision-making-posts?lang={tag}")).json()
            for tag in ("en", "sq", "sr-Latn")
        }
        labels = {
            tag: {one["code"]: one["label"] for one in told["cells"]}["director.F"]
            for tag, told in answers.items()
        }

        assert labels == {
            "en": "Directors of municipal directorates: Women",
            "sq": "Drejtorët e drejtorive komunale: Gra",
            "sr-Latn": "Direktori opštinskih direkcija: Žene",
        }
        assert all(one["help"] for told in answers.values() for one in told["cells"])
        assert len({told["instructions"] for told in answers.values()}) == 3

    async def test_asks_for_women_and_men_in_each_post(self, reads: AsyncClient) -> None:
        told = (await reads.get("/v1/forms/decision-making-posts")).json()

        required = {one["code"] for one in told["cells"] if one["is_required"]}
        posts = ("mayor", "deputy-mayor", "assembly-chair", "director")
        assert required == {f"{post}.{sex}" for post in posts for sex in "FM"}
        assert [one["cell"] for one in told["totals"]] == [None, None, None, "director._T"]

    async def test_is_listed(self, reads: AsyncClient) -> None:
        told = (await reads.get("/v1/forms")).json()

        assert [(one["code"], one["version"]) for one in told["items"]] == [
            ("decision-making-posts", "1.0.0")
        ]

    async def test_knows_no_other(self, reads: AsyncClient) -> None:
        assert (await reads.get("/v1/forms/no-such")).status_code == 404


class TestImport:
    @pytest.mark.parametrize(
        ("line", "column", "code"),
        [
            (changed(dataflow="no-such"), "dataflow", "unknown_dataflow"),
            (with_cell(indicator="no-such"), "cells", "unknown_indicator"),
            (with_cell(indicator="women-mayors"), "cells", "indicator_computed"),
            (with_cell(dimensions={"sex": "X"}), "cells", "unknown_code"),
            (with_cell(dimensions={"kind": "F"}), "cells", "unknown_code"),
            (with_cell(code="mayor.M"), "cells", "repeated_cell"),
            (with_cell(dimensions={"sex": "M"}), "cells", "repeated_cell"),
            (changed(totals=[{"parts": ["mayor.F", "no-such"]}]), "totals", "unknown_cell"),
            (changed(totals=[{"parts": ["mayor.F", "director.F"]}]), "totals", "unknown_cell"),
            (changed(version="1.0.0", periodicity="year"), "version", "version_published"),
            (changed(version="0.9.0"), "version", "version_older"),
        ],
    )
    async def test_refuses_what_the_catalogue_does_not_bear(
        self, bring_in: Import, analyst: Headers, line: str, column: str, code: str
    ) -> None:
        done = await bring_in("forms", line, analyst, media=MEDIA)

        told = {(one["column"], one["code"]) for one in done["problems"]}
        assert (done["state"], told) == ("failed", {(column, code)})

    async def test_adds_a_version_beside_the_one_before(
        self, bring_in: Import, analyst: Headers, client: AsyncClient
    ) -> None:
        done = await bring_in("forms", changed(), analyst, media=MEDIA)
        told = (await client.get("/v1/forms/decision-making-posts")).json()

        assert done["counts"] == {"created": 0, "updated": 1, "unchanged": 0}
        assert told["version"] == "1.1.0"
