"""Writes a migration from the models: python -m tests.new_migration registry add_facility."""

import argparse
import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from komuna_deploy.postgres import bootstrap, cluster
from komuna_deploy.postgres.roles import SERVICE_ROOMS, Room


@contextmanager
def migrate_url(room: Room) -> Iterator[str]:
    """Start a server that holds nothing but this room, and give its migrate role's address."""
    # Not the user's own temporary folder: as root the server runs as `nobody`, who must get in.
    folder = Path(tempfile.mkdtemp(prefix="komuna-migration-"))
    folder.chmod(0o711)
    server = cluster.start(folder / "postgres", durable=False, small=True)
    try:
        passwords = bootstrap.new_passwords([room])
        asyncio.run(bootstrap.ensure(server.dsn(), [room], passwords))
        address = bootstrap.dsn(server.dsn(), room, room.migrate, passwords)
        yield address.replace("postgresql://", "postgresql+asyncpg://", 1)
    finally:
        server.stop()
        cluster.remove(folder / "postgres")
        shutil.rmtree(folder, ignore_errors=True)


def main() -> None:
    """Bring an empty database to the newest revision, then compare it with the models."""
    parser = argparse.ArgumentParser(prog="make migration SERVICE=registry NAME=add_facility")
    parser.add_argument("service", choices=[room.name for room in SERVICE_ROOMS])
    parser.add_argument("name", help="what it does, in words joined by _")
    asked = parser.parse_args()
    room = next(room for room in SERVICE_ROOMS if room.name == asked.service)
    program = [sys.executable, "-m", "komuna_shared.migrations", f"komuna_{asked.service}"]
    with migrate_url(room) as url:
        for action in (["upgrade"], ["revision", asked.name]):
            environment = os.environ | {"KOMUNA_MIGRATE_URL": url}
            subprocess.run([*program, *action], env=environment, check=True)


if __name__ == "__main__":
    main()
