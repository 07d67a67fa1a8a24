"""Files of services: what they may say, who may bring and take them, and who hears of it."""

from datetime import date, timedelta
from typing import Any

import asyncpg
import pytest
from httpx import AsyncClient
from hypothesis import given
from hypothesis import strategies as st

from komuna_registry.directory.imports import overlap
from komuna_registry.directory.models import Service
from komuna_registry.periods import Days
from tests.databases import ServiceDatabase
from tests.registry.conftest import OPS, Bearer, Headers, Import
from tests.registry.test_changes import read_feed

SERVICES = (
    "code,institution,type,audience,status,is_confidential,is_synthetic,name_en,valid_from,"
    "source,locator\n"
)
SHELTER = (
    "new-shelter,isf,emergency_accommodation,{},active,true,true,New,{},demonstration,service\n"
)
LICENSES = "service,number,issuer,valid_from,valid_until,source,locator\n"
AREAS = "service,region,municipality,source,locator\n"
SCOPE = "registry.directory.read"
AREA = "insert into service_area (service, is_confidential, municipality, source, locator) values "
LICENCE = (
    "insert into service_license (service, number, issuer, valid_from, source, locator) values "
)
DAYS = st.dates(date(2026, 1, 1), date(2026, 3, 1))


async def problems(client: AsyncClient, headers: Headers, done: dict[str, Any]) -> list[Any]:
    found = await client.get(f"/v1/imports/{done['id']}/problems", headers=headers)
    return [(one["row"], one["column"], one["code"]) for one in found.json()["items"]]


class TestImports:
    @pytest.mark.parametrize(
        ("collection", "body", "found"),
        [
            (
                "services",
                SERVICES + SHELTER.format("public", "2025-12-31"),
                [(2, "", "synthetic_period")],
            ),
            ("services", SERVICES + SHELTER.format("friends", "2026-01-01"), "audience"),
            (
                "service_licenses",
                LICENSES + "isf-accommodation,B,mlsw,2028-06-01,2030-01-01,demonstration,licence\n",
                [(2, "valid_from", "overlap")],
            ),
            (
                "service_licenses",
                LICENSES + "crpk-legal-information,B,mlsw,2026-07-01,,demonstration,x\n"
                "crpk-legal-information,C,mlsw,2027-01-01,,demonstration,x\n",
                [(3, "valid_from", "overlap")],
            ),
            (
                "service_licenses",
                LICENSES + "isf-accommodation,B,mlsw,2030-01-01,2029-01-01,demonstration,licence\n",
                [(2, "", "period_order")],
            ),
            (
                "service_areas",
                AREAS + "isf-accommodation,,prishtine,demonstration,area\n",
                [(2, "municipality", "confidential_place")],
            ),
            (
                "service_areas",
                AREAS + "vaao-legal-aid,district-peja,peje,demonstration,x\n",
                [(2, "", "one_place")],
            ),
            (
                "service_areas",
                AREAS + "nothing,,,demonstration,x\n",
                [(2, "service", "unknown_reference")],
            ),
        ],
    )
    async def test_name_row_column_and_code(
        self,
        bring_in: Import,
        client: AsyncClient,
        ops: Headers,
        collection: str,
        body: str,
        found: Any,
    ) -> None:
        done = await bring_in(collection, body, ops)

        named = await problems(client, ops, done)
        assert done["state"] == "failed"
        assert [one[1] for one in named] == [found] if isinstance(found, str) else named == found

    async def test_replace_a_licence_under_its_number(
        self, bring_in: Import, client: AsyncClient, ops: Headers
    ) -> None:
        longer = "crpk-legal-information,DEMO-2026-06,moj,2026-01-01,2027-01-01,demonstration,x\n"

        done = await bring_in("service_licenses", LICENSES + longer, ops)

        assert (done["state"], done["counts"]["updated"]) == ("succeeded", 1)
        found = (await client.get("/v1/directory/services/crpk-legal-information")).json()
        assert [one["valid_until"] for one in found["licences"]] == ["2027-01-01"]

    async def test_renew_the_version_of_a_service_whose_licence_changed(
        self, bring_in: Import, client: AsyncClient, ops: Headers
    ) -> None:
        path = "/v1/directory/services/crpk-legal-information"
        before = (await client.get(path)).headers["etag"]

        await bring_in(
            "service_licenses",
            LICENSES + "crpk-legal-information,NEW,moj,2026-07-01,,demonstration,x\n",
            ops,
        )

        answer = await client.get(path)
        assert answer.headers["etag"] != before
        assert answer.json()["licence"]["number"] == "NEW"

    @pytest.mark.parametrize("dataset", ["services", "service_licenses", "service_areas"])
    async def test_are_taken_out_only_by_who_may_know_of_all(
        self, client: AsyncClient, bearer: Bearer, dataset: str
    ) -> None:
        for subject, status in (
            ("persona:analyst:mlg", 403),
            ("persona:frontend:government", 403),
            ("persona:coordinator", 202),
        ):
            answer = await client.post(
                "/v1/exports",
                json={"dataset": dataset},
                headers=bearer(subject, "registry.exports.write"),
            )
            assert answer.status_code == status, subject


class TestFeed:
    async def test_tells_each_audience_what_it_may_know(
        self, client: AsyncClient, bearer: Bearer
    ) -> None:
        for subject, count in (("nobody", 2), ("persona:analyst:mlg", 3), (OPS, 6)):
            feed = await read_feed(client, bearer(subject, SCOPE))
            assert len([one for one in feed if one["type"] == "service"]) == count, subject

    async def test_leaves_a_tombstone_to_those_from_whom_a_service_is_withdrawn(
        self, client: AsyncClient, bearer: Bearer, bring_in: Import, ops: Headers
    ) -> None:
        member = bearer("persona:advocate:vaao", SCOPE)

        async def seen(headers: Headers) -> list[Any]:
            feed = await read_feed(client, headers)
            return [(one["op"], one["data"]) for one in feed if one["id"] == "new-shelter"]

        await bring_in("services", SERVICES + SHELTER.format("public", "2026-01-01"), ops)
        [(op, data)] = await seen({})
        assert (op, data["audience"], data["is_synthetic"]) == ("upsert", "public", True)
        await bring_in("services", SERVICES + SHELTER.format("nrm_member", "2026-01-01"), ops)

        assert await seen({}) == [("delete", None)]
        assert [op for op, _ in await seen(member)] == ["delete", "upsert"]

    async def test_tells_nothing_to_others_of_what_was_never_theirs(
        self, client: AsyncClient, bring_in: Import, ops: Headers
    ) -> None:
        await bring_in("services", SERVICES + SHELTER.format("nrm_member", "2026-01-01"), ops)

        assert "new-shelter" not in str(await read_feed(client, {}))


class TestTables:
    @pytest.mark.parametrize(
        ("statement", "refused"),
        [
            (
                AREA + "('isf-accommodation', true, 'prishtine', 'demonstration', 'area')",
                asyncpg.CheckViolationError,
            ),
            (
                AREA + "('isf-accommodation', false, 'prishtine', 'demonstration', 'area')",
                asyncpg.ForeignKeyViolationError,
            ),
            (
                "update service set is_confidential = true where code = 'crpk-legal-information'",
                asyncpg.CheckViolationError,
            ),
            (
                LICENCE + "('isf-accommodation', 'B', 'mlsw', '2028-12-31', 'demonstration', 'x')",
                asyncpg.ExclusionViolationError,
            ),
            (
                "update service set possible = '[2025-01-01,)' where is_synthetic",
                asyncpg.CheckViolationError,
            ),
            (
                "update service set possible = '(,)' where is_synthetic",
                asyncpg.CheckViolationError,
            ),
        ],
    )
    async def test_refuse_what_no_file_may_say(
        self, registry: ServiceDatabase, statement: str, refused: type[Exception]
    ) -> None:
        with pytest.raises(refused):
            await registry.fetch(statement)

    def test_take_no_confidential_service_where_words_or_places_are_told(self) -> None:
        told = {"location", "value", "text", "address", "url", "amount", "municipality"}
        checked = {
            table.name
            for table in Service.metadata.tables.values()
            if any(key.column.table.name == "service" for key in table.foreign_keys)
            and told & set(table.columns.keys())
        }

        assert checked == {
            *("service_area", "service_at_location", "service_schedule", "service_channel"),
            *("service_cost", "service_text", "service_capacity"),
        }
        for name in checked:
            assert "is_confidential" in Service.metadata.tables[name].c, name


class TestOverlap:
    @given(DAYS, st.integers(1, 40) | st.none(), DAYS, st.integers(1, 40) | st.none())
    def test_is_a_day_on_which_both_hold(
        self, first: date, some: int | None, second: date, more: int | None
    ) -> None:
        one = Days(first, first + timedelta(some) if some else None)
        other = Days(second, second + timedelta(more) if more else None)
        days = [date(2026, 1, 1) + timedelta(number) for number in range(120)]

        shared = any(one.holds(day) and other.holds(day) for day in days)

        assert overlap(one, other) is overlap(other, one) is shared
