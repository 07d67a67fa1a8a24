"""The same server for an ordinary user."""

import os
import pwd
import shutil
import subprocess
from pathlib import Path

import asyncpg
import pytest

import komuna_deploy

_PYTHON = Path("/usr/bin/python3")
_USER = pwd.getpwnam("daemon").pw_uid
_NAMELESS = 54321
_RUN = """
import sys
from pathlib import Path
from komuna_deploy.errors import OperatorError
from komuna_deploy.postgres import cluster
try:
    server = cluster.start(Path(sys.argv[1]), durable=False)
except OperatorError as error:
    sys.exit(error.message)
print(Path(f"/proc/{server.process.pid}").stat().st_uid, server.place.moved)
server.stop()
"""

pytestmark = [
    pytest.mark.skipif(os.geteuid() != 0, reason="only root can try another user"),
    pytest.mark.skipif(not _PYTHON.exists(), reason="needs Debian's own python3"),
]


def _as_user(folder: Path, user: int = _USER, code: str = _RUN) -> subprocess.CompletedProcess[str]:
    sources = Path(komuna_deploy.__file__).parents[1]
    packages = Path(asyncpg.__file__).parents[1]
    return subprocess.run(
        [_PYTHON, "-c", code, folder],
        env={"PYTHONPATH": f"{sources}:{packages}", "PYTHONDONTWRITEBYTECODE": "1"},
        user=user,
        group=user,
        extra_groups=[],
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )


def _can_import() -> bool:
    # Not in root's own home, nor where our packages are for another Python than Debian's.
    code = "import asyncpg, komuna_deploy"
    return os.geteuid() == 0 and _PYTHON.exists() and not _as_user(Path(), code=code).returncode


@pytest.mark.skipif(not _can_import(), reason="another user cannot import our packages here")
class TestOrdinaryUser:
    def test_runs_the_server_as_itself(self, folder: Path) -> None:
        own = folder / "home"
        own.mkdir(mode=0o700)
        shutil.chown(own, _USER, _USER)

        done = _as_user(own / ".komuna" / "main")

        assert (done.stdout.split(), done.stderr) == ([str(_USER), "False"], "")

    def test_is_told_when_root_made_the_data(self, folder: Path, server: object) -> None:
        del server  # Root's server has made the folder.
        (folder / "postgres").chmod(0o777)
        (folder / "postgres" / "main.lock").chmod(0o666)

        done = _as_user(folder / "postgres" / "main")

        assert done.returncode == 1
        assert "postgres/main" in done.stderr

    def test_is_told_when_it_has_no_name(self, folder: Path) -> None:
        assert "has no name" in _as_user(folder / "main", _NAMELESS).stderr
