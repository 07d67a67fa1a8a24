"""Every spelling and every day: what is answered was there, and was so."""

import csv
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import pytest
from httpx import AsyncClient
from hypothesis import given
from hypothesis import strategies as st

from komuna_registry.clock import today
from komuna_registry.municipalities.frame import Frame, load_frame
from komuna_registry.municipalities.resolution import Status, resolve
from komuna_registry.periods import Certainty
from tests.databases import ServiceDatabase

SPELLINGS = Path(__file__).resolve().parents[4] / "shared/data/aliases.csv"
FIRST = date(1999, 12, 31)
# Since when so many certainly exist; an imprecise date counts from its last day.
COUNTS = {
    FIRST: 30,
    date(2008, 12, 31): 33,
    date(2010, 12, 31): 37,
    date(2013, 12, 31): 38,
}
DAYS = st.dates(date(1999, 1, 1), date(2030, 1, 1))


@pytest.fixture(scope="module")
async def frame(read_only: ServiceDatabase) -> Frame:
    """The municipalities as they are loaded."""
    async with read_only.opened() as database, database.reader() as connection:
        return await load_frame(connection)


class TestFrame:
    def test_counts_thirty_to_thirty_eight_on_every_day_as_sourced(self, frame: Frame) -> None:
        day, expected = FIRST, 0
        while day <= today():
            expected = COUNTS.get(day, expected)
            held = Counter(entry.presence.on(day) for entry in frame.entries.values())
            assert held[Certainty.CERTAIN] == expected, day
            assert expected + held[Certainty.POSSIBLE] <= 38, day
            day += timedelta(days=1)

    @pytest.mark.parametrize(
        ("day", "count"), [("2000-01-01", 30), ("2011-06-30", 37), ("2020-12-31", 38)]
    )
    def test_counts_what_the_reports_count(self, frame: Frame, day: str, count: int) -> None:
        on = date.fromisoformat(day)

        held = [entry.presence.on(on) for entry in frame.entries.values()]

        assert held.count(Certainty.CERTAIN) == count


class TestResolve:
    @given(day=DAYS, place=st.integers(0, 10_000))
    def test_names_only_what_existed_or_says_that_it_may_not_have(
        self, frame: Frame, day: date, place: int
    ) -> None:
        keys = sorted(frame.index.spellings)
        spelling = frame.index.spellings[keys[place % len(keys)]][0]

        found = resolve(frame.index, spelling.text, scheme=None, on=day)

        assert found.status is not Status.NOT_FOUND
        if found.slug is not None:
            held = frame.entries[found.slug].presence.on(day)
            assert (held is Certainty.CERTAIN) != ("not_in_existence" in found.warnings)
        else:
            assert len(found.candidates) > 1

    @given(text=st.text(max_size=40), day=DAYS)
    def test_answers_whatever_is_sent(self, frame: Frame, text: str, day: date) -> None:
        found = resolve(frame.index, text, scheme=None, on=day)

        assert (found.slug is not None) == (found.status is Status.MATCHED)
        assert all(one.slug in frame.entries for one in found.candidates)


class TestSpellings:
    @pytest.mark.skipif(not SPELLINGS.exists(), reason="the research data is not beside us")
    async def test_are_each_resolved_through_the_service(self, reads: AsyncClient) -> None:
        with SPELLINGS.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        query = {"names": [row["alias"] for row in rows], "as_of": "2020-12-31"}

        answer = await reads.post("/v1/municipality-resolutions", json=query)

        assert len(rows) == 273
        for row, found in zip(rows, answer.json()["items"], strict=True):
            if row["ambiguous"] == "no":
                assert (found["status"], found["slug"]) == ("matched", row["slug"]), row
            else:
                slugs = [one["slug"] for one in found["candidates"]]
                assert (found["status"], row["slug"] in slugs) == ("ambiguous", True), row

    @pytest.mark.parametrize("code", ["31", "33", "34", "35", "36", "37"])
    async def test_that_are_bare_numbers_name_both_candidates(
        self, reads: AsyncClient, code: str
    ) -> None:
        bare = (await reads.get("/v1/municipalities/resolve", params={"q": code})).json()

        named = {one["scheme"]: one["slug"] for one in bare["candidates"]}
        assert (bare["status"], bare["reason"]) == ("ambiguous", "code_without_scheme")
        assert set(named) == {"kas-2011", "kas-2024-order"}
        assert len(set(named.values())) == 2
        for scheme, slug in named.items():
            query = {"q": code, "scheme": scheme}
            found = (await reads.get("/v1/municipalities/resolve", params=query)).json()
            assert (found["status"], found["slug"]) == ("matched", slug)

    @pytest.mark.parametrize("q", ["Mitrovica", "Mitrovice", "Kosovska Mitrovica"])
    async def test_of_mitrovica_differ_before_and_after_2013(
        self, reads: AsyncClient, q: str
    ) -> None:
        before, after = [
            (await reads.get("/v1/municipalities/resolve", params={"q": q, "as_of": day})).json()
            for day in ("2012-12-31", "2014-01-01")
        ]

        assert (before["status"], before["slug"]) == ("matched", "mitrovice")
        assert (after["status"], after["slug"]) == ("ambiguous", None)
        assert {one["slug"] for one in after["candidates"]} == {"mitrovice", "mitrovice-veriore"}

    async def test_that_are_wrong_get_candidates(self, reads: AsyncClient) -> None:
        found = (await reads.get("/v1/municipalities/resolve", params={"q": "Prishtinna"})).json()

        assert (found["status"], found["reason"]) == ("not_found", "unknown_name")
        assert found["candidates"][0]["slug"] == "prishtine"

    async def test_of_ten_thousand_are_answered_in_the_order_sent(
        self, reads: AsyncClient, frame: Frame
    ) -> None:
        texts = sorted({one.text for known in frame.index.spellings.values() for one in known})
        names = [texts[place % len(texts)] for place in range(10_000)]
        query = {"names": names, "as_of": "2020-12-31"}

        found = (await reads.post("/v1/municipality-resolutions", json=query)).json()

        assert len(found["items"]) == 10_000
        assert found["counts"]["not_found"] == 0
        assert sum(found["counts"].values()) == 10_000
        first = {text: found["items"][place]["slug"] for place, text in enumerate(texts)}
        for name, one in zip(names, found["items"], strict=True):
            assert one["slug"] == first[name]
