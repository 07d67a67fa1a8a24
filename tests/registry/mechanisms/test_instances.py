"""Single mechanisms, whom they serve, and their states."""

from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from httpx import AsyncClient

from tests.databases import ServiceDatabase
from tests.registry.conftest import Bearer, Headers, Import
from tests.registry.test_changes import read_feed

MECHANISMS = "code,kind,name_en,is_synthetic,source,locator\n"
SERVED = "mechanism,municipality,valid_from,valid_until,source,locator\n"
STATES = (
    "mechanism,is_synthetic,aspect,holds,since,until,attested_on,decision,decided_on,source,"
    "locator\n"
)
JOINT = "joint,domestic_violence_mechanism,Joint,false,s4,L1113\n"
DAY = "2026-06-30"


async def ask(client: AsyncClient, kind: str, day: str = DAY) -> Any:
    answer = await client.get("/v1/mechanisms/coverage", params={"kind": kind, "as_of": day})
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert sum(found["totals"].values()) == len(found["items"]) == found["municipality_count"]
    return {one["slug"]: one for one in found["items"]}


class TestMechanisms:
    async def test_serve_more_than_one_municipality(
        self, bring_in: Import, ops: Headers, client: AsyncClient
    ) -> None:
        await bring_in("mechanisms", MECHANISMS + JOINT, ops)
        both = "joint,peje,2026-02,,s4,L1113\njoint,kline,2026,2026-03-01,s4,L1113\n"
        await bring_in("mechanism_municipalities", SERVED + both, ops)
        state = "joint,false,established,true,2026-02-01,,,01-7,2026-02-01,s4,L1113\n"

        done = await bring_in("mechanism_states", STATES + state, ops)

        february = await ask(client, "mcmdv", "2026-02-15")
        june = await ask(client, "mcmdv")
        assert done["state"] == "succeeded"
        assert june["peje"]["state"] == "in_place"
        assert june["kline"]["state"] == "unknown"
        # Served since some day of February: in its middle that may not have begun.
        assert february["peje"]["reason"] == february["kline"]["reason"] == "possible"
        [said] = june["peje"]["statements"]
        assert (said["mechanism"], said["decision"]) == ("joint", "01-7")

    async def test_keep_their_states_apart(
        self, bring_in: Import, ops: Headers, client: AsyncClient
    ) -> None:
        await bring_in("mechanisms", MECHANISMS + JOINT, ops)
        await bring_in("mechanism_municipalities", SERVED + "joint,peje,,,s4,L1\n", ops)
        rows = (
            "joint,false,established,true,2026-01-05,,,01-7,2026-01-05,s4,L1\n"
            "joint,false,vacant,true,2026-02-01,2026-03-01,,,,s4,L1\n"
            "joint,false,dissolved,true,2026-05-01,,,01-9,2026-05-01,s4,L1\n"
        )
        await bring_in("mechanism_states", STATES + rows, ops)

        seen = [
            (await ask(client, "mcmdv", day))["peje"]["state"]
            for day in ("2026-01-04", "2026-01-05", "2026-02-10", "2026-03-01", "2026-05-01")
        ]

        assert seen == ["unknown", "in_place", "vacant", "in_place", "missing"]
        shown = (await client.get("/v1/mechanisms/joint")).json()
        assert [one["aspect"] for one in shown["states"]] == ["established", "vacant", "dissolved"]

    async def test_are_told_to_whoever_follows_the_feed(
        self, bring_in: Import, ops: Headers, client: AsyncClient
    ) -> None:
        await bring_in("mechanisms", MECHANISMS + JOINT, ops)
        await bring_in("mechanism_municipalities", SERVED + "joint,peje,,,s4,L1\n", ops)

        [told] = [
            one
            for one in await read_feed(client, {})
            if (one["type"], one["id"]) == ("mechanism", "joint")
        ]

        shown = (await client.get("/v1/mechanisms/joint")).json()
        assert told["data"]["municipalities"] == ["peje"]
        assert told["version"] == shown["version"] >= 2

    @pytest.mark.parametrize(
        ("row", "column", "code"),
        [
            ("joint,false,established,true,,,,,,s4,L1\n", "", "missing_value"),
            ("joint,false,established,true,2026,2025,,,,s4,L1\n", "", "period_order"),
            ("nobody,false,established,true,2026,,,,,s4,L1\n", "mechanism", "unknown_reference"),
            ("joint,true,established,true,2026,,,,,s4,L1\n", "is_synthetic", "synthetic_period"),
            ("joint,true,established,true,2020,,,,,s4,L1\n", "", "synthetic_period"),
        ],
    )
    async def test_refuse_a_state_that_cannot_be(
        self,
        bring_in: Import,
        ops: Headers,
        client: AsyncClient,
        row: str,
        column: str,
        code: str,
    ) -> None:
        await bring_in("mechanisms", MECHANISMS + JOINT, ops)

        done = await bring_in("mechanism_states", STATES + row, ops)

        problems = (await client.get(f"/v1/imports/{done['id']}/problems", headers=ops)).json()
        assert done["state"] == "failed"
        assert [(one["column"] or "", one["code"]) for one in problems["items"]] == [(column, code)]

    async def test_are_not_made_up_for_the_past_by_the_database_either(
        self, registry: ServiceDatabase
    ) -> None:
        for day, held in (("2020-01-01", True), ("2026-02-01", False)):
            with pytest.raises(asyncpg.IntegrityConstraintViolationError):
                await registry.fetch(
                    "insert into mechanism_meeting (mechanism, is_synthetic, held_on, source, "  # noqa: S608
                    f"locator) values ('demo-communities-committee-prishtine', {held}, '{day}', "
                    "'demonstration', 'x')"
                )


class TestImports:
    @pytest.mark.parametrize(
        "collection",
        [
            *("mechanisms", "mechanism_municipalities", "mechanism_states", "memberships"),
            *("mechanism_meetings", "mechanism_attendances", "municipality_communities"),
        ],
    )
    async def test_refuse_the_wrong_caller(
        self, client: AsyncClient, bearer: Bearer, collection: str
    ) -> None:
        scope = "registry.imports.write"
        for subject in ("persona:municipal_officer:viti", "persona:analyst", "nobody"):
            answer = await client.post(
                f"/v1/imports?collection={collection}",
                content=MECHANISMS + JOINT,
                headers={
                    **bearer(subject, scope),
                    "Content-Type": "text/csv",
                    "Idempotency-Key": str(uuid4()),
                },
            )
            assert answer.status_code == 403


class TestListMechanisms:
    async def test_shows_real_ones_unless_asked_for_the_demonstration(
        self, reads: AsyncClient
    ) -> None:
        real = (await reads.get("/v1/mechanisms")).json()["items"]
        made_up = (await reads.get("/v1/mechanisms", params={"is_synthetic": True})).json()["items"]

        assert {one["is_synthetic"] for one in real} == {False}
        assert {one["is_synthetic"] for one in made_up} == {True}
        assert not {one["code"] for one in real} & {one["code"] for one in made_up}

    async def test_filters_by_kind_and_municipality(self, reads: AsyncClient) -> None:
        query = {"kind": "human_rights_unit", "municipality": "gracanice"}

        found = (await reads.get("/v1/mechanisms", params=query)).json()["items"]

        assert [one["code"] for one in found] == ["human-rights-unit-gracanice"]
        assert {(one["source"], one["locator"]) for one in found[0]["states"]} == {
            ("s2", "L329"),
            ("s1", "L31"),
        }


class TestGetMechanism:
    async def test_shows_decision_and_line(self, reads: AsyncClient) -> None:
        found = (await reads.get("/v1/mechanisms/accessibility-commission-viti")).json()

        [state] = found["states"]
        assert [one["slug"] for one in found["municipalities"]] == ["viti"]
        assert (state["decision"], state["decided_on"]) == ("02-370/01-1166", "2019-11-19")
        assert (state["source"], state["locator"], state["printed_as"]) == ("s0", "L256", "Vitia")

    async def test_does_not_know_another(self, reads: AsyncClient) -> None:
        assert (await reads.get("/v1/mechanisms/parliament")).status_code == 404
