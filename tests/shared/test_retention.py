"""What is deleted, and what stays."""

from uuid import uuid4

from sqlalchemy import insert

from komuna_shared import tables
from komuna_shared.database import Database
from komuna_shared.retention import FORGETTING, forget_finished
from tests.databases import ServiceDatabase


async def add_import(database: Database, age: str) -> None:
    job = {"id": uuid4(), "collection": "notes", "media": "text/csv", "dry_run": False}
    who = {"issuer": "i", "subject": "s", "client_id": "c", "sha256": "", "size": 1}
    async with database.session() as session:
        await session.execute(insert(tables.import_job).values(job | who))
        problem = {"position": 1, "row": 1, "column": "", "code": "x", "detail": "", "params": {}}
        await session.execute(
            insert(tables.import_problem).values(problem | {"import_id": job["id"]})
        )
        raw = await session.connection()
        await raw.exec_driver_sql(
            f"update import_job set finished_at = now() - interval '{age}' where id = '{job['id']}'"  # noqa: S608
        )


class TestForgetFinished:
    async def test_drops_old_imports_with_their_problems(
        self, database: Database, notes: ServiceDatabase
    ) -> None:
        await add_import(database, "31 days")
        await add_import(database, "29 days")
        async with database.session() as session:
            await forget_finished(session)

        for table in ("import_job", "import_problem"):
            assert len(await notes.fetch(f"select 1 from {table}")) == 1  # noqa: S608


class TestForgetting:
    async def test_can_be_run_by_the_services_own_role(self, database: Database) -> None:
        for _, _, handler in FORGETTING:
            await handler(database, {})
