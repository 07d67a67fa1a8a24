"""The feed: nothing is skipped, nothing is shown to the wrong eyes, and it can be replayed."""

import asyncio
import random
from typing import Any
from uuid import uuid4

import pytest
from httpx import AsyncClient
from sqlalchemy import insert, text, update

from komuna_shared.changes import (
    Change,
    Position,
    forget_tombstones,
    list_changes,
    publish,
    publish_all,
)
from komuna_shared.database import Database
from komuna_shared.testing import Issuer
from tests.databases import ServiceDatabase
from tests.shared.notes.main import MOMENT
from tests.shared.notes.tables import Note

EVERYBODY = frozenset({"public"})
START = Position()
SECRET = "service.assignments.read"


async def say(database: Database, id_: str, *, version: int = 1, **more: Any) -> None:
    async with database.session() as session:
        await publish(session, type="note", id=id_, version=version, data={"v": version}, **more)


async def read(
    database: Database, since: Position = START, audiences: frozenset[str] = EVERYBODY
) -> tuple[list[Change], Position]:
    """Read the feed to its end, three at a time."""
    found: list[Change] = []
    while True:
        async with database.reader() as connection:
            items, since = await list_changes(connection, since, audiences, 3)
        found += items
        if len(items) < 3:
            return found, since


def names(items: list[Change]) -> list[str]:
    return [f"{one.op} {one.id}" for one in items]


class TestOrder:
    async def test_waits_for_a_transaction_that_began_earlier_and_commits_later(
        self, database: Database
    ) -> None:
        async with database.sessions() as early:
            # It has its number, and no row yet that anybody could see.
            await publish(early, type="note", id="early", version=1, data={})
            await say(database, "late")
            seen, position = await read(database)
            assert names(seen) == []
            await early.commit()

        seen, _ = await read(database, position)
        assert names(seen) == ["upsert early", "upsert late"]

    async def test_moves_a_thing_that_changes_again_to_the_end(self, database: Database) -> None:
        for one in ("a", "b"):
            await say(database, one)
        _, position = await read(database)
        await say(database, "a", version=2)

        seen, _ = await read(database, position)
        assert [(one.id, one.version, one.data) for one in seen] == [("a", 2, {"v": 2})]
        whole, _ = await read(database)
        assert names(whole) == ["upsert b", "upsert a"]

    async def test_shows_nothing_that_was_rolled_back(self, database: Database) -> None:
        async with database.sessions() as session:
            await publish(session, type="note", id="gone", version=1, data={})
            await session.rollback()

        assert (await read(database))[0] == []

    async def test_is_the_order_of_changes_to_one_thing_whoever_began_first(
        self, database: Database
    ) -> None:
        """The earlier transaction changes the thing last: its state is the one that stays."""
        async with database.sessions() as early:
            await early.execute(text("select pg_current_xact_id()"))
            await say(database, "a", version=1)
            await publish(early, type="note", id="a", version=2, data={"v": 2})
            await early.commit()

        seen, _ = await read(database)
        assert [(one.id, one.version) for one in seen] == [("a", 2)]

    async def test_lets_a_follower_replay_what_many_wrote_at_once(
        self, database: Database, notes: ServiceDatabase
    ) -> None:
        chance = random.Random(7)  # noqa: S311 -- a storm that can be repeated.
        ids = [uuid4() for _ in range(12)]
        async with database.session() as session:
            rows = [{"id": i, "title": str(i), "written_at": MOMENT, "version": 0} for i in ids]
            await session.execute(insert(Note).values(rows))
        done = asyncio.Event()

        async def change() -> None:
            for _ in range(25):
                async with database.session() as session:
                    for one in sorted(chance.sample(ids, 2)):
                        await session.execute(text("select pg_current_xact_id()"))
                        await asyncio.sleep(chance.random() / 200)
                        row = update(Note).where(Note.id == one).values(version=Note.version + 1)
                        version = await session.scalar(row.returning(Note.version))
                        assert version is not None
                        await publish(session, type="note", id=str(one), version=version, data={})
                    if chance.random() < 0.2:
                        await session.rollback()

        async def follow() -> dict[str, int]:
            copy: dict[str, int] = {}
            position = Position()
            while True:
                ended = done.is_set()
                items, position = await read(database, position)
                copy |= {one.id: one.version for one in items}
                if ended:
                    return copy

        following = asyncio.create_task(follow())
        await asyncio.gather(*(change() for _ in range(6)))
        done.set()

        state = await notes.fetch("select id::text, version from note where version > 0")
        assert await following == {row["id"]: row["version"] for row in state}
        assert len(state) == 12


class TestAudience:
    async def test_hides_what_is_for_others(self, database: Database) -> None:
        await say(database, "open")
        await say(database, "secret", audience=SECRET)

        assert names((await read(database))[0]) == ["upsert open"]
        both = EVERYBODY | {SECRET}
        assert names((await read(database, audiences=both))[0]) == ["upsert open", "upsert secret"]

    async def test_deletes_what_leaves_the_readers_sight(self, database: Database) -> None:
        await say(database, "a")
        _, position = await read(database)
        await say(database, "a", version=2, audience=SECRET)

        seen, after = await read(database, position)
        assert names(seen) == ["delete a"]
        assert seen[0].data is None
        assert seen[0].version == 1
        await say(database, "a", version=3, audience=SECRET)
        assert await read(database, after) == ([], after)

    async def test_shows_who_sees_both_sides_the_new_state_last(self, database: Database) -> None:
        both = EVERYBODY | {SECRET}
        await say(database, "a")
        await say(database, "a", version=2, audience=SECRET)
        assert names((await read(database, audiences=both))[0]) == ["delete a", "upsert a"]
        await say(database, "a", version=3)
        assert names((await read(database, audiences=both))[0]) == ["delete a", "upsert a"]
        assert names((await read(database))[0]) == ["upsert a"]

    async def test_keeps_a_tombstone_of_what_was_deleted(self, database: Database) -> None:
        await say(database, "a")
        await say(database, "a", version=2, op="delete")

        [gone] = (await read(database))[0]
        assert (gone.op, gone.version, gone.data) == ("delete", 2, None)

    async def test_takes_many_at_once(self, database: Database) -> None:
        async with database.session() as session:
            await publish_all(
                session, [Change("note", str(number), 1, {"n": number}) for number in range(2500)]
            )

        assert [one.id for one in (await read(database))[0]] == [str(n) for n in range(2500)]


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
