"""Files in, in the worker: wholly or not at all."""

import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from httpx import AsyncClient

from komuna_shared.database import Database
from komuna_shared.imports.run import MAX_ATTEMPTS
from komuna_shared.settings import ServiceSettings
from tests.databases import ServiceDatabase
from tests.shared.imports.files import HOME, count, import_file, problems, run, send
from tests.shared.worker import ended, until_progress, working


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

    async def test_takes_away_what_a_killed_worker_left(
        self,
        client: AsyncClient,
        writer: dict[str, str],
        database: Database,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
        answer = await send(client, writer, "title\nA\n")
        left = tmp_path / f"komuna-import-{answer.json()['id']}-killed"
        left.mkdir()
        (left / "file").write_text("title\nArta Krasniqi-Canary\n")

        await run(database, answer.json()["id"])

        assert not left.exists()

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

    async def test_gives_up_a_file_that_ends_its_worker_again_and_again(
        self,
        client: AsyncClient,
        writer: dict[str, str],
        database: Database,
        notes: ServiceDatabase,
    ) -> None:
        answer = await send(client, writer, "title\nA\n")
        await notes.fetch("update import_job set state = 'running', attempts = $1", MAX_ATTEMPTS)

        await run(database, answer.json()["id"])

        jobs = await notes.fetch("select state, code from import_job")
        assert [tuple(job) for job in jobs] == [("failed", "given_up")]
        assert await notes.fetch("select 1 from note") == []


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
