"""How many seats are held on a day, by whom, and of how many nobody knows."""

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import combinations
from typing import Any

import pytest
from httpx import AsyncClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from komuna_deploy.loader.manifest import read_manifests
from komuna_registry.offices.counts import OfficeCountsOut
from komuna_registry.offices.rules import Breakdown
from tests.databases import ServiceDatabase
from tests.registry.conftest import OPS, Bearer

from .conftest import WRITE, appoint

SETS = [",".join(some) for n in range(4) for some in combinations(Breakdown, n)]


async def count(client: AsyncClient, kind: str | Sequence[str], **query: str) -> dict[str, Any]:
    answer = await client.get("/v1/offices/counts", params={"kind": kind, **query})
    assert answer.status_code == 200, answer.text
    shape = OfficeCountsOut.model_validate_json(answer.content)
    assert shape.model_dump(mode="json") == answer.json()
    found: dict[str, Any] = answer.json()
    return found


def check_sums(found: dict[str, Any]) -> None:
    """Hold a count to what every count must be."""
    kinds = ("held_count", "possible_count", "unknown_count")
    assert sum(found[one] for one in kinds) == found["seat_count"]
    assert min(found[one] for one in kinds) >= 0
    if found["by"]:
        assert sum(one["count"] for one in found["items"]) == found["held_count"]
        assert sum(one["possible_count"] for one in found["items"]) >= found["possible_count"]
    groups = [tuple(one[name] for name in Breakdown) for one in found["items"]]
    assert len(set(groups)) == len(groups)


class TestComputeOfficeCounts:
    async def test_says_of_how_many_mayors_nobody_knows(self, reads: AsyncClient) -> None:
        found = await count(reads, "mayor", by="sex", as_of="2020-12-31")

        # The report saw one of them in 2020, and not that he held the office on its last day.
        names = ("seat_count", "held_count", "possible_count", "unknown_count")
        assert [found[name] for name in names] == [38, 0, 1, 37]
        assert (found["status"], found["reason"]) == ("A", None)
        assert found["items"] == [
            {
                "sex": "male",
                "community": None,
                "municipality": None,
                "count": 0,
                "possible_count": 1,
            }
        ]
        assert found["published"] == [
            {
                "kind": "mayor",
                "indicator": "mayors",
                "period": "2020",
                "municipality": "_T",
                "link": "/indicators/v1/observations?indicator=mayors&period=2020",
                "source": "s0",
                "locator": "L89",
            }
        ]

    async def test_counts_whom_a_source_names(self, reads: AsyncClient) -> None:
        found = await count(reads, "head_of_mission", by="sex", as_of="2010-06-01")

        assert (found["seat_count"], found["held_count"], found["unknown_count"]) == (1, 1, 0)
        assert [(one["sex"], one["count"]) for one in found["items"]] == [(None, 1)]

    async def test_counts_a_seat_that_two_may_hold_once(self, reads: AsyncClient) -> None:
        found = await count(reads, "head_of_mission", by="sex", as_of="2005-05-01")

        assert (found["held_count"], found["possible_count"]) == (0, 1)
        assert [one["possible_count"] for one in found["items"]] == [2]

    @pytest.mark.parametrize(
        ("day", "seats"), [("2000-06-01", 30), ("2011-06-30", 37), ("2020-12-31", 38)]
    )
    async def test_counts_no_seat_of_what_did_not_exist(
        self, reads: AsyncClient, day: str, seats: int
    ) -> None:
        assert (await count(reads, "assembly_chair", as_of=day))["seat_count"] == seats

    async def test_takes_what_is_not_recorded_for_unknown_and_not_for_none(
        self, reads: AsyncClient
    ) -> None:
        found = await count(reads, "director_of_directorate", by="sex")

        names = ("seat_count", "held_count", "possible_count", "unknown_count")
        assert [found[name] for name in names] == [None] * 4
        assert (found["status"], found["reason"]) == ("L", "nothing_recorded")
        assert [one["indicator"] for one in found["published"]] == [
            "directors",
            "men-directors",
            "women-directors",
        ]

    @pytest.mark.parametrize("by", SETS)
    async def test_adds_up_by_whatever_it_is_broken_down(self, reads: AsyncClient, by: str) -> None:
        kinds = ["mayor", "deputy_minister", "head_of_mission", "working_group_member"]
        for day in ("2005-05-01", "2010-06-01", "2020-06-01", "2020-12-31"):
            found = await count(reads, kinds, as_of=day, **({"by": by} if by else {}))
            check_sums(found)

    @pytest.mark.parametrize(
        ("query", "status", "code"),
        [
            ({}, 400, "invalid_parameter"),
            ({"kind": "king"}, 400, "unknown_filter_value"),
            ({"kind": ["mayor", "king"]}, 400, "unknown_filter_value"),
            ({"kind": "mayor", "by": "age"}, 400, "invalid_parameter"),
            ({"kind": "mayor", "by": ""}, 400, "invalid_parameter"),
            ({"kind": "mayor", "as_of": "2020"}, 400, "invalid_parameter"),
            ({"kind": "mayor", "sex": "female"}, 400, "unknown_parameter"),
        ],
    )
    async def test_refuses_what_it_cannot_count(
        self, reads: AsyncClient, query: dict[str, Any], status: int, code: str
    ) -> None:
        answer = await reads.get("/v1/offices/counts", params=query)

        assert (answer.status_code, answer.json()["code"]) == (status, code)

    async def test_counts_nobody_who_is_made_up(
        self, keepers: AsyncClient, kept: ServiceDatabase, bearer: Bearer, mayor: str, place: str
    ) -> None:
        tenure = await appoint(keepers, bearer(OPS, WRITE), mayor, since="2026-01-05")
        day = {"by": "municipality", "as_of": "2026-02-01"}
        real = await count(keepers, "mayor", **day)

        made_up_now = "update tenure set source = 'demonstration' where id = $1"
        await kept.fetch(made_up_now, tenure.json()["id"])
        made_up = await count(keepers, "mayor", **day)

        assert place in {one["municipality"] for one in real["items"]}
        assert place not in {one["municipality"] for one in made_up["items"]}
        assert made_up["held_count"] == real["held_count"] - 1


class TestPublished:
    async def test_points_only_to_indicators_that_are_loaded_for_that_period(
        self, read_only: ServiceDatabase
    ) -> None:
        [facts] = [
            load.path for load in read_manifests(services=["indicators"]) if "facts" in load.name
        ]
        loaded = {tuple(line.split(",")[1:4]) for line in facts.read_text("utf-8").splitlines()}

        rows = await read_only.fetch("select indicator, period from office_publication")

        assert len(rows) == 7
        assert {(row["indicator"], "", row["period"]) for row in rows} <= loaded


DAYS = st.dates(date(2026, 1, 1), date(2026, 12, 31))
WRITES = st.lists(
    st.fixed_dictionaries(
        {
            "place": st.sampled_from(["peje", "obiliq"]),
            "seat": st.sampled_from([1, 1, 2]),
            "since": DAYS,
            "days": st.none() | st.integers(1, 200),
            "precision": st.sampled_from([4, 7, 10]),
            "sex": st.sampled_from([None, "female", "male"]),
            "community": st.sampled_from([None, "serbian", "roma"]),
        }
    ),
    min_size=1,
    max_size=6,
)


class TestWhateverIsWritten:
    @given(WRITES, st.lists(DAYS, min_size=1, max_size=3), st.sampled_from(SETS))
    @settings(
        max_examples=12,
        deadline=None,
        derandomize=True,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    async def test_counts_add_up_and_no_seat_is_certainly_held_twice(
        self,
        keepers: AsyncClient,
        kept: ServiceDatabase,
        bearer: Bearer,
        writes: list[dict[str, Any]],
        days: list[date],
        by: str,
    ) -> None:
        await kept.fetch("update office set seats = 2 where code = 'assembly-chair-peje'")
        for one in writes:
            until = one["since"] + timedelta(one["days"]) if one["days"] else None
            answer = await appoint(
                keepers,
                bearer(OPS, WRITE),
                f"assembly-chair-{one['place']}",
                seat=one["seat"],
                since=one["since"].isoformat()[: one["precision"]],
                until=until.isoformat() if until else None,
                holder={"name": "Ere", "sex": one["sex"], "community": one["community"]},
            )
            assert answer.status_code in {201, 409, 422}, answer.text

        overlapping = await kept.fetch(
            "select 1 from tenure a join tenure b on a.office = b.office and a.seat = b.seat "
            "and a.id < b.id and a.certain && b.certain"
        )
        assert overlapping == []
        for day in days:
            query = {"as_of": day.isoformat(), **({"by": by} if by else {})}
            check_sums(await count(keepers, ["assembly_chair", "mayor"], **query))
