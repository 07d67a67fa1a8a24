"""HTTP for the feed."""

from typing import Any

import pytest
from httpx import AsyncClient

from komuna_shared.changes import forget_tombstones
from komuna_shared.database import Database
from komuna_shared.testing import Issuer
from tests.databases import ServiceDatabase
from tests.shared.changes.feed import SECRET, say


async def get(client: AsyncClient, headers: dict[str, str] | None = None, **params: Any) -> Any:
    answer = await client.get("/v1/changes", params=params, headers=headers)
    return answer.json() if answer.status_code == 200 else (answer.status_code, answer.json())


class TestRoute:
    @pytest.fixture
    def service(self, issuer: Issuer) -> dict[str, str]:
        token = issuer.service_token("indicators", [SECRET])
        return {"Authorization": f"Bearer {token}"}

    async def test_goes_on_from_its_cursor_and_repeats_it_on_an_empty_page(
        self, client: AsyncClient, database: Database
    ) -> None:
        for one in "abc":
            await say(database, one)
        first = await get(client, limit=2)
        second = await get(client, since=first["page"]["next_cursor"], limit=2)
        third = await get(client, since=second["page"]["next_cursor"], limit=2)

        assert [[one["id"] for one in page["items"]] for page in (first, second, third)] == [
            ["a", "b"],
            ["c"],
            [],
        ]
        assert third["page"]["next_cursor"] == second["page"]["next_cursor"]
        assert first["items"][0] == {
            "op": "upsert",
            "type": "note",
            "id": "a",
            "version": 1,
            "data": {"v": 1},
        }

    async def test_shows_assignments_to_services_with_the_scope_only(
        self,
        client: AsyncClient,
        database: Database,
        issuer: Issuer,
        service: dict[str, str],
    ) -> None:
        await say(database, "who", audience=SECRET)
        person = {"Authorization": f"Bearer {issuer.token('arta', [SECRET])}"}
        stranger = {"Authorization": f"Bearer {issuer.service_token('referrals', [])}"}

        assert len((await get(client, service))["items"]) == 1
        for headers in (None, person, stranger):
            assert (await get(client, headers))["items"] == []

    async def test_starts_over_for_eyes_the_cursor_was_not_made_for(
        self, client: AsyncClient, database: Database, service: dict[str, str]
    ) -> None:
        await say(database, "a")
        cursor = (await get(client))["page"]["next_cursor"]

        status, problem = await get(client, service, since=cursor)
        assert (status, problem["code"]) == (410, "resync_required")

    @pytest.mark.parametrize("cursor", ["x", "AAAA", "é", "A" * 2000, "!!!!"])
    async def test_refuses_a_cursor_of_others(self, client: AsyncClient, cursor: str) -> None:
        status, _ = await get(client, since=cursor)

        assert status == 400

    async def test_refuses_a_cursor_whose_position_was_changed(
        self, client: AsyncClient, database: Database
    ) -> None:
        await say(database, "a")
        cursor = (await get(client))["page"]["next_cursor"]
        for position in range(len(cursor)):
            other = "A" if cursor[position] != "A" else "B"
            forged = cursor[:position] + other + cursor[position + 1 :]
            if forged.rstrip("AEIMQUYcgkosw048BFJ") != cursor.rstrip("AEIMQUYcgkosw048BFJ"):
                assert (await get(client, since=forged))[0] == 400

    async def test_asks_for_a_new_start_once_tombstones_are_forgotten(
        self, client: AsyncClient, database: Database, notes: ServiceDatabase
    ) -> None:
        await say(database, "a")
        old = (await get(client))["page"]["next_cursor"]
        await say(database, "a", version=2, op="delete")
        await notes.fetch("update change set published_at = now() - interval '91 days'")
        await say(database, "b")
        young = (await get(client))["page"]["next_cursor"]
        async with database.session() as session:
            await forget_tombstones(session)

        status, problem = await get(client, since=old)
        assert (status, problem["code"]) == (410, "resync_required")
        assert (await get(client, since=young))["items"] == []
        assert [one["id"] for one in (await get(client))["items"]] == ["b"]

    async def test_does_not_ask_a_reader_who_begins_to_begin_again(
        self, client: AsyncClient, database: Database, notes: ServiceDatabase
    ) -> None:
        await say(database, "a")
        await say(database, "b")
        await say(database, "b", version=2, op="delete")
        caught_up = (await get(client))["page"]["next_cursor"]
        await notes.fetch("update change set published_at = now() - interval '91 days'")
        async with database.session() as session:
            await forget_tombstones(session)

        # The last that is left of the feed stands before what was forgotten.
        for cursor in (caught_up, (await get(client))["page"]["next_cursor"]):
            assert (await get(client, since=cursor))["items"] == []
