"""Each member by itself, as an image installs it: what it uses, it declares."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.lints import ROOT

ALONE = {
    "komuna_gateway": ("./shared", "./gateway"),
    "komuna_registry": ("./shared", "./services/registry"),
    "komuna_indicators": ("./shared", "./services/indicators"),
    "komuna_referrals": ("./shared", "./services/referrals"),
    "komuna_deploy": ("./deploy",),
}
# The members of the workspace, and no dependency: what else an environment holds of ours.
FIND_OURS = (
    "import importlib.util as u;"
    f"print(*[name for name in {sorted(['komuna_shared', *ALONE])} if u.find_spec(name)])"
)


def run(*command: str | Path) -> str:
    """Run a command away from the checkout, so that no folder of ours passes for a package."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        command, cwd="/", env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return done.stdout


def uv(*arguments: str | Path) -> str:
    return run("sh", ROOT / "deploy" / "bootstrap.sh", "uv", *arguments)


@pytest.mark.parametrize("member", ALONE)
def test_a_member_alone_has_all_it_imports(member: str, tmp_path: Path) -> None:
    python = tmp_path / "bin" / "python"
    uv("venv", "-q", "--no-project", "--python", ROOT / ".venv" / "bin" / "python", tmp_path)
    lock = ("--no-sources", "--constraint", "requirements.lock")
    uv("pip", "install", "-q", "--python", python, *lock, *ALONE[member])

    run(python, "-W", "error::ImportWarning", "-c", f"import {member}.main")

    expected = {member, "komuna_shared"} if len(ALONE[member]) == 2 else {member}
    assert set(run(python, "-c", FIND_OURS).split()) == expected
