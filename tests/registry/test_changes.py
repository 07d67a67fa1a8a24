"""The feed that others follow."""

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from httpx import AsyncClient

from komuna_shared.testing import Issuer
from proofs import p06_feed_replayed
from proofs.feed_states import TYPES, differences, state_of
from proofs.feed_walk import Follower
from proofs.mutants import passes_the_oldest
from tests.databases import Server, ServiceDatabase
from tests.registry.conftest import OPS, Bearer, Headers

FEED = "service.assignments.read"
# Of what `make proofs PROOF=6` walks: one walk of so many steps, seen to catch its canary.
SEED = 5
SLICE = (1, 150)
WANTED = {
    "subject": "persona:analyst",
    "role": "municipal_officer",
    "municipality": "prishtine",
    "valid_from": "2026-01-01",
    "source": "Decision 01-20",
}


class TestChanges:
    async def test_hides_assignments_from_everybody_but_the_services(
        self, client: AsyncClient, ops: Headers
    ) -> None:
        for headers in ({}, ops):
            types = {one["type"] for one in await read_feed(client, headers)}
            assert "municipality" in types
            assert "assignment" not in types

    async def test_shows_a_service_each_assignment_and_its_end(
        self, client: AsyncClient, bearer: Bearer, issuer: Issuer
    ) -> None:
        token = issuer.service_token("indicators", [FEED])
        service = {"Authorization": f"Bearer {token}"}
        scopes = ("registry.assignments.read", "registry.assignments.write")
        admin = bearer("persona:municipal_admin:prishtine", *scopes)
        made = await client.post("/v1/assignments", json=WANTED, headers=admin)
        await client.delete(
            f"/v1/assignments/{made.json()['id']}",
            headers={**admin, "If-Match": made.headers["etag"]},
        )

        feed = [one for one in await read_feed(client, service) if one["type"] == "assignment"]

        assert len(feed) == 174
        assert (feed[-1]["id"], feed[-1]["op"], feed[-1]["data"]) == (
            made.json()["id"],
            "delete",
            None,
        )
        assert feed[1]["data"].keys() == {
            *("issuer", "subject", "role", "institution", "municipality"),
            *("valid_from", "valid_until"),
        }


async def read_feed(client: AsyncClient, headers: Headers) -> list[dict[str, Any]]:
    """Read the whole feed, page by page."""
    found: list[dict[str, Any]] = []
    query = {"limit": "200"}
    while True:
        page = (await client.get("/v1/changes", params=query, headers=headers)).json()
        found += page["items"]
        if not page["items"]:
            return found
        query["since"] = page["page"]["next_cursor"]


def followers(bearer: Bearer, issuer: Issuer) -> list[Follower]:
    """Make somebody for each audience that the feed has."""
    service = issuer.service_token("indicators", [FEED])
    tiers = ("public", "registered_institution", "nrm_member")
    scope = "registry.directory.read"
    return [
        Follower(frozenset({"public"}), {}),
        Follower(frozenset(tiers[:2]), bearer("persona:analyst:mlg", scope)),
        Follower(frozenset(tiers), bearer("persona:advocate:vaao", scope)),
        Follower(frozenset({"public", FEED}), {"Authorization": f"Bearer {service}"}),
        Follower(frozenset({"public", "contacts"}), bearer(OPS, "registry.contacts.read")),
    ]


@pytest.fixture
def bare(postgres: Server) -> Iterator[ServiceDatabase]:
    """A database of this test's own that was only migrated."""
    copy = postgres.copy("registry", "komuna_registry")
    yield copy
    postgres.drop(copy.room.database)


class TestReplay:
    async def test_from_zero_rebuilds_all_that_was_loaded_for_each_audience(
        self, reads: AsyncClient, read_only: ServiceDatabase, bearer: Bearer, issuer: Issuer
    ) -> None:
        told: set[str] = set()
        connection = await asyncpg.connect(read_only.url.replace("+asyncpg", ""))
        try:
            for one in followers(bearer, issuer):
                await one.read_to_end(reads)
                real = await state_of(connection, one.audiences)
                told |= {type_ for type_, _ in one.known}

                assert differences(one.known, real) == []
        finally:
            await connection.close()
        assert told <= set(TYPES)
        assert len(told) > 15

    async def test_rebuilds_what_is_there_while_transactions_overlap(
        self, bare: ServiceDatabase, tmp_path: Path
    ) -> None:
        dice = random.Random(SEED)  # noqa: S311

        figures = await p06_feed_replayed.walk(bare, tmp_path, dice, SLICE)

        assert figures["differences"] == 0, figures
        assert figures["committed"] > 8

    async def test_without_waiting_for_the_oldest_would_lose_something(
        self, bare: ServiceDatabase, tmp_path: Path
    ) -> None:
        dice = random.Random(SEED)  # noqa: S311

        with passes_the_oldest():
            figures = await p06_feed_replayed.walk(bare, tmp_path, dice, SLICE)

        assert figures["differences"] > 0
