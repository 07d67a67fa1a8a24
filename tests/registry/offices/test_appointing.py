"""HTTP for whoever records who holds offices."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest
from httpx import AsyncClient
from pydantic import TypeAdapter

from komuna_registry.offices.schemas import OfficeOut, TenureOut
from tests.databases import ServiceDatabase
from tests.registry.conftest import Headers

from .conftest import ACT, appoint

UNKNOWN = "0197a3c0-0000-7000-8000-000000000000"


class TestCreateTenure:
    async def test_names_the_holder_from_the_day_on(
        self, keepers: AsyncClient, real_officer: Headers, mayor: str, place: str
    ) -> None:
        holder = {"name": "Arta Shembull", "sex": "female", "community": "turkish"}
        answer = await appoint(keepers, real_officer, mayor, holder=holder)

        made = answer.json()
        assert answer.status_code == 201
        assert (await keepers.get(f"/v1/tenures/{made['id']}")).json() == made
        TypeAdapter(TenureOut).validate_python(made)
        assert (made["holder"]["sex_source"], made["holder"]["sex_locator"]) == (
            made["source"],
            "01-020/26",
        )
        for day, names in (("2026-03-01", []), ("2026-03-02", ["Arta Shembull"])):
            found = (
                await keepers.get("/v1/offices", params={"municipality": place, "held_on": day})
            ).json()
            held = [one["holder"]["name"] for two in found["items"] for one in two["tenures"]]
            assert held == names
        office = OfficeOut.model_validate((await keepers.get(f"/v1/offices/{mayor}")).json())
        assert office.is_vacant is False

    async def test_takes_nobody_for_somebody_else_of_the_same_name(
        self, keepers: AsyncClient, officer: Headers, mayor: str, place: str
    ) -> None:
        first = (await appoint(keepers, officer, mayor)).json()
        chair = f"assembly-chair-{place}"
        other = (await appoint(keepers, officer, chair)).json()
        again = await appoint(keepers, officer, chair, holder=first["holder"]["code"])

        assert other["holder"]["code"] != first["holder"]["code"]
        assert (again.status_code, again.json()["code"]) == (409, "tenure_overlap")
        known = await appoint(
            keepers,
            officer,
            chair,
            holder=first["holder"]["code"],
            since="2026-01",
            until="2026-02-15",
        )
        assert known.json()["holder"] == first["holder"]

    @pytest.mark.parametrize(
        ("changes", "status", "code"),
        [
            ({"seat": 2}, 422, "unknown_seat"),
            ({"until": "2025"}, 422, "period_order"),
            ({"since": "soon"}, 422, "rule_broken"),
            ({"holder": "nobody-known"}, 422, "unknown_reference"),
            ({"holder": {"name": "x", "age": 40}}, 422, "unknown_field"),
            ({"act": None}, 422, "invalid_body"),
        ],
    )
    async def test_refuses_what_breaks_a_rule(
        self,
        keepers: AsyncClient,
        officer: Headers,
        changes: dict[str, Any],
        status: int,
        code: str,
        mayor: str,
    ) -> None:
        answer = await appoint(keepers, officer, mayor, **changes)

        assert (answer.status_code, answer.json()["code"]) == (status, code)

    @pytest.mark.parametrize(
        ("changes", "pointer", "code"),
        [
            ({"holder": "nobody-known"}, "/holder", "unknown_reference"),
            ({"holder": {"name": ""}}, "/holder/name", "string_too_short"),
            ({"holder": {"name": "x", "age": 40}}, "/holder", "unknown_field"),
            ({"holder": "No Code"}, "/holder", "string_pattern_mismatch"),
            ({"holder": 5}, "/holder", "model_type"),
        ],
    )
    async def test_says_where_a_holder_is_wrong_and_nothing_else(
        self,
        keepers: AsyncClient,
        officer: Headers,
        mayor: str,
        changes: dict[str, Any],
        pointer: str,
        code: str,
    ) -> None:
        answer = await appoint(keepers, officer, mayor, **changes)

        assert answer.status_code == 422
        [problem] = answer.json()["errors"]
        assert (problem["pointer"], problem["code"]) == (pointer, code)

    async def test_refuses_a_second_holder_of_the_same_days(
        self, keepers: AsyncClient, officer: Headers, mayor: str
    ) -> None:
        await appoint(keepers, officer, mayor)

        second = await appoint(
            keepers, officer, mayor, holder={"name": "Besa Tjetër"}, since="2026-05"
        )
        before = await appoint(
            keepers, officer, mayor, holder={"name": "Besa Tjetër"}, since="2026", until="2026-03"
        )

        assert (second.status_code, second.json()["code"]) == (409, "tenure_overlap")
        assert before.status_code == 201
        assert (await keepers.get("/v1/offices", params={"q": "Besa"})).json()["items"]

    async def test_lets_one_of_two_who_record_at_once_win(
        self, keepers: AsyncClient, officer: Headers, kept: ServiceDatabase, mayor: str
    ) -> None:
        answers = await asyncio.gather(
            *(
                appoint(keepers, officer, mayor, holder={"name": f"Drita {n}"})
                for n in ("Një", "Dy")
            )
        )

        assert sorted(one.status_code for one in answers) == [201, 409]
        [row] = await kept.fetch("select count(*) from holder where name like 'Drita%'")
        assert row[0] == 1

    async def test_makes_one_of_the_same_request_sent_twice(
        self, keepers: AsyncClient, officer: Headers, mayor: str
    ) -> None:
        once = {**officer, "Idempotency-Key": str(uuid4())}

        first, second = await appoint(keepers, once, mayor), await appoint(keepers, once, mayor)

        assert first.json() == second.json()
        assert second.headers["idempotent-replayed"] == "true"

    async def test_refuses_the_wrong_caller(
        self, keepers: AsyncClient, officer: Headers, mayor: str
    ) -> None:
        refused = await appoint(keepers, officer, "mayor-obiliq")
        assert (refused.status_code, refused.json()["code"]) == (403, "not_yours")
        assert (await appoint(keepers, {}, mayor)).status_code == 401
        assert (await appoint(keepers, officer, "king")).status_code == 404

    async def test_tells_the_feed_the_audit_and_the_history(
        self, keepers: AsyncClient, officer: Headers, kept: ServiceDatabase, mayor: str, place: str
    ) -> None:
        made = (await appoint(keepers, officer, mayor)).json()

        [told] = await kept.fetch("select * from change where id = $1", made["id"])
        assert (told["type"], told["audience"], told["version"]) == ("tenure", "public", 1)
        [audited] = await kept.fetch("select * from audit_event where subject_id = $1", made["id"])
        assert (audited["action"], audited["subject"]) == (
            "tenure.record",
            f"persona:municipal_officer:{place}",
        )
        history = (await keepers.get(f"/v1/offices/{mayor}/history")).json()["items"]
        assert (history[0]["op"], history[0]["to"]["since"]) == ("insert", "2026-03-02")
        assert history[0]["by"] is None

    async def test_keeps_an_act_once_and_under_one_title(
        self, keepers: AsyncClient, officer: Headers, mayor: str, place: str
    ) -> None:
        chair = f"assembly-chair-{place}"
        first = await appoint(keepers, officer, mayor)
        renamed = await appoint(keepers, officer, chair, act=ACT | {"title": "Tjetër"})
        second = await appoint(keepers, officer, chair)

        assert (renamed.status_code, renamed.json()["code"]) == (409, "act_differs")
        assert first.json()["source"] == second.json()["source"]
