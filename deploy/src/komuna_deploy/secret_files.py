"""The secret files of a compose deployment, made once and never overwritten."""

import os
import secrets
from collections.abc import Iterator
from pathlib import Path

from komuna_deploy.postgres.roles import KEYSTORE_ROOMS, SERVICE_ROOMS, Room

KOMUNA_USER = 10001
POSTGRES_USER = 999
# Which rooms live on which of the two database servers of docker-compose.yml.
SERVERS = {
    "postgres": SERVICE_ROOMS,
    "keystore": tuple(room for room in KEYSTORE_ROOMS if room.name == "keystore_referrals"),
}
CALLERS = ("indicators", "referrals")
# What a service encrypts and searches with: made once, and lost with all that it opens.
KEYS = {"referrals": ("keystore_root_key", "blind_index_key")}
# Signs the gateway's tickets; the container that makes the roles puts its pads into the database.
TICKET_KEY = "gateway_ticket_key"
# The password of the mail account; whoever has one already writes it into the file.
MAIL_LOGIN = "registry_mail_secret"
_BYTES = 32


def make_secret_files(folder: Path) -> list[str]:
    """Write every secret that is not there yet, and return the names of the written ones."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    before = {path.name for path in folder.iterdir()}
    for server, rooms in SERVERS.items():
        password = _keep(folder / f"{server}_password", secrets.token_urlsafe(_BYTES))
        _keep(folder / f"{server}_admin_url", _url("postgres", password, server, "postgres"))
        for room in rooms:
            for name, role in logins(room).items():
                own = secrets.token_urlsafe(_BYTES)
                _keep(folder / name, _url(role, own, server, room.database, driver="+asyncpg"))
    cursor_keys = (f"{room.name}_cursor_key" for room in SERVICE_ROOMS)
    own_keys = (f"{service}_{key}" for service, keys in KEYS.items() for key in keys)
    for name in (*cursor_keys, *own_keys, *client_secrets(), TICKET_KEY, MAIL_LOGIN):
        _keep(folder / name, secrets.token_urlsafe(_BYTES))
    return sorted({path.name for path in folder.iterdir()} - before)


def logins(room: Room) -> dict[str, str]:
    """Return, for each login of a room, the name of the file with its address."""
    both = {f"{room.name}_database_url": room.app, f"{room.name}_migrate_url": room.migrate}
    return both | ({f"{room.name}_worker_url": room.worker} if room.is_walled else {})


def client_secrets() -> Iterator[str]:
    """Yield the names of the secrets that the issuer of the tokens must know too."""
    return (f"{caller}_client_secret" for caller in CALLERS)


def hand_over(folder: Path) -> bool:
    """Give each file to the user of the container that reads it; False if only root may.

    Compose shows a secret to a container with the owner and mode that it has here, and a service
    refuses a file that everybody may read.
    """
    if os.geteuid() != 0:
        return False
    for path in folder.iterdir():
        user = POSTGRES_USER if path.name.endswith("_password") else KOMUNA_USER
        os.chown(path, user, user)
    return True


def _keep(path: Path, value: str) -> str:
    """Return what the file says; write `value` first if there is no file."""
    if not path.exists():
        path.touch(mode=0o400)
        path.chmod(0o600)
        path.write_text(value, encoding="ascii")
        path.chmod(0o400)
    return path.read_text(encoding="ascii").strip()


def _url(role: str, password: str, server: str, database: str, *, driver: str = "") -> str:
    return f"postgresql{driver}://{role}:{password}@{server}:5432/{database}"
