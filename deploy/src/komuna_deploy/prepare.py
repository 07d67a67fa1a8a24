"""Make the roles and schemas of one server, with the passwords that its secret files name."""

import asyncio
import os
import sys
from pathlib import Path
from urllib.parse import unquote, urlsplit

from komuna_deploy.errors import OperatorError
from komuna_deploy.postgres import bootstrap, tickets
from komuna_deploy.postgres.roles import KEYSTORE_ROOMS, SERVICE_ROOMS, Room
from komuna_deploy.secret_files import TICKET_KEY, logins

_ADVICE = "Make the missing ones: ./komuna secrets"


class SecretFilesError(OperatorError):
    """The secret files do not say what is to be made, or with which passwords."""


def rooms_in(folder: Path) -> list[Room]:
    """Return the rooms whose addresses are among the secrets of this container."""
    known = (*SERVICE_ROOMS, *KEYSTORE_ROOMS)
    return [room for room in known if all((folder / name).exists() for name in logins(room))]


def passwords_in(folder: Path, rooms: list[Room]) -> dict[str, str]:
    """Return the password of each login, as its address says it."""
    files = {role: folder / name for room in rooms for name, role in logins(room).items()}
    return {role: _password(file) for role, file in files.items()}


def _password(file: Path) -> str:
    found = urlsplit(file.read_text("ascii").strip()).password
    if not found:
        raise SecretFilesError(f"{file.name} has no password.", _ADVICE)
    return unquote(found)


async def prepare(server: str, folder: Path, rooms: list[Room]) -> None:
    """Make the rooms with the secrets of a folder, and let walled ones believe the gateway."""
    passwords = passwords_in(folder, rooms)
    await bootstrap.ensure(server, rooms, passwords)
    for room in filter(lambda one: one.is_walled, rooms):
        key = (folder / TICKET_KEY).read_text("ascii").strip()
        await tickets.install(bootstrap.dsn(server, room, room.migrate, passwords), room, key)


def main() -> None:
    """Prepare the server of KOMUNA_ADMIN_URL_FILE; run again, it changes nothing."""
    admin = Path(os.environ["KOMUNA_ADMIN_URL_FILE"])
    rooms = rooms_in(admin.parent)
    if not rooms:
        raise SecretFilesError("No address of a schema is beside the administrator's.", _ADVICE)
    asyncio.run(prepare(admin.read_text("ascii").strip(), admin.parent, rooms))
    sys.stdout.write(f"Prepared: {', '.join(room.name for room in rooms)}.\n")


if __name__ == "__main__":
    main()
