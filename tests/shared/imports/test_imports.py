"""Files in, through the web process and the worker: wholly or not at all."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import psutil
import pytest
from fastapi import FastAPI
from httpx import AsyncClient, Response

from komuna_shared.database import Database
from komuna_shared.imports import import_jobs
from komuna_shared.settings import ServiceSettings
from komuna_shared.testing import Issuer
from tests.databases import ServiceDatabase
from tests.shared.notes.main import COLLECTIONS
from tests.shared.worker import ended, until_progress, working

CSV = "text/csv"
HOME = "/v1/imports"


async def send(
    client: AsyncClient, headers: dict[str, str], body: Any, media: str = CSV, **query: str
) -> Response:
    sent = {"Idempotency-Key": str(uuid4())} | headers | {"Content-Type": media}
    params = {"collection": "notes"} | query
    return await client.post(HOME, content=body, headers=sent, params=params)


async def run(database: Database, import_id: str) -> None:
    """Run the job here, as the worker would."""
    await import_jobs(COLLECTIONS)["imports.run"](database, {"import": import_id})


async def import_file(
    client: AsyncClient, headers: dict[str, str], database: Database, body: Any, **query: str
) -> dict[str, Any]:
    answer = await send(client, headers, body, **query)
    assert answer.status_code == 202, answer.text
    await run(database, answer.json()["id"])
    return await ended(client, headers, f"{HOME}/{answer.json()['id']}")


async def problems(
    client: AsyncClient, headers: dict[str, str], job: dict[str, Any], language: str = "en"
) -> list[tuple[int, str, str, str]]:
    url = f"{HOME}/{job['id']}/problems"
    answer = await client.get(url, headers=headers | {"Accept-Language": language})
    assert answer.status_code == 200, answer.text
    return [(o["row"], o["column"], o["code"], o["detail"]) for o in answer.json()["items"]]


async def count(notes: ServiceDatabase, table: str = "note") -> int:
    return len(await notes.fetch(f"select 1 from {table}"))  # noqa: S608 -- our own word.


class TestRun:
    async def test_writes_every_row_in_the_transaction_that_ends_it(
        self,
        client: AsyncClient,
        writer: dict[str, str],
        database: Database,
        notes: ServiceDatabase,
    ) -> None:
        job = await import_file(client, writer, database, "title,mood,size\nA,sad,3\nÇ,,\n")

        assert (job["state"], job["progress"], job["problem_count"]) == ("succeeded", 100, 0)
        assert job["counts"] == {"created": 2, "updated": 0, "unchanged": 0}
        rows = await notes.fetch("select title, mood, size from note order by title")
        assert [tuple(row.values()) for row in rows] == [("A", "sad", 3), ("Ç", "glad", None)]
        actions = await notes.fetch("select action, subject from audit_event order by at")
        assert [tuple(row.values()) for row in actions] == [
            ("import.started", "writer-1"),
            ("import.notes", "writer-1"),
        ]
        for part in ("import_chunk", "import_row", "import_problem"):
            assert await count(notes, part) == 0

    @pytest.mark.parametrize(
        ("body", "expected"),
        [
            ("title\nA\nAtlantis\n", (3, "title", "unknown_municipality")),
            ("title,size,total\nA,1,1\nB,5,4\n", (3, "size", "greater_than_total")),
            ('title,size\nA,1\nB,"2,5"\n', (3, "size", "decimal_comma")),
            ("title\nA\nB\nA\n", (4, "title", "duplicate_row")),
            ("title\nA\nÇ\n".encode("latin-1"), (3, "title", "not_utf8")),
            ("title\nA\n\n,\nB,\nC\x01\n", (6, "title", "control_character")),
            ("title,Arta\nA,1\n", (1, "B", "unknown_column")),
        ],
    )
    async def test_names_row_column_and_code_and_writes_nothing(
        self,
        client: AsyncClient,
        writer: dict[str, str],
        database: Database,
        notes: ServiceDatabase,
        body: Any,
        expected: tuple[int, str, str],
    ) -> None:
        job = await import_file(client, writer, database, body)

        assert (job["state"], job["code"], job["problem_count"]) == ("failed", "rows_refused", 1)
        [problem] = await problems(client, writer, job)
        assert problem[:3] == expected
        assert await count(notes) == 0
        assert await count(notes, "import_chunk") == 0

    async def test_tells_what_is_wrong_in_the_callers_language(
        self, client: AsyncClient, writer: dict[str, str], database: Database
    ) -> None:
        job = await import_file(client, writer, database, "title\nA\nA\n")

        said = {
            language: (await problems(client, writer, job, language))[0][3]
            for language in ("sq", "sr-Latn", "sr-Cyrl", "en")
        }
        assert said["en"] == "Row 2 is about the same thing."
        assert len(set(said.values())) == 4
        assert all("2" in sentence and "{" not in sentence for sentence in said.values())

    async def test_echoes_nothing_that_was_sent(
        self,
        client: AsyncClient,
        writer: dict[str, str],
        database: Database,
        notes: ServiceDatabase,
    ) -> None:
        canary = "Shpresa Kelmendi"
        body = f"title,size,mood\n{canary * 4},{canary},{canary}\nAtlantis {canary},1,glad\n"
        job = await import_file(client, writer, database, body)
        url = f"{HOME}/{job['id']}/problems"

        text = (await client.get(url, headers=writer)).text + str(job)
        stored = await notes.fetch("select import_problem::text as it from import_problem")
        assert job["problem_count"] == 4
        assert "Shpresa" not in text + "".join(row["it"] for row in stored)

    async def test_tries_a_file_without_writing_it(
        self,
        client: AsyncClient,
        writer: dict[str, str],
        database: Database,
        notes: ServiceDatabase,
    ) -> None:
        job = await import_file(client, writer, database, "title\nA\nB\n", dry_run="true")

        assert (job["state"], job["dry_run"]) == ("succeeded", True)
        assert job["counts"]["created"] == 2
        assert await count(notes) == 0

    async def test_lists_many_problems_page_by_page_and_stops_at_a_thousand(
        self, client: AsyncClient, writer: dict[str, str], database: Database
    ) -> None:
        body = "title\n" + "".join(f"Atlantis {n}\n" for n in range(2500))
        job = await import_file(client, writer, database, body)
        assert job["problem_count"] == 1000

        url, seen = f"{HOME}/{job['id']}/problems?limit=200", []
        while url:
            page = (await client.get(url, headers=writer)).json()
            seen += [one["row"] for one in page["items"]]
            url = page["page"]["next"]
            url = url and url[url.index("/v1/") :]
        assert seen == list(range(2, 1002))

    async def test_says_what_only_the_tables_refuse(
        self,
        client: AsyncClient,
        writer: dict[str, str],
        database: Database,
        notes: ServiceDatabase,
    ) -> None:
        job = await import_file(client, writer, database, "title,size\nA,99999999999\n")

        assert (job["state"], job["code"]) == ("failed", "constraint")
        assert await count(notes) == 0

    async def test_takes_up_what_a_killed_worker_left(
        self,
        client: AsyncClient,
        writer: dict[str, str],
        database: Database,
        notes: ServiceDatabase,
    ) -> None:
        answer = await send(client, writer, "title\nA\nB\n")
        import_id = answer.json()["id"]
        await notes.fetch("update import_job set state = 'running', progress = 10")
        await notes.fetch(
            'insert into import_row select id, 2, null, \'{"title": "half"}\' from import_job'
        )
        await run(database, import_id)
        await run(database, import_id)

        rows = await notes.fetch("select title from note order by title")
        assert [row["title"] for row in rows] == ["A", "B"]


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


class TestWorker:
    async def test_takes_a_file_in_and_again_after_being_killed(
        self,
        client: AsyncClient,
        writer: dict[str, str],
        settings: ServiceSettings,
        notes: ServiceDatabase,
        tmp_path: Path,
    ) -> None:
        size = 40_000
        body = "title\n" + "".join(f"note {n}\n" for n in range(size))
        answer = await send(client, writer, body)
        url = f"{HOME}/{answer.json()['id']}"

        async with working(settings, tmp_path / "one.log") as first:
            await until_progress(client, writer, url, 10)
            os.kill(first.pid, signal.SIGKILL)
            await first.wait()
        assert await count(notes) in {0, size}
        async with working(settings, tmp_path / "two.log"):
            job = await ended(client, writer, url)

        assert job["state"] == "succeeded"
        assert await count(notes) == size

    async def test_takes_no_more_memory_for_a_longer_file(
        self, client: AsyncClient, writer: dict[str, str]
    ) -> None:
        async def long_file(pieces: int) -> AsyncIterator[bytes]:
            yield b"title\n"
            for _ in range(pieces):
                yield b"x" * 65_535 + b"\n"

        await send(client, writer, long_file(16))
        before = psutil.Process().memory_info().rss
        answer = await send(client, writer, long_file(60 * 16))

        assert answer.status_code == 202
        assert psutil.Process().memory_info().rss - before < 16 * 1024 * 1024
