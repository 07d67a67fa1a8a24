"""The Dockerfile builds small, locked, unprivileged images, and tells no one from where."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "deploy/Dockerfile").read_text("utf-8")
SCRIPTS = sorted((ROOT / "deploy/image").iterdir())
SERVICES = ("registry", "indicators", "referrals")


class TestDockerfile:
    def test_ends_as_an_unprivileged_user_with_a_start_command(self) -> None:
        last = DOCKERFILE.rpartition("\nFROM ")[2].splitlines()

        assert "USER 10001:10001" in last
        assert last[-2:] == ['ENTRYPOINT ["komuna-start"]', 'CMD ["web"]']
        assert not [line for line in last[last.index("USER 10001:10001") :] if "RUN" in line]

    def test_has_two_stages_on_one_named_base(self) -> None:
        assert "ARG BASE=debian:bookworm-slim" in DOCKERFILE
        assert re.findall(r"^FROM (.*)$", DOCKERFILE, re.MULTILINE) == [
            "${BASE} AS build",
            "${BASE}",
        ]

    def test_installs_locked_versions(self) -> None:
        install = (ROOT / "deploy/image/install-member").read_text("utf-8")

        assert "--no-sources" in install
        assert "--constraint requirements.lock" in install

    def test_brings_the_uv_that_builds_the_members(self) -> None:
        (version,) = re.findall(r"^ARG UV_VERSION=(\d+\.\d+)\.\d+$", DOCKERFILE, re.MULTILINE)

        for member in ("shared", "gateway", "deploy", *(f"services/{one}" for one in SERVICES)):
            project = (ROOT / member / "pyproject.toml").read_text("utf-8")
            assert f"uv_build>={version}," in project

    @pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
    def test_comes_with_scripts_that_a_plain_shell_reads(self, path: Path) -> None:
        assert subprocess.run(["sh", "-n", path], check=False).returncode == 0
        assert path.stat().st_mode & 0o111

    def test_names_no_address_from_which_it_is_built(self) -> None:
        built_from = [
            DOCKERFILE,
            (ROOT / "deploy/package-index.conf").read_text("utf-8"),
            (ROOT / "deploy/image/install-member").read_text("utf-8"),
        ]

        assert not [text for text in built_from if "://" in text]

    def test_sends_the_builder_no_secret(self) -> None:
        ignored = (ROOT / ".dockerignore").read_text("utf-8").splitlines()

        assert ignored.index("*") < ignored.index("!deploy") < ignored.index("deploy/secrets")
        assert not {"!.", "!.env", "!.git", "!data"} & set(ignored)
