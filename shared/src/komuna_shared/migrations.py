"""The migrations of a service: what its `env.py` calls, and the command that runs them."""

import argparse
import asyncio
import importlib
from collections.abc import Sequence
from importlib import resources
from typing import Any

from alembic import command, context, op
from alembic.config import Config
from sqlalchemy import Connection, MetaData, pool, text
from sqlalchemy.ext.asyncio import create_async_engine

from komuna_shared.settings import MigrationSettings
from komuna_shared.tables import FOLLOWER_METADATA, SHARED_METADATA


def run_env(metadata: Sequence[MetaData]) -> None:
    """Run the migrations that Alembic was asked for: the whole body of a service's `env.py`."""
    asyncio.run(_run(list(metadata)))


async def _run(metadata: list[MetaData]) -> None:
    engine = create_async_engine(
        context.config.attributes["url"],
        poolclass=pool.NullPool,
        hide_parameters=True,
        # A migration that cannot have its lock gives up rather than queue everyone behind it.
        connect_args={"server_settings": {"lock_timeout": "5000"}, "timeout": 10},
    )
    try:
        async with engine.connect() as connection:
            await connection.run_sync(_migrate, metadata)
            await connection.commit()
    finally:
        await engine.dispose()


def _migrate(connection: Connection, metadata: list[MetaData]) -> None:
    package: str = context.config.attributes["package"]
    # Two that migrate the same service at once take turns; keys are shared by the whole database.
    connection.execute(
        text("select pg_advisory_xact_lock(hashtextextended(:key, 0))"),
        {"key": f"migrations of {package}"},
    )
    context.configure(
        connection=connection,
        target_metadata=metadata,
        compare_type=True,
        include_name=_is_ours,
    )
    with context.begin_transaction():
        context.run_migrations()


def _is_ours(name: str | None, kind: str, _: object) -> bool:
    """Leave the tables of the job queue out of every comparison."""
    return not (kind == "table" and (name or "").startswith("pgqueuer"))


def create_shared_tables(service: str, *, follows: bool = False) -> None:
    """Create the tables of `komuna_shared.tables` as they were first frozen, with the job queue."""
    names = ["shared_1", "jobs_1", *(["follower_1"] if follows else [])]
    for name in names:
        script = resources.files("komuna_shared").joinpath("sql", f"{name}.sql")
        execute_script(script.read_text("utf-8").replace("{service}", service))


def drop_shared_tables(*, follows: bool = False) -> None:
    """Drop what `create_shared_tables` made."""
    tables = [*SHARED_METADATA.tables, *(FOLLOWER_METADATA.tables if follows else [])]
    queue = ["pgqueuer", "pgqueuer_log", "pgqueuer_schedules", "pgqueuer_statistics"]
    execute_script(
        f"drop table {', '.join([*tables, *queue])};"
        "drop function fn_pgqueuer_changed(); drop function refuse_audit_change();"
        "drop type pgqueuer_status;"
    )


def execute_script(sql: str) -> None:
    """Execute SQL of several statements inside the migration's transaction."""
    bind = op.get_bind()
    bind.execute(text("select 1"))  # BEGIN is lazy; without it the script would commit by itself.
    driver: Any = bind.connection.dbapi_connection
    driver.run_async(lambda connection: connection.execute(sql))


def configuration(package: str, url: str) -> Config:
    """Return Alembic's configuration for the `migrations` folder inside a package."""
    importlib.import_module(package)
    config = Config()
    config.set_main_option("script_location", f"{package}:migrations")
    config.set_main_option("file_template", "%%(year)d_%%(month).2d_%%(day).2d_%%(slug)s")
    config.set_main_option("path_separator", "os")
    config.attributes.update(url=url, package=package)
    return config


_ACTIONS = ("upgrade", "check", "downgrade", "revision")


def main() -> None:
    """Migrate one package with the login of KOMUNA_MIGRATE_URL."""
    parser = argparse.ArgumentParser(prog="python -m komuna_shared.migrations")
    parser.add_argument("package", help="a package with a folder `migrations`")
    parser.add_argument("action", nargs="?", choices=_ACTIONS, default="upgrade")
    parser.add_argument("slug", nargs="?", help="the name of a new revision")
    asked = parser.parse_args()
    config = configuration(asked.package, MigrationSettings().migrate_url.get_secret_value())
    if asked.action == "upgrade":
        command.upgrade(config, "head")
    elif asked.action == "check":
        command.check(config)
    elif asked.action == "downgrade":
        command.downgrade(config, "base")
    else:
        command.revision(config, message=asked.slug, autogenerate=True)


if __name__ == "__main__":
    main()
