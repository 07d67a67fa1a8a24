"""A server's data folder: made once and whole, and checked before each start."""

import os
import secrets
import shutil
import signal
import subprocess
from pathlib import Path

from komuna_deploy.errors import OperatorError
from komuna_deploy.spawn import Account, bound_to_parent

from .places import Place

SUPERUSER = "postgres"


class PostgresError(OperatorError):
    """PostgreSQL could not be made or started."""


def beside(data: Path, suffix: str) -> Path:
    """Return the file of this data folder that stands beside it."""
    return data.with_name(f"{data.name}.{suffix}")


def environment(data: Path) -> dict[str, str]:
    """Return the variables PostgreSQL sees; a stray PGDATA or PGPORT would be obeyed."""
    return {"PATH": "/usr/bin:/bin", "LANG": "C", "TZ": "UTC", "HOME": str(data)}


def read_password(data: Path) -> str:
    """Return the superuser's password."""
    return beside(data, "password").read_text()


def initialise(place: Place) -> None:
    """Make the data folder under another name first, so that half a folder is never used."""
    password = secrets.token_urlsafe(24)
    draft = beside(place.data, "draft")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700)
    word = beside(place.data, "word")
    _write_secret(word, password)
    _hand_over([draft, word], place.account)
    try:
        _initdb(place, draft, word)
    finally:
        word.unlink()
    _write_secret(beside(place.data, "password"), password)
    draft.rename(place.data)


def check(place: Place) -> None:
    """Raise unless these programs and this account may open the data folder."""
    made_by = (place.data / "PG_VERSION").read_text().strip()
    if made_by != str(place.binaries.major):
        raise PostgresError(
            f"{place.data} was made by PostgreSQL {made_by}; here is {place.binaries.version}.",
            "Start with the PostgreSQL that made it, or begin anew with `./komuna demo reset`.",
        )
    owner = place.data.stat().st_uid
    expected = place.account.uid if place.account else os.geteuid()
    if owner != expected or not os.access(beside(place.data, "password"), os.R_OK):
        raise PostgresError(
            f"{place.data} belongs to another user (number {owner}).",
            "Start Komuna as the user who made it, or set KOMUNA_HOME to another folder.",
        )


def _initdb(place: Place, folder: Path, password_file: Path) -> None:
    command = [str(place.binaries.folder / "initdb"), "-D", str(folder), "-U", SUPERUSER]
    command += ["-E", "UTF8", "--locale=C.UTF-8"]
    command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    # Over TCP a password; through the socket whoever may enter its 0700 folder.
    command += ["--auth-local=trust", "--auth-host=scram-sha-256", f"--pwfile={password_file}"]
    done = subprocess.run(  # noqa: S603 -- the command is ours.
        command,
        check=False,
        cwd="/",
        env=environment(place.data),
        capture_output=True,
        text=True,
        preexec_fn=bound_to_parent(place.account, signal.SIGKILL),
    )
    if done.returncode != 0:
        said = done.stderr.strip().splitlines() or ["initdb said nothing"]
        raise PostgresError(
            f"The database folder {place.data} could not be made: {said[-1]}",
            "Check free space and the rights on that folder, then start again.",
        )


def _write_secret(path: Path, content: str) -> None:
    path.unlink(missing_ok=True)
    path.touch(0o600)
    path.write_text(content)


def _hand_over(paths: list[Path], account: Account | None) -> None:
    if account is not None:
        for path in paths:
            os.chown(path, account.uid, account.gid)
