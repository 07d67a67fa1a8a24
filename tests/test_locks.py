"""The locks: they name no machine and no index, and the tools they need have one version."""

import re
import tomllib
from pathlib import Path

import pytest

from tests.lints import ROOT

LOCKS = ("requirements.lock", "requirements-dev.lock")
PINNED = re.compile(r"^([a-z0-9-]+(?:\[[a-z0-9,-]+\])?)==([^ ;]+)", re.MULTILINE)
PLACES = re.compile(r"file:|^-e |://|^--|^/|@ ", re.MULTILINE)


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def members() -> list[str]:
    """List the folders that the workspace calls its members."""
    patterns = tomllib.loads(read("pyproject.toml"))["tool"]["uv"]["workspace"]["members"]
    found = [folder for pattern in patterns for folder in ROOT.glob(pattern)]
    return sorted(str(Path(folder).relative_to(ROOT)) for folder in found)


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_place(lock: str) -> None:
    assert PLACES.findall(read(lock)) == []


@pytest.mark.parametrize(
    "line",
    ["-e file:///home/a/shared\n", "--index-url https://index/simple\n", "a @ ./a\n", "/home/a\n"],
)
def test_a_place_in_a_lock_is_found(line: str) -> None:
    assert PLACES.findall("a==1 \\\n    --hash=sha256:00\n" + line)


@pytest.mark.parametrize("lock", LOCKS)
def test_every_version_has_its_hashes(lock: str) -> None:
    text = read(lock)
    entries = re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE)[1:]

    assert len(entries) == len(PINNED.findall(text))
    assert all("--hash=sha256:" in entry for entry in entries)


def test_developers_run_what_is_run() -> None:
    run, develop = (dict(PINNED.findall(read(lock))) for lock in LOCKS)

    assert run.items() <= develop.items()


def test_the_build_backend_is_the_uv_that_is_fetched() -> None:
    bootstrap = read("deploy/bootstrap.sh")
    series = re.findall(r"^UV_SERIES=([0-9.]+)", bootstrap, re.MULTILINE)
    first, second = series[0].split(".")
    wanted = [f"uv_build>={first}.{second},<{first}.{int(second) + 1}"]

    for member in members():
        build = tomllib.loads(read(f"{member}/pyproject.toml"))["build-system"]
        assert build == {"requires": wanted, "build-backend": "uv_build"}


def test_bootstrap_installs_every_member() -> None:
    listed = re.findall(r'^MEMBERS="(.*)"', read("deploy/bootstrap.sh"), re.MULTILINE)[0].split()

    assert sorted(listed) == members()
