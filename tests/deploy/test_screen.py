"""What the operator sees."""

import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from komuna_deploy.errors import Exit, OperatorError
from komuna_deploy.home import Home
from komuna_deploy.run import greeting
from komuna_deploy.screen import Screen, complain
from komuna_deploy.settings import read_settings

_LOADED = [
    {"service": "registry", "collection": "offices", "rows": 17, "origin": "seed 0"},
    {"service": "registry", "collection": "office_kinds", "rows": 21, "origin": "seed 0"},
    {"service": "indicators", "collection": "observations", "rows": 164, "origin": "seeds 0-4"},
]


def _screen(
    *, terminal: bool = False, quiet: bool = False, json_wanted: bool = False
) -> tuple[Screen, io.StringIO]:
    written = io.StringIO()
    console = Console(file=written, force_terminal=terminal, soft_wrap=True, highlight=False)
    return Screen(json_wanted, quiet, console), written


class TestStep:
    def test_is_one_plain_line_with_its_seconds_where_nobody_watches(self) -> None:
        screen, written = _screen()
        with screen.step("Roles") as step:
            step.tell("unseen")
            step.outcome = "all there"
        assert written.getvalue().split() == ["✔", "Roles", "0.00", "s", "all", "there"]
        assert screen.seconds == {"Roles": 0.0}

    def test_moves_on_a_terminal(self) -> None:
        screen, written = _screen(terminal=True)
        with screen.step("Roles") as step:
            step.tell("3 of 5")
        assert "\x1b[" in written.getvalue()

    def test_is_not_said_when_it_failed(self) -> None:
        screen, written = _screen()
        with pytest.raises(ValueError, match="no"), screen.step("Roles"):
            raise ValueError("no")
        assert written.getvalue() == ""

    @pytest.mark.parametrize("option", ["quiet", "json_wanted"])
    def test_is_silent_when_asked_to_be(self, option: str) -> None:
        screen, written = _screen(**{option: True})
        with screen.step("Roles"):
            pass
        assert written.getvalue() == ""


class TestComplain:
    def test_says_what_happened_and_what_to_do(self, capsys: pytest.CaptureFixture[str]) -> None:
        complain(OperatorError("It broke.", "Mend it."))
        assert capsys.readouterr().err.splitlines() == ["It broke.", "Mend it."]

    def test_speaks_json_to_programs(self, capsys: pytest.CaptureFixture[str]) -> None:
        complain(OperatorError("It broke.", "Mend it.", code=Exit.TRY_AGAIN), json_wanted=True)
        assert json.loads(capsys.readouterr().err) == {
            "error": "It broke.",
            "advice": "Mend it.",
            "exit": 75,
        }


class TestGreeting:
    @pytest.fixture
    def text(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
        monkeypatch.setenv("KOMUNA_HOME", str(tmp_path))
        settings = read_settings({"KOMUNA_HOME": str(tmp_path), "KOMUNA_PORT_BASE": "18080"})
        lines = greeting.lines(settings, Home(tmp_path), _LOADED, moved="/var/lib/komuna/data/x")
        return "\n".join(lines)

    def test_names_the_docs(self, text: str) -> None:
        assert "http://localhost:18080/docs" in text

    def test_gives_one_command_for_each_service(self, text: str) -> None:
        commands = [line for line in text.splitlines() if line.strip().startswith("curl")]
        assert len(commands) == 3
        assert all('"Accept-Language: en"' in command for command in commands)

    def test_names_the_folder_that_other_commands_need(self, text: str, tmp_path: Path) -> None:
        assert f"KOMUNA_HOME={tmp_path} " in text

    def test_says_how_much_of_what_and_where_it_comes_from_once(self, text: str) -> None:
        assert "17 offices, 21 office kinds" in text
        assert text.count("seed 0\n") == 1
        assert "164 observations" in text

    def test_says_where_letters_are(self, text: str, tmp_path: Path) -> None:
        assert f"Mail in   {tmp_path / 'mail'}" in text

    def test_says_of_a_mail_server_that_there_is_one_and_not_its_password(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("KOMUNA_SMTP_URL", "smtp://user:planted@mail.example")
        settings = read_settings({"KOMUNA_HOME": str(tmp_path), "KOMUNA_PORT_BASE": "18080"})

        text = "\n".join(greeting.lines(settings, Home(tmp_path), _LOADED, moved=""))

        assert "KOMUNA_SMTP_URL" in text
        assert "planted" not in text

    def test_says_where_moved_data_stands_and_why(self, text: str) -> None:
        assert "/var/lib/komuna/data/x" in text
        assert "cannot enter" in text
