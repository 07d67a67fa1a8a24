"""HTTP for imports."""

import asyncio
from collections.abc import AsyncIterator
from uuid import uuid4

from fastapi import FastAPI
from httpx import AsyncClient

from komuna_shared.database import Database
from komuna_shared.testing import Issuer
from tests.databases import ServiceDatabase
from tests.shared.imports.files import HOME, count, import_file, run, send


class TestCreateImport:
    async def test_makes_one_import_of_the_same_file_under_one_key(
        self, client: AsyncClient, writer: dict[str, str], notes: ServiceDatabase
    ) -> None:
        headers = writer | {"Idempotency-Key": str(uuid4())}
        first = await send(client, headers, "title\nA\n")
        second = await send(client, headers, "title\nA\n")
        other = await send(client, headers, "title\nB\n")

        assert (first.status_code, second.status_code) == (202, 202)
        assert first.json()["id"] == second.json()["id"]
        assert second.headers["idempotent-replayed"] == "true"
        assert (other.status_code, other.json()["code"]) == (422, "idempotency_mismatch")
        assert [await count(notes, one) for one in ("import_job", "import_chunk", "pgqueuer")] == [
            1,
            1,
            1,
        ]
        assert first.headers["location"].endswith(f"/v1/imports/{first.json()['id']}")

    async def test_refuses_who_has_no_role_for_the_collection(
        self, client: AsyncClient, issuer: Issuer
    ) -> None:
        token = issuer.token("reader-1", ["notes.imports.write"])
        answer = await send(client, {"Authorization": f"Bearer {token}"}, "title\nA\n")

        assert answer.status_code == 403

    async def test_refuses_what_is_not_imported_here(
        self, client: AsyncClient, writer: dict[str, str]
    ) -> None:
        unknown = await send(client, writer, "title\n", collection="people")
        media = await send(client, writer, "{}", media="application/json")

        assert (unknown.status_code, unknown.json()["code"]) == (422, "unknown_collection")
        assert media.status_code == 415

    async def test_refuses_nothing_of_no_kind(
        self, client: AsyncClient, writer: dict[str, str]
    ) -> None:
        for media in ("", "text/plain"):
            answer = await send(client, writer, "", media=media)

            assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")

    async def test_holds_no_connection_while_a_slow_body_arrives(
        self, api: FastAPI, client: AsyncClient, writer: dict[str, str]
    ) -> None:
        reached = asyncio.Event()
        goes_on = asyncio.Event()

        async def slowly() -> AsyncIterator[bytes]:
            yield b"title\n"
            reached.set()
            await goes_on.wait()
            yield b"A\n"

        class Body:
            def __aiter__(self) -> AsyncIterator[bytes]:
                return slowly()

        sending = asyncio.create_task(send(client, writer, Body()))
        await asyncio.sleep(0.3)
        pool = api.state.database.engine.pool
        assert pool.checkedout() == 0
        goes_on.set()
        assert (await sending).status_code == 202


class TestGetImport:
    async def test_hides_the_imports_of_others(
        self, client: AsyncClient, writer: dict[str, str], issuer: Issuer
    ) -> None:
        job = (await send(client, writer, "title\nA\n")).json()
        token = issuer.token("writer-2", ["notes.imports.write"])
        other = {"Authorization": f"Bearer {token}", "If-Match": "*"}

        for method, path in (("GET", ""), ("GET", "/problems"), ("DELETE", "")):
            answer = await client.request(method, f"{HOME}/{job['id']}{path}", headers=other)
            assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
        assert (await client.get(f"{HOME}/{uuid4()}", headers=writer)).status_code == 404


class TestCancelImport:
    async def test_leaves_nothing_of_it(
        self,
        client: AsyncClient,
        writer: dict[str, str],
        database: Database,
        notes: ServiceDatabase,
    ) -> None:
        job = await send(client, writer, "title\nA\n")
        url = f"{HOME}/{job.json()['id']}"

        assert (await client.delete(url, headers=writer)).status_code == 428
        stale = await client.delete(url, headers=writer | {"If-Match": '"x"'})
        assert stale.status_code == 412
        gone = await client.delete(url, headers=writer | {"If-Match": job.headers["etag"]})
        assert gone.status_code == 204
        assert (await client.get(url, headers=writer)).status_code == 404
        await run(database, job.json()["id"])
        assert await count(notes) == 0
        assert await count(notes, "import_chunk") == 0

    async def test_refuses_once_it_has_ended(
        self, client: AsyncClient, writer: dict[str, str], database: Database
    ) -> None:
        job = await import_file(client, writer, database, "title\nA\n")
        answer = await client.delete(f"{HOME}/{job['id']}", headers=writer | {"If-Match": "*"})

        assert (answer.status_code, answer.json()["code"]) == (409, "import_ended")
