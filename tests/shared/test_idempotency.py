"""One key, one effect: replays, twins, crashes."""

import asyncio
import random
from collections import Counter
from uuid import uuid4

import pytest
from httpx import AsyncClient, Response
from sqlalchemy import insert, text
from sqlalchemy.exc import DBAPIError

from komuna_shared import outbox
from komuna_shared.database import Database
from komuna_shared.idempotency import InFlightError, OnceKey, once
from komuna_shared.retention import forget_keys
from komuna_shared.testing import Issuer
from tests.databases import ServiceDatabase
from tests.shared.notes.main import MOMENT
from tests.shared.notes.tables import Note

# Named in the names of tests, which every process must find the same.
UUID_KEY = "0197a3c0-7d1e-7c6f-a6e6-c69e8470ada1"


def a_key(name: str = "a", body: str = "body") -> OnceKey:
    return OnceKey("client", "subject", "POST /v1/notes", name.encode(), body.encode())


async def write(database: Database, key: OnceKey, *, crash: bool = False) -> str:
    """Write one note, or cut the own connection between the effect and the commit."""
    async with database.session() as session:

        async def make() -> str:
            note_id = uuid4()
            title = f"{key.key_hash.decode()} {note_id}"
            await session.execute(insert(Note).values(id=note_id, title=title, written_at=MOMENT))
            await outbox.emit(session, "note.written", str(note_id), 1)
            return str(note_id)

        made = await once(session, key, make)
        if crash and not made.replayed:
            await session.execute(text("select pg_terminate_backend(pg_backend_pid())"))
    return made.id


async def post(
    client: AsyncClient, headers: dict[str, str], key: str, title: str = "one"
) -> Response:
    sent = headers | {"Idempotency-Key": key}
    return await client.post("/v1/notes", json={"title": title}, headers=sent)


class TestOnce:
    async def test_answers_a_repeated_request_with_the_same_thing(
        self, client: AsyncClient, writer: dict[str, str], notes: ServiceDatabase
    ) -> None:
        key = str(uuid4())
        first = await post(client, writer, key)
        second = await post(client, writer, key)

        assert (first.status_code, second.status_code) == (201, 201)
        assert first.json() == second.json()
        assert "idempotent-replayed" not in first.headers
        assert second.headers["idempotent-replayed"] == "true"
        [row] = await notes.fetch(
            "select (select count(*) from note) as notes,"
            " (select count(*) from audit_event) as events,"
            " (select count(*) from outbox) as events_out, (select count(*) from change) as feed"
        )
        assert tuple(row.values()) == (1, 1, 1, 1)

    async def test_refuses_another_body_under_the_same_key(
        self, client: AsyncClient, writer: dict[str, str]
    ) -> None:
        key = str(uuid4())
        await post(client, writer, key)
        answer = await post(client, writer, key, title="two")

        assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_mismatch")

    async def test_keeps_the_keys_of_two_people_apart(
        self, client: AsyncClient, writer: dict[str, str], issuer: Issuer
    ) -> None:
        other = {"Authorization": f"Bearer {issuer.token('writer-2', ['notes.notes.write'])}"}
        key = str(uuid4())
        mine = await post(client, writer, key)
        theirs = await post(client, other, key, title="two")

        assert theirs.status_code == 201
        assert mine.json()["id"] != theirs.json()["id"]

    async def test_keeps_no_key_of_a_request_that_failed(
        self, client: AsyncClient, writer: dict[str, str]
    ) -> None:
        headers = writer | {"Idempotency-Key": str(uuid4())}
        sad = await client.post("/v1/notes", json={"title": "x", "mood": "sad"}, headers=headers)
        glad = await client.post("/v1/notes", json={"title": "x"}, headers=headers)

        assert (sad.status_code, glad.status_code) == (422, 201)

    @pytest.mark.parametrize("key", ["0" * 32, "a" * 32, "A-_" * 8, UUID_KEY])
    async def test_takes_any_22_to_64_url_safe_characters(
        self, client: AsyncClient, writer: dict[str, str], key: str
    ) -> None:
        assert (await post(client, writer, key)).status_code == 201

    @pytest.mark.parametrize("key", ["short", "", "x" * 65, "é" * 30, "{" + UUID_KEY + "}"])
    async def test_refuses_what_is_no_key(
        self, client: AsyncClient, writer: dict[str, str], key: str
    ) -> None:
        sent = [(name.encode(), value.encode()) for name, value in writer.items()]
        answer = await client.post(
            "/v1/notes", json={"title": "x"}, headers=[*sent, (b"Idempotency-Key", key.encode())]
        )

        assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_invalid")

    async def test_asks_for_a_key_where_one_is_required(
        self, client: AsyncClient, writer: dict[str, str]
    ) -> None:
        answer = await client.post(
            "/v1/imports?collection=notes",
            content=b"title\n",
            headers=writer | {"Content-Type": "text/csv"},
        )

        assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_required")

    async def test_says_in_flight_when_the_first_does_not_end_in_time(
        self, notes: ServiceDatabase
    ) -> None:
        async with notes.opened() as database, database.session() as session:

            async def wait_for_twin() -> str:
                with pytest.raises(InFlightError) as raised:
                    await write(database, a_key())
                assert raised.value.status == 409
                return "first"

            made = await once(session, a_key(), wait_for_twin)

        assert made.id == "first"

    async def test_lets_a_key_be_used_anew_after_a_day(
        self, database: Database, notes: ServiceDatabase
    ) -> None:
        first = await write(database, a_key())
        await notes.fetch("update idempotency_key set created_at = now() - interval '25 hours'")

        assert await write(database, a_key(body="another")) != first

    async def test_forgets_keys_after_a_day(
        self, database: Database, notes: ServiceDatabase
    ) -> None:
        await write(database, a_key("old"))
        await notes.fetch("update idempotency_key set created_at = now() - interval '25 hours'")
        await write(database, a_key("young"))
        async with database.session() as session:
            await forget_keys(session)

        assert len(await notes.fetch("select 1 from idempotency_key")) == 1


class TestStorm:
    async def test_makes_one_effect_of_each_key_whatever_crashes(
        self, notes: ServiceDatabase
    ) -> None:
        chance = random.Random(20)  # noqa: S311 -- a storm that can be repeated.
        seen: dict[str, set[str]] = {f"k{number}": set() for number in range(300)}
        crashes: Counter[bool] = Counter()

        async with notes.opened(pool_size=20) as database:

            async def insist(name: str) -> None:
                """Ask until there is an answer, as a client does; some attempts are cut off."""
                while True:
                    crash = chance.random() < 0.3
                    try:
                        seen[name].add(await write(database, a_key(name), crash=crash))
                    except (InFlightError, DBAPIError):
                        crashes[crash] += 1
                        continue
                    return

            twins = [name for name in seen for _ in range(4)]
            chance.shuffle(twins)
            gate = asyncio.Semaphore(20)

            async def behind_gate(name: str) -> None:
                async with gate:
                    await insist(name)

            await asyncio.gather(*(behind_gate(name) for name in twins))

        assert crashes[True] > 90
        assert {len(ids) for ids in seen.values()} == {1}
        written = await notes.fetch("select id::text, split_part(title, ' ', 1) as name from note")
        assert {row["name"]: {row["id"]} for row in written} == seen
        assert len(written) == 300
        assert len(await notes.fetch("select 1 from outbox")) == 300
