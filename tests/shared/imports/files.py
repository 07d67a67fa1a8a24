"""Sending files to the notes, and what came of it."""

from typing import Any
from uuid import uuid4

from httpx import AsyncClient, Response

from komuna_shared.database import Database
from komuna_shared.imports import import_jobs
from tests.databases import ServiceDatabase
from tests.shared.notes.main import COLLECTIONS
from tests.shared.worker import ended

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
