"""The words of the command, where nothing runs."""

import json
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from komuna_deploy.errors import Exit
from komuna_deploy.home import Home
from komuna_deploy.main import app
from komuna_deploy.postgres import cluster
from tests.deploy.programs import free_port_base


class Said(NamedTuple):
    """How a word ended, and what it said."""

    code: int
    out: str
    err: str


Say = Callable[..., Said]


@pytest.fixture
def say(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Say:
    """Speak to the command as its script does."""
    monkeypatch.setenv("KOMUNA_HOME", str(folder))
    monkeypatch.setenv("KOMUNA_PORT_BASE", str(free_port_base()))
    monkeypatch.delenv("DATABASE_URL", raising=False)

    def speak(*words: str) -> Said:
        monkeypatch.setattr(sys, "argv", ["komuna", *words])
        with pytest.raises(SystemExit) as ended:
            app()
        return Said(int(ended.value.code or 0), *capsys.readouterr())

    return speak


class TestUsage:
    @pytest.mark.parametrize("words", [("castle",), ("token", "--castle"), ("admin", "grant")])
    def test_that_is_wrong_ends_with_64(self, say: Say, words: tuple[str, ...]) -> None:
        said = say(*words)
        assert said.code == Exit.USAGE
        assert "--help" in said.err

    def test_names_the_version(self, say: Say) -> None:
        assert say("--version").out.startswith("komuna 0.")


class TestToken:
    def test_without_a_role_lists_the_roles(self, say: Say) -> None:
        said = say("token")
        assert said.code == Exit.OK
        assert "municipal_officer" in said.out
        assert "--municipality" in said.out

    def test_for_an_unknown_role_lists_the_roles(self, say: Say) -> None:
        said = say("token", "king")
        assert said.code == Exit.USAGE
        assert "municipal_officer" in said.err

    def test_for_an_unknown_municipality_lists_those_there_are(self, say: Say) -> None:
        said = say("token", "municipal_officer", "--municipality", "nowhere")
        assert said.code == Exit.USAGE
        assert "gjakove" in said.err

    def test_where_nothing_runs_says_how_to_start(self, say: Say) -> None:
        said = say("token", "frontend")
        assert said.code == Exit.TRY_AGAIN
        assert "make run" in said.err

    def test_complains_in_json_to_programs(self, say: Say) -> None:
        assert json.loads(say("token", "frontend", "--json").err)["exit"] == Exit.TRY_AGAIN


class TestDoctor:
    def test_warns_that_nothing_runs(self, say: Say) -> None:
        said = say("doctor")
        assert said.code == Exit.WARNING
        assert "make run" in said.out

    def test_names_a_busy_port(self, say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
        base = free_port_base()
        monkeypatch.setenv("KOMUNA_PORT_BASE", str(base))
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", base))
            taken.listen()
            said = say("doctor", "--json")
        assert said.code == Exit.FAILURE
        assert f"port {base}" in [one["name"] for one in json.loads(said.out)["findings"]]


class TestDemoReset:
    @pytest.fixture
    def home(self, folder: Path) -> Home:
        home = Home(folder)
        home.prepare()
        cluster.start(home.databases / "main", durable=False).stop()
        home.write_note("loaded", {"registry/sources.ndjson": {"digest": "x"}})
        return home

    def test_only_says_what_it_would_do(self, say: Say, home: Home) -> None:
        said = say("demo", "reset")
        assert said.code == Exit.WARNING
        assert "--yes" in said.out
        assert (home.databases / "main" / "PG_VERSION").exists()
        assert home.read_note("loaded")

    def test_deletes_when_told_twice(self, say: Say, home: Home) -> None:
        said = say("demo", "reset", "--yes")
        assert said.code == Exit.OK
        assert list(home.databases.iterdir()) == []
        assert home.read_note("loaded") == {}

    def test_keeps_away_from_a_server_of_the_operators(
        self, say: Say, home: Home, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("DATABASE_URL", "postgresql://me@db/komuna")
        said = say("demo", "reset", "--yes")
        assert said.code == Exit.FAILURE
        assert (home.databases / "main" / "PG_VERSION").exists()


class TestSecrets:
    def test_writes_them_once(self, say: Say, folder: Path) -> None:
        first = json.loads(say("secrets", str(folder / "secrets"), "--json").out)
        again = json.loads(say("secrets", str(folder / "secrets"), "--json").out)
        assert first["written"]
        assert again["written"] == []
