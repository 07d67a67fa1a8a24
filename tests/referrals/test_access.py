"""Who is let in, what they must say, and what is written down about it."""

import asyncio

import httpx
import pytest

from komuna_referrals.access import Purpose
from komuna_referrals.roles import READERS
from komuna_shared.testing import Issuer
from tests.databases import ServiceDatabase
from tests.referrals.casework import Headers
from tests.referrals.conftest import PEJE, Grant, as_owner, trail

PROTECTED = ("/v1/cases", "/v1/cases/6f0a2c52-6d3e-4a57-9f67-0f2f3f1d5c11", "/v1/me/tasks")


@pytest.mark.parametrize("path", PROTECTED)
class TestToken:
    async def test_is_needed(self, client: httpx.AsyncClient, path: str) -> None:
        response = await client.get(path, headers={"processing-purpose": "assistance"})

        assert response.status_code == 401
        assert response.json()["code"] == "unauthorized"

    async def test_of_a_stranger_is_refused(
        self, client: httpx.AsyncClient, headers: Headers, path: str
    ) -> None:
        forged = Issuer().token("persona:social_worker", ["referrals.cases.read"])

        response = await client.get(path, headers=headers(authorization=f"Bearer {forged}"))

        assert response.status_code == 401

    async def test_needs_the_scope_of_the_route(
        self, client: httpx.AsyncClient, headers: Headers, path: str
    ) -> None:
        response = await client.get(path, headers=headers(scopes=("registry.me.read",)))

        assert (response.status_code, response.json()["code"]) == (403, "insufficient_scope")

    async def test_of_a_service_is_refused(
        self, client: httpx.AsyncClient, headers: Headers, issuer: Issuer, path: str
    ) -> None:
        token = issuer.service_token("indicators", ["referrals.cases.read", "referrals.me.read"])

        response = await client.get(path, headers=headers(authorization=f"Bearer {token}"))

        assert (response.status_code, response.json()["code"]) == (403, "wrong_kind_of_token")


@pytest.mark.parametrize("path", PROTECTED)
class TestPurpose:
    async def test_is_needed(self, client: httpx.AsyncClient, headers: Headers, path: str) -> None:
        sent = headers()
        del sent["processing-purpose"]

        response = await client.get(path, headers=sent)

        assert (response.status_code, response.json()["code"]) == (400, "purpose_missing")

    async def test_is_one_of_the_register(
        self, client: httpx.AsyncClient, headers: Headers, path: str
    ) -> None:
        response = await client.get(path, headers=headers(processing_purpose="curiosity of Arta K"))

        assert (response.status_code, response.json()["code"]) == (422, "unknown_purpose")
        assert "Arta" not in response.text
        for purpose in Purpose:
            assert purpose in response.text


class TestRecord:
    async def test_says_who_asked_for_what_and_why(
        self,
        client: httpx.AsyncClient,
        headers: Headers,
        grant: Grant,
        database: ServiceDatabase,
    ) -> None:
        await grant("social_worker")

        answers = [await client.get(path, headers=headers()) for path in PROTECTED]

        rows = await trail(database)
        assert [row["action"] for row in rows] == ["case.list", "case.read", "task.list"]
        assert [row["subject_id"] for row in rows] == ["*", PROTECTED[1].rpartition("/")[2], "*"]
        assert {row["subject"] for row in rows} == {"persona:social_worker"}
        assert {row["purpose"] for row in rows} == {"assistance"}
        assert {row["institution"] for row in rows} == {"centre-for-social-work-prizren"}
        assert [row["trace_id"] for row in rows] == [one.headers["request-id"] for one in answers]

    async def test_never_repeats_what_was_typed_as_an_id(
        self, client: httpx.AsyncClient, headers: Headers, database: ServiceDatabase
    ) -> None:
        await client.get("/v1/cases/Arta-Krasniqi-1994", headers=headers())

        (row,) = await trail(database)
        assert row["subject_id"] == "00000000-0000-0000-0000-000000000000"

    async def test_is_written_for_the_refused_too(
        self, client: httpx.AsyncClient, headers: Headers, database: ServiceDatabase
    ) -> None:
        response = await client.get("/v1/cases", headers=headers("persona:nobody"))

        assert response.status_code == 403
        assert [row["action"] for row in await trail(database)] == ["case.list.refused"]

    @pytest.mark.parametrize("path", PROTECTED)
    async def test_that_cannot_be_written_stops_the_read(
        self,
        client: httpx.AsyncClient,
        headers: Headers,
        grant: Grant,
        database: ServiceDatabase,
        path: str,
    ) -> None:
        await grant("social_worker")
        async with as_owner(database) as owner:
            await owner.execute("revoke insert on audit_event from referrals_app")

        response = await client.get(path, headers=headers())

        assert (response.status_code, response.json()["code"]) == (503, "audit_unavailable")
        assert int(response.headers["retry-after"]) > 0
        assert response.headers["cache-control"] == "no-store"

    @pytest.mark.clock
    async def test_that_cannot_be_written_in_time_stops_the_read(
        self,
        client: httpx.AsyncClient,
        headers: Headers,
        grant: Grant,
        database: ServiceDatabase,
    ) -> None:
        await grant("social_worker")
        async with as_owner(database) as owner, owner.transaction():
            await owner.execute("lock table audit_event in access exclusive mode")
            began = asyncio.get_running_loop().time()

            response = await client.get("/v1/cases", headers=headers())

            assert asyncio.get_running_loop().time() - began < 2
            assert (response.status_code, response.json()["code"]) == (503, "audit_unavailable")
        again = await client.get("/v1/cases", headers=headers())
        assert again.status_code == 200
        assert len(await trail(database)) == 1

    async def test_is_not_lost_when_the_read_finds_nothing(
        self, client: httpx.AsyncClient, headers: Headers, database: ServiceDatabase
    ) -> None:
        response = await client.get(PROTECTED[1], headers=headers())

        assert response.status_code == 404
        assert [row["action"] for row in await trail(database)] == ["case.read"]


class TestRole:
    @pytest.mark.parametrize("role", sorted(READERS))
    async def test_of_a_case_worker_opens_the_list(
        self, client: httpx.AsyncClient, headers: Headers, grant: Grant, role: str
    ) -> None:
        await grant(role)

        response = await client.get("/v1/cases", headers=headers(f"persona:{role}"))

        assert response.status_code == 200
        assert response.headers["cache-control"] == "no-store"

    @pytest.mark.parametrize("role", ["first_responder", "coordinator", "auditor", "ops", "dpo"])
    async def test_of_anyone_else_does_not(
        self, client: httpx.AsyncClient, headers: Headers, grant: Grant, role: str
    ) -> None:
        await grant(role)

        for path in ("/v1/cases", "/v1/me/tasks"):
            response = await client.get(path, headers=headers(f"persona:{role}"))
            assert (response.status_code, response.json()["code"]) == (403, "forbidden")

    async def test_counts_only_while_it_is_held(
        self, client: httpx.AsyncClient, headers: Headers, grant: Grant, database: ServiceDatabase
    ) -> None:
        await grant("advocate", institution=PEJE)
        async with as_owner(database) as owner:
            await owner.execute("update assignment_copy set valid_until = current_date - 1")

        response = await client.get("/v1/cases", headers=headers("persona:advocate"))

        assert response.status_code == 403


@pytest.mark.parametrize("path", PROTECTED)
class TestFreshness:
    @pytest.mark.parametrize("age", ["4 hours 1 minute", None])
    async def test_is_needed_of_the_assignments(
        self,
        client: httpx.AsyncClient,
        headers: Headers,
        grant: Grant,
        database: ServiceDatabase,
        path: str,
        age: str | None,
    ) -> None:
        await grant("social_worker")
        async with as_owner(database) as owner:
            await owner.execute(
                "update follower_cursor set read_to_end_at = now() - $1::text::interval", age
            )

        response = await client.get(path, headers=headers())

        assert (response.status_code, response.json()["code"]) == (503, "assignments_stale")
        (row,) = await trail(database)
        assert row["action"].endswith(".refused")

    async def test_may_be_less_while_registry_is_away(
        self,
        client: httpx.AsyncClient,
        headers: Headers,
        grant: Grant,
        database: ServiceDatabase,
        path: str,
    ) -> None:
        await grant("social_worker")
        async with as_owner(database) as owner:
            await owner.execute(
                "update follower_cursor set read_to_end_at = now() - interval '3 hours'"
            )

        response = await client.get(path, headers=headers())

        assert response.status_code in {200, 404}
