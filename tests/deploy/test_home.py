"""The data folder."""

import os
import stat
from pathlib import Path

import pytest

from komuna_deploy.errors import Exit, OperatorError
from komuna_deploy.home import Home
from komuna_deploy.locks import FolderLock
from tests.deploy.programs import first_line, kill, start_python

_HOLD = """
import signal, sys
from pathlib import Path
from komuna_deploy.locks import FolderLock
lock = FolderLock(Path(sys.argv[1])).take(what="The folder")
print("held", flush=True)
signal.pause()
"""


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path / "home")
    made.prepare()
    return made


class TestPrepare:
    def test_lets_others_pass_only_when_the_server_is_another(self, home: Home) -> None:
        assert _mode(home.folder) == (0o711 if os.geteuid() == 0 else 0o700)

    def test_closes_secrets_and_logs(self, home: Home) -> None:
        assert _mode(home.folder / "secrets") == 0o700
        assert _mode(home.logs) == 0o700

    def test_closes_them_again_when_someone_opened_them(self, home: Home) -> None:
        (home.folder / "secrets").chmod(0o755)
        home.prepare()
        assert _mode(home.folder / "secrets") == 0o700


class TestSecret:
    def test_is_made_once(self, home: Home) -> None:
        assert home.secret("word") == home.secret("word")

    def test_is_long(self, home: Home) -> None:
        assert len(home.secret("word")) >= 32

    def test_is_closed_from_its_first_moment_whatever_the_mask(self, home: Home) -> None:
        before = os.umask(0)
        try:
            home.write_secret("word", "one")
            home.write_secret("word", "two")
        finally:
            os.umask(before)
        assert _mode(home.secret_path("word")) == 0o600
        assert home.secret("word") == "two"


class TestNote:
    def test_is_found_again(self, home: Home) -> None:
        home.write_note("loaded", {"rows": 38})
        assert home.read_note("loaded") == {"rows": 38}

    def test_that_is_half_written_or_gone_counts_as_none(self, home: Home) -> None:
        (home.folder / "loaded.json").write_text('{"rows":')
        assert home.read_note("loaded") == {}
        home.forget_note("loaded")
        assert home.read_note("loaded") == {}


class TestFolderLock:
    def test_names_its_holder_and_the_way_round(self, home: Home) -> None:
        holder = start_python(_HOLD, home.lock)
        first_line(holder)
        try:
            with pytest.raises(OperatorError, match=f"process {holder.pid}") as refused:
                FolderLock(home.lock).take(what="The folder")
        finally:
            kill(holder)
        assert refused.value.code is Exit.TRY_AGAIN
        assert "KOMUNA_HOME" in refused.value.advice

    def test_goes_with_its_holder_however_that_ends(self, home: Home) -> None:
        holder = start_python(_HOLD, home.lock)
        first_line(holder)
        kill(holder)
        FolderLock(home.lock).take(what="The folder").release()
