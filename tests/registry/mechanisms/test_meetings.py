"""Meetings of mechanisms, against how often they must meet."""

import pytest
from httpx import AsyncClient

from komuna_registry.mechanisms.meetings import is_met
from tests.registry.conftest import Headers, Import

DEMO = "/v1/mechanisms/demo-communities-committee-prishtine/meetings"
UNIT = "human-rights-unit-kllokot"
MEETINGS = "mechanism,is_synthetic,held_on,topic,source,locator\n"
ATTENDANCES = "mechanism,held_on,sex,community,persons,source,locator\n"


class TestListMeetings:
    async def test_sets_those_held_against_those_required(self, reads: AsyncClient) -> None:
        found = (await reads.get(DEMO, params={"year": 2026})).json()

        assert found["is_synthetic"] is True
        assert len(found["items"]) == found["summary"]["held"] == 9
        assert (found["summary"]["required"], found["summary"]["source"]) == (12, "osce-cc2019")

    async def test_tells_attendance_by_sex_and_community_and_where_nobody_told(
        self, reads: AsyncClient
    ) -> None:
        items = (await reads.get(DEMO, params={"year": 2026})).json()["items"]

        first = items[0]["attendance"]
        assert first["persons"] == sum(one["persons"] for one in first["by_sex"])
        assert first["persons"] == sum(one["persons"] for one in first["by_community"]) == 6
        assert {"community": None, "persons": 1} in first["by_community"]
        assert items[-1]["attendance"] is None

    async def test_takes_a_year_without_minutes_for_unknown_not_for_none(
        self, reads: AsyncClient
    ) -> None:
        found = (await reads.get(DEMO, params={"year": 2025})).json()

        assert (found["items"], found["summary"]["held"], found["summary"]["is_met"]) == (
            [],
            None,
            None,
        )

    async def test_does_not_know_another(self, reads: AsyncClient) -> None:
        assert (await reads.get("/v1/mechanisms/parliament/meetings")).status_code == 404

    async def test_shows_what_came_in_a_file_once(
        self, bring_in: Import, ops: Headers, client: AsyncClient
    ) -> None:
        await bring_in("mechanism_meetings", f"{MEETINGS}{UNIT},false,2012-03-05,,s2,L1\n", ops)
        rows = f"{UNIT},2012-03-05,female,,3,s2,L1\n{UNIT},2012-03-05,,serb,2,s2,L1\n"
        for created in (2, 0):
            done = await bring_in("mechanism_attendances", ATTENDANCES + rows, ops)
            assert (done["state"], done["counts"]["created"]) == ("succeeded", created)

        query = {"year": 2012}
        found = (await client.get(f"/v1/mechanisms/{UNIT}/meetings", params=query)).json()

        [meeting] = found["items"]
        assert meeting["attendance"]["persons"] == 5
        assert meeting["attendance"]["by_sex"] == [
            {"sex": "female", "persons": 3},
            {"sex": None, "persons": 2},
        ]
        # Of this kind no source says how often it must meet.
        assert found["summary"] == {
            "required": None,
            "held": 1,
            "is_met": None,
            "source": None,
            "locator": None,
        }

    async def test_refuses_attendance_of_a_meeting_that_was_not(
        self, bring_in: Import, ops: Headers, client: AsyncClient
    ) -> None:
        row = f"{UNIT},2012-03-06,female,,3,s2,L1\n"

        done = await bring_in("mechanism_attendances", ATTENDANCES + row, ops)

        problems = (await client.get(f"/v1/imports/{done['id']}/problems", headers=ops)).json()
        assert [(one["column"], one["code"]) for one in problems["items"]] == [
            ("held_on", "unknown_reference")
        ]


class TestIsMet:
    @pytest.mark.parametrize(
        ("held", "required", "is_over", "answer"),
        [
            (12, 12, False, True),
            (11, 12, True, False),
            (11, 12, False, None),
            (None, 12, True, None),
            (3, None, True, None),
        ],
    )
    def test_says_no_more_than_is_known(
        self, *, held: int | None, required: int | None, is_over: bool, answer: bool | None
    ) -> None:
        assert is_met(held, required, is_over=is_over) is answer
