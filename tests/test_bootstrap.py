"""Starting from a bare machine: pip's settings become uv's, and what cannot work says one line."""

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

from tests.lints import ROOT

BOOTSTRAP = ROOT / "deploy" / "bootstrap.sh"


def uv_settings(**environment: str) -> dict[str, str]:
    """Run the program as the shell does; without files, for a machine may have some of its own."""
    printed = subprocess.run(
        [sys.executable, "-I", str(ROOT / "deploy" / "pip_settings.py")],
        env={"PIP_CONFIG_FILE": os.devnull} | environment,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    words = [word for word in shlex.split(printed) if word != "export"]
    return dict(word.split("=", 1) for word in words)


class TestPipSettings:
    def test_says_nothing_where_pip_says_nothing(self) -> None:
        assert uv_settings() == {}

    def test_reads_the_file_and_prefers_the_environment(self, tmp_path: Path) -> None:
        config = tmp_path / "pip.conf"
        config.write_text(
            "[global]\nindex-url = https://first/simple\ntimeout = 7\n"
            "[install]\nextra-index-url =\n  https://second/simple\n  https://third/simple\n"
        )

        found = uv_settings(PIP_CONFIG_FILE=str(config), PIP_TIMEOUT="9")

        expected = {
            "UV_DEFAULT_INDEX": "https://first/simple",
            "UV_INDEX": "https://second/simple https://third/simple",
            "UV_INDEX_STRATEGY": "unsafe-best-match",
            "UV_HTTP_TIMEOUT": "9",
        }
        assert expected.items() <= found.items()

    def test_leaves_out_what_is_gone_from_the_disk(self, tmp_path: Path) -> None:
        found = uv_settings(
            PIP_FIND_LINKS=f"{tmp_path} /nowhere/wheels",
            PIP_EXTRA_INDEX_URL="file:///nowhere/simple",
            PIP_CERT="/nowhere/ca.pem",
        )

        assert found == {"UV_FIND_LINKS": str(tmp_path)}

    def test_leaves_alone_what_uv_was_told(self) -> None:
        assert uv_settings(PIP_INDEX_URL="https://pips/", UV_INDEX_URL="https://uvs/") == {}

    def test_a_machine_without_an_index_has_its_wheels_only(self, tmp_path: Path) -> None:
        found = uv_settings(PIP_NO_INDEX="1", PIP_FIND_LINKS=str(tmp_path))

        assert found == {"UV_FIND_LINKS": str(tmp_path), "KOMUNA_NO_INDEX": "--no-index"}

    def test_a_setting_cannot_run_in_the_shell(self) -> None:
        assert uv_settings(PIP_INDEX_URL="https://$(id)/';id") == {
            "UV_DEFAULT_INDEX": "https://$(id)/';id"
        }


def copy_without_environment(folder: Path) -> Path:
    """Lay out as much of the checkout as the script reads."""
    members = ["shared", "gateway", "deploy", *(f"services/{name}" for name in services())]
    for path in ["requirements.lock", "deploy/bootstrap.sh", "deploy/pip_settings.py"]:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text((ROOT / path).read_text(encoding="utf-8"), encoding="utf-8")
    for member in members:
        (folder / member).mkdir(parents=True, exist_ok=True)
        text = (ROOT / member / "pyproject.toml").read_text(encoding="utf-8")
        (folder / member / "pyproject.toml").write_text(text, encoding="utf-8")
    return folder / "deploy" / "bootstrap.sh"


def services() -> list[str]:
    return [folder.name for folder in (ROOT / "services").iterdir() if folder.is_dir()]


def refused(script: Path, **environment: str) -> str:
    """Run where it cannot work and return what it said."""
    done = subprocess.run(
        ["sh", str(script), "run"],
        env={"PATH": os.environ["PATH"]} | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    return done.stderr


def link_words(folder: Path, *words: str) -> Path:
    """Make a folder for PATH that holds these programs alone."""
    folder.mkdir()
    for word in words:
        (folder / word).symlink_to(shutil.which(word) or "")
    return folder


class TestBootstrap:
    def test_costs_nothing_the_second_time(self, tmp_path: Path) -> None:
        words = link_words(tmp_path / "bin", "sh", "cat", "cksum", "dirname")
        subprocess.run(["sh", str(BOOTSTRAP), "dev"], check=True)

        # With neither python nor uv on PATH it can succeed only by looking at its stamp.
        done = subprocess.run(
            ["/bin/sh", str(BOOTSTRAP), "dev"], env={"PATH": str(words)}, check=False
        )

        assert done.returncode == 0

    def test_names_a_chosen_python_that_does_not_run(self, tmp_path: Path) -> None:
        said = refused(copy_without_environment(tmp_path), KOMUNA_PYTHON="/nowhere/python3")

        assert (
            said
            == "komuna: KOMUNA_PYTHON=/nowhere/python3 is no Python 3.11 to 3.14 that runs here.\n"
        )

    def test_refuses_a_python_that_is_too_old_in_one_line(self, tmp_path: Path) -> None:
        words = link_words(tmp_path / "bin", "sh", "cat", "cksum", "dirname", "mkdir", "uname")
        old = words / "python3"
        old.write_text("#!/bin/sh\necho\n")
        old.chmod(0o755)

        said = refused(copy_without_environment(tmp_path / "checkout"), PATH=str(words))

        assert said.count("\n") == 1
        assert "Python 3.11 to 3.14 is needed" in said
