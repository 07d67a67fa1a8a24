"""Files out: complete, checked, and with the place to go on from."""

import csv
import hashlib
import io
from pathlib import Path
from typing import Any
from uuid import uuid4

import orjson
import pytest
from httpx import AsyncClient
from sqlalchemy import insert

from komuna_shared.changes import publish
from komuna_shared.database import Database
from komuna_shared.exports import export_jobs
from komuna_shared.imports import import_jobs
from komuna_shared.settings import ServiceSettings
from komuna_shared.testing import Issuer
from tests.databases import ServiceDatabase
from tests.shared.notes.main import COLLECTIONS, DATASETS, MOMENT
from tests.shared.notes.tables import Note
from tests.shared.worker import ended, working

HOME = "/v1/exports"
TITLES = ["=1+1", "Gračanica", "plain", "two\nlines", "Ç"]


@pytest.fixture
async def written(database: Database) -> None:
    """Five notes."""
    async with database.session() as session:
        await session.execute(
            insert(Note), [{"title": one, "size": None, "written_at": MOMENT} for one in TITLES]
        )


async def export(
    client: AsyncClient, headers: dict[str, str], database: Database, format_: str = "csv"
) -> dict[str, Any]:
    wanted = {"dataset": "notes", "format": format_}
    answer = await client.post(HOME, json=wanted, headers=headers)
    assert answer.status_code == 202, answer.text
    await export_jobs(DATASETS)["exports.run"](database, {"export": answer.json()["id"]})
    return await ended(client, headers, f"{HOME}/{answer.json()['id']}")


async def fetch(client: AsyncClient, headers: dict[str, str], job: dict[str, Any]) -> bytes:
    [file] = job["files"]
    url = file["href"][file["href"].index("/v1/") :]
    answer = await client.get(url, headers=headers)
    assert answer.status_code == 200, answer.text
    assert hashlib.sha256(answer.content).hexdigest() == file["sha256"]
    assert len(answer.content) == file["bytes"] == int(answer.headers["content-length"])
    return answer.content


@pytest.mark.usefixtures("written")
class TestExport:
    async def test_writes_csv_that_a_spreadsheet_opens_and_does_not_run(
        self, client: AsyncClient, writer: dict[str, str], database: Database
    ) -> None:
        job = await export(client, writer, database)
        body = await fetch(client, writer, job)

        assert body.startswith(b"\xef\xbb\xbftitle,mood,size\r\n")
        rows = list(csv.reader(io.StringIO(body.decode("utf-8-sig"))))
        assert rows[1] == ["'=1+1", "glad", ""]
        assert (job["files"][0]["rows"], len(rows)) == (5, 6)

    async def test_comes_back_through_the_import_as_it_was(
        self,
        client: AsyncClient,
        writer: dict[str, str],
        database: Database,
        notes: ServiceDatabase,
    ) -> None:
        body = await fetch(client, writer, await export(client, writer, database))
        await notes.fetch("delete from note")
        headers = writer | {"Content-Type": "text/csv", "Idempotency-Key": str(uuid4())}
        answer = await client.post("/v1/imports?collection=notes", content=body, headers=headers)
        run = import_jobs(COLLECTIONS)["imports.run"]
        await run(database, {"import": answer.json()["id"]})

        titles = {row["title"] for row in await notes.fetch("select title from note")}
        assert titles == set(TITLES)

    async def test_writes_blanks_as_null_in_ndjson(
        self, client: AsyncClient, writer: dict[str, str], database: Database
    ) -> None:
        job = await export(client, writer, database, "ndjson")
        lines = (await fetch(client, writer, job)).splitlines()

        assert orjson.loads(lines[0]) == {"title": "=1+1", "mood": "glad", "size": None}

    async def test_gives_the_cursor_at_which_the_feed_goes_on(
        self, client: AsyncClient, writer: dict[str, str], database: Database
    ) -> None:
        async def say(name: str) -> None:
            async with database.session() as session:
                await publish(session, type="note", id=name, version=1, data={})

        await say("before")
        async with database.session() as late:
            await publish(late, type="note", id="during", version=1, data={})
            job = await export(client, writer, database)
        await say("after")

        page = (await client.get("/v1/changes", params={"since": job["since"]})).json()
        assert [one["id"] for one in page["items"]] == ["during", "after"]

    async def test_hides_the_exports_of_others(
        self, client: AsyncClient, writer: dict[str, str], database: Database, issuer: Issuer
    ) -> None:
        job = await export(client, writer, database)
        token = issuer.token("writer-2", ["notes.exports.write"])
        other = {"Authorization": f"Bearer {token}", "If-Match": "*"}

        for method, path in (("GET", ""), ("GET", "/files/notes.csv"), ("DELETE", "")):
            answer = await client.request(method, f"{HOME}/{job['id']}{path}", headers=other)
            assert answer.status_code == 404
        foreign = f"{HOME}/{job['id']}/files/other.csv"
        assert (await client.get(foreign, headers=writer)).status_code == 404

    async def test_drops_its_files_when_it_is_cancelled(
        self,
        client: AsyncClient,
        writer: dict[str, str],
        database: Database,
        notes: ServiceDatabase,
    ) -> None:
        job = await export(client, writer, database)
        url = f"{HOME}/{job['id']}"

        gone = await client.delete(url, headers=writer | {"If-Match": "*"})
        assert gone.status_code == 204
        assert (await client.get(url, headers=writer)).status_code == 404
        assert await notes.fetch("select 1 from export_file union select 1 from export_chunk") == []

    async def test_refuses_what_is_not_exported_here(
        self, client: AsyncClient, writer: dict[str, str]
    ) -> None:
        answer = await client.post(HOME, json={"dataset": "people"}, headers=writer)

        assert (answer.status_code, answer.json()["code"]) == (422, "unknown_dataset")

    async def test_is_run_by_the_worker(
        self,
        client: AsyncClient,
        writer: dict[str, str],
        settings: ServiceSettings,
        tmp_path: Path,
    ) -> None:
        wanted = {"dataset": "notes", "format": "xlsx"}
        async with working(settings, tmp_path / "log"):
            answer = await client.post(HOME, json=wanted, headers=writer)
            job = await ended(client, writer, f"{HOME}/{answer.json()['id']}")

        assert job["state"] == "succeeded"
        assert (await fetch(client, writer, job)).startswith(b"PK")
