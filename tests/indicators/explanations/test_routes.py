"""HTTP for explanations."""

from decimal import Decimal
from typing import Any

import pytest
from httpx import AsyncClient
from hypothesis import given
from hypothesis import strategies as st

from komuna_indicators.explanations import rules

WOMEN = {"dataflow": "decision-making", "key": "women-directors._T._T._T", "period": "2020"}


async def explain(reads: AsyncClient, **params: str) -> dict[str, Any]:
    answer = await reads.get("/v1/explanations", params=params)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


class TestGetExplanation:
    async def test_shows_the_parts_and_checks_the_printed_share(self, reads: AsyncClient) -> None:
        told = await explain(reads, **WOMEN)

        assert (told["value"], told["numerator"], told["denominator"]) == (25.2, 95, 377)
        assert told["check"] == {"exact": 25.199, "rounded": 25.2, "agrees": True}
        assert told["formula"]["text"] == "directors[sex=F] / directors * 100"

    async def test_names_the_line_of_each_part(self, reads: AsyncClient) -> None:
        told = await explain(reads, **WOMEN)

        assert [(one["role"], one["fact"], one["value"]) for one in told["inputs"]] == [
            ("numerator", "R06", 95),
            ("denominator", "R05", 377),
        ]
        assert {one["source"]["code"] for one in told["inputs"]} == {"S0:L89"}

    async def test_is_ready_to_be_cited_in_three_languages(self, reads: AsyncClient) -> None:
        citations = (await explain(reads, **WOMEN))["citations"]

        assert citations["en"] == (
            "Ministry of Local Government: Annual report 2020 of the Division for the Advancement"
            " of Human Rights in Municipalities, line 89. Women among directors of municipal"
            " directorates, Kosovo, 2020: 25.2 %."
        )
        assert "rreshti 89" in citations["sq"]
        assert "25,2 %" in citations["sq"]
        assert "red 89" in citations["sr-Latn"]

    async def test_explains_what_the_report_does_not_say(self, reads: AsyncClient) -> None:
        told = await explain(reads, **{**WOMEN, "key": "women-directors.peje._T._T"})

        assert (told["value"], told["reason"]) == (None, "not_in_source")
        assert told["source"]["code"] == "S0"
        assert "The document does not say" in told["citations"]["en"]

    async def test_names_every_other_place_of_the_same_figure(self, reads: AsyncClient) -> None:
        told = await explain(
            reads,
            dataflow="trafficking-victims",
            key="victims-identified._T._T._T._T._T._T",
            period="2011-S1",
        )

        assert told["value"] == 19
        assert [one["source"]["code"] for one in (told, *told["also_stated"])] == [
            "S2:L149",
            "S2:L152",
            "S2:L161-162",
        ]

    async def test_rests_a_counted_figure_on_the_lists(self, reads: AsyncClient) -> None:
        told = await explain(
            reads,
            dataflow="language-rights",
            key="language-link-municipalities._T.listed-in-both",
            period="2020",
        )

        assert (told["value"], told["origin"]) == (2, "computed")
        assert told["members"] == ["viti", "podujeve"]
        assert [one["fact"] for one in told["inputs"]] == ["R20", "R21"]

    async def test_finds_a_figure_without_a_period(self, reads: AsyncClient) -> None:
        told = await explain(reads, dataflow="employment", key="employed-women._T")

        assert (told["value"], told["period"]) == (85601, None)
        assert "no period stated" in told["citations"]["en"]

    @pytest.mark.parametrize(
        "changes",
        [
            {"key": "women-directors"},
            {"key": "women-directors._T._T"},
            {"key": "women-directors.atlantis._T._T"},
            {"dataflow": "no-such"},
            {"period": "1999"},
            {"period": "soon"},
        ],
    )
    async def test_knows_no_other(self, reads: AsyncClient, changes: dict[str, str]) -> None:
        answer = await reads.get("/v1/explanations", params={**WOMEN, **changes})

        assert answer.status_code == 404


class TestRecompute:
    @given(st.integers(0, 10**6), st.integers(1, 10**6), st.integers(0, 3))
    def test_agrees_with_what_its_parts_give(self, part: int, whole: int, decimals: int) -> None:
        made = rules.recompute(Decimal(-1), Decimal(part), Decimal(whole), decimals=decimals)
        assert made is not None

        again = rules.recompute(made.rounded, Decimal(part), Decimal(whole), decimals=decimals)

        assert again is not None
        assert again.agrees
        assert not made.agrees

    @pytest.mark.parametrize(
        ("value", "part", "whole"), [(None, 1, 2), (1, None, 2), (1, 1, None), (1, 1, 0)]
    )
    def test_is_silent_where_a_part_is_missing(
        self, value: int | None, part: int | None, whole: int | None
    ) -> None:
        given = [None if one is None else Decimal(one) for one in (value, part, whole)]

        assert rules.recompute(*given, decimals=1) is None
