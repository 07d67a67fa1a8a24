"""Files of places, hours, channels, costs and texts: what they may say, and who hears of it."""

from typing import Any

import asyncpg
import pytest
from httpx import AsyncClient
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from komuna_deploy.loader.manifest import read_manifests
from komuna_registry.directory.place_rows import ScheduleRow
from tests.databases import ServiceDatabase
from tests.registry.conftest import OPS, Bearer, Headers, Import
from tests.registry.directory.test_imports import problems

LOCATIONS = (
    "code,type,name_en,municipality,address,latitude,longitude,is_synthetic,source,locator\n"
)
AID = "vaao-legal-aid"
SCHEDULES = "service,location,freq,byday,opens_at,closes_at,attending,source,locator\n"
DAYS = st.lists(st.sampled_from(["MO", "TU", "WE", "TH", "FR", "SA", "SU"]), min_size=1, max_size=7)


async def shown(client: AsyncClient, code: str = AID) -> dict[str, Any]:
    found: dict[str, Any] = (await client.get(f"/v1/directory/services/{code}")).json()
    return found


class TestImports:
    @pytest.mark.parametrize(
        ("collection", "body", "found"),
        [
            ("locations", LOCATIONS + "x,virtual,X,peje,,,,true,demonstration,x\n", "one_place"),
            ("locations", LOCATIONS + "x,physical,X,,,,,true,demonstration,x\n", "missing_value"),
            ("locations", LOCATIONS + "x,physical,X,peje,,42,,true,demonstration,x\n", None),
            ("locations", LOCATIONS + "x,physical,X,nowhere,,,,true,demonstration,x\n", None),
            (
                "service_schedules",
                SCHEDULES + f"{AID},demo-support-prizren,WEEKLY,MO,,,online,demonstration,x\n",
                "unknown_reference",
            ),
            (
                "service_schedules",
                SCHEDULES + f"{AID},,WEEKLY,MO,08:00,,online,demonstration,x\n",
                "missing_value",
            ),
            (
                "service_schedules",
                SCHEDULES + f"{AID},,DAILY,MO,,,online,demonstration,x\n",
                None,
            ),
            (
                "service_channels",
                f"service,kind,value,source,locator\n{AID},email,nobody,demonstration,x\n",
                "channel",
            ),
            (
                "service_costs",
                f"service,option,amount,currency,source,locator\n{AID},free,1,EUR,demonstration,x\n",
                "missing_value",
            ),
        ],
    )
    async def test_refuse_what_cannot_be(
        self,
        bring_in: Import,
        client: AsyncClient,
        ops: Headers,
        collection: str,
        body: str,
        found: str | None,
    ) -> None:
        done = await bring_in(collection, body, ops)

        assert done["state"] == "failed"
        [(row, _, code)] = await problems(client, ops, done)
        assert row == 2
        assert found is None or code == found

    async def test_tell_the_services_at_a_place_when_it_changes_and_no_others(
        self, bring_in: Import, client: AsyncClient, ops: Headers
    ) -> None:
        before = {
            code: (await shown(client, code))["version"] for code in (AID, "crpk-legal-information")
        }
        moved = (
            "demo-legal-aid-office,physical,Moved,prishtine,New Street 9,,,true,demonstration,x\n"
        )

        done = await bring_in("locations", LOCATIONS + moved, ops)

        assert done["counts"]["updated"] == 1
        after = await shown(client)
        assert after["version"] == before[AID] + 1
        assert after["places"][0]["address"] == "New Street 9"
        other = await shown(client, "crpk-legal-information")
        assert other["version"] == before["crpk-legal-information"]
        feed = (await client.get("/v1/changes", params={"limit": 200})).json()
        assert feed["items"]

    async def test_show_public_channels_of_an_institution_with_all_its_services(
        self, bring_in: Import, client: AsyncClient, ops: Headers, bearer: Bearer
    ) -> None:
        channels = "institution,kind,value,source,locator\n"
        body = channels + "isf,telephone,0800 00 001,demonstration,x\n"

        await bring_in("institution_channels", body, ops)

        member = bearer("persona:advocate:vaao", "registry.directory.read")
        answer = await client.get("/v1/directory/services/isf-accommodation", headers=member)
        assert [(one["of"], one["value"]) for one in answer.json()["channels"]] == [
            ("institution", "0800 00 001")
        ]

    async def test_make_no_service_confidential_whose_place_was_told(
        self, bring_in: Import, client: AsyncClient, ops: Headers
    ) -> None:
        header, *rows = _files()["services"].read_text(encoding="utf-8").splitlines()
        [row] = [one for one in rows if one.startswith(AID)]
        body = f"{header}\n{row.replace(',active,false,', ',active,true,')}\n"

        done = await bring_in("services", body, ops)

        found = await problems(client, ops, done)
        assert (2, "is_confidential", "confidential_place") in found


class TestDetails:
    async def test_are_shown_with_their_sources(self, reads: AsyncClient) -> None:
        found = await shown(reads)

        [place] = found["places"]
        assert (place["municipality"], place["is_synthetic"]) == ("prishtine", True)
        assert {one["feature"]: one["is_available"] for one in place["accessibility"]} == {
            "step_free_entrance": True,
            "accessible_toilet": False,
        }
        assert [one["option"] for one in found["costs"]] == ["free"]
        assert [(one["unit"], one["amount"]) for one in found["capacities"]] == [
            ("appointments_a_week", 20)
        ]
        assert {one["language"] for one in found["texts"]} == {"sq", "sr-Latn", "en"}
        assert found["minimum_age"] == 18
        for part in ("places", "schedules", "channels", "costs", "texts", "capacities"):
            assert {one["source"] for one in found[part]} == {"demonstration"}, part

    async def test_of_a_confidential_service_are_hours_and_costs_alone(
        self, reads: AsyncClient, bearer: Bearer
    ) -> None:
        for headers in (
            bearer("persona:advocate:vaao", "registry.directory.read"),
            bearer(OPS, "registry.directory.read"),
        ):
            path = "/v1/directory/services/isf-accommodation"
            found = (await reads.get(path, headers=headers)).json()
            told = {part for part in ("places", "channels", "texts", "capacities") if found[part]}
            assert told == set()
            assert found["schedules"]
            assert found["costs"]


# A table, its columns and a row of it about a shelter; `{}` is whether the row says so.
TELLING = {
    "service_at_location": ("location", "'demo-legal-aid-office'"),
    "service_channel": ("kind, value", "'email', 'a@b.example'"),
    "service_text": ("kind, language, text", "'alert', 'en', 'x'"),
    "service_capacity": ("unit, amount, stated_on", "'places', 12, '2026-01-01'"),
}
INSERT = """
insert into {table} (service, is_confidential, source, locator, {columns})
values ('isf-accommodation', {said}, 'demonstration', 'record', {values})
"""


class TestTables:
    @pytest.mark.parametrize("table", TELLING)
    async def test_take_nothing_that_tells_of_a_shelter_whatever_the_row_says_of_it(
        self, read_only: ServiceDatabase, table: str
    ) -> None:
        columns, values = TELLING[table]
        for said, refused in (
            ("true", asyncpg.CheckViolationError),
            ("false", asyncpg.ForeignKeyViolationError),
        ):
            statement = INSERT.format(table=table, columns=columns, values=values, said=said)
            with pytest.raises(refused):
                await read_only.fetch(statement)

    @pytest.mark.parametrize(
        "statement",
        [
            "update service set is_confidential = true where code = 'vaao-legal-aid'",
            "update service set locator = 'Rr. 4' where code = 'isf-accommodation'",
            """update service set names = '{"en": "House 4"}' where code = 'isf-accommodation'""",
            "update service_cost set locator = 'Peja' where service = 'isf-accommodation'",
            (
                "update service_schedule set location = 'demo-legal-aid-office'"
                " where service = 'isf-accommodation'"
            ),
            "update service set minimum_age = 30, maximum_age = 20 where code = 'vaao-legal-aid'",
        ],
    )
    async def test_refuse_what_no_file_may_say(
        self, read_only: ServiceDatabase, statement: str
    ) -> None:
        with pytest.raises(asyncpg.IntegrityConstraintViolationError):
            await read_only.fetch(statement)


class TestScheduleRow:
    @given(DAYS, st.sampled_from(["", "1", "-1"]))
    def test_takes_days_as_icalendar_writes_them(self, days: list[str], week: str) -> None:
        byday = ",".join(f"{week}{day}" for day in days)

        assert schedule(byday).byday == byday

    @pytest.mark.parametrize("byday", ["MONDAY", "MO;TU", "6MO", "mo", "", "MO,"])
    def test_takes_no_other_words(self, byday: str) -> None:
        with pytest.raises(ValidationError):
            schedule(byday)


def schedule(byday: str) -> ScheduleRow:
    return ScheduleRow.model_validate(
        {
            "service": AID,
            "freq": "MONTHLY",
            "byday": byday,
            "attending": "online",
            "source": "demonstration",
            "locator": "schedule",
        }
    )


def _files() -> dict[str, Any]:
    return {load.collection: load.path for load in read_manifests(services=["registry"])}
