"""The import contracts of pyproject.toml, each seen to break on a small scratch workspace."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.lints import ROOT

# A workspace as small as it can be: two features in registry, a client in referrals.
WORKSPACE = {
    "komuna_shared/errors.py": "",
    "komuna_gateway/proxy.py": "import komuna_shared.errors",
    "komuna_registry/main.py": "import komuna_registry.offices.routes",
    "komuna_registry/access.py": "",
    "komuna_registry/offices/__init__.py": "",
    "komuna_registry/offices/routes.py": (
        "import fastapi\nimport komuna_registry.access\nfrom . import operations, queries, schemas"
    ),
    "komuna_registry/offices/operations.py": "from . import models, queries, rules",
    "komuna_registry/offices/queries.py": "import sqlalchemy\nfrom . import models, rules, schemas",
    "komuna_registry/offices/schemas.py": "import pydantic\nfrom . import rules",
    "komuna_registry/offices/models.py": "import sqlalchemy\nfrom . import rules",
    "komuna_registry/offices/rules.py": "import enum\nimport komuna_shared.errors",
    "komuna_registry/notices/__init__.py": "",
    "komuna_registry/notices/routes.py": "from . import queries",
    "komuna_registry/notices/queries.py": "import komuna_registry.offices.rules",
    "komuna_indicators/main.py": "",
    "komuna_referrals/main.py": "import komuna_referrals.clients.registry",
    "komuna_referrals/cases/__init__.py": "",
    "komuna_referrals/cases/operations.py": "import komuna_referrals.clients.registry",
    "komuna_referrals/cases/queries.py": "",
    "komuna_referrals/clients/__init__.py": "",
    "komuna_referrals/clients/registry.py": "import httpx\nimport komuna_shared.errors",
    "komuna_deploy/main.py": "",
}
ALONE = "Members stand alone, on shared"
COMMAND = "The operator's command imports no member"
DOWN = "Inside a feature, imports point down"
PLAIN = "Rules are plain Python"
HTTP = "Only routes speak HTTP"
ASSEMBLY = "Only main assembles routes"
CLIENTS = "Only operations call other services"
CYCLES = "No cycles"

BREAKS = [
    (ALONE, "komuna_indicators/main.py", "import komuna_registry.access"),
    (ALONE, "komuna_gateway/proxy.py", "import komuna_registry.access"),
    (ALONE, "komuna_shared/errors.py", "import komuna_registry.access"),
    (ALONE, "komuna_referrals/main.py", "import komuna_deploy.main"),
    (COMMAND, "komuna_deploy/main.py", "import komuna_shared.errors"),
    (COMMAND, "komuna_deploy/main.py", "import komuna_registry.access"),
    (DOWN, "komuna_registry/offices/rules.py", "from . import models"),
    (DOWN, "komuna_registry/offices/models.py", "from . import schemas"),
    (DOWN, "komuna_registry/offices/queries.py", "from . import operations"),
    (DOWN, "komuna_registry/offices/operations.py", "from . import routes"),
    (PLAIN, "komuna_registry/offices/rules.py", "import sqlalchemy"),
    (PLAIN, "komuna_registry/offices/rules.py", "import pydantic"),
    (PLAIN, "komuna_shared/errors.py", "import fastapi"),
    (HTTP, "komuna_registry/offices/queries.py", "import fastapi"),
    (HTTP, "komuna_registry/offices/operations.py", "from starlette.requests import Request"),
    (ASSEMBLY, "komuna_registry/notices/queries.py", "import komuna_registry.offices.routes"),
    (ASSEMBLY, "komuna_registry/access.py", "import komuna_registry.notices.routes"),
    (CLIENTS, "komuna_referrals/cases/queries.py", "import komuna_referrals.clients.registry"),
    (CYCLES, "komuna_registry/offices/rules.py", "import komuna_registry.notices.queries"),
]


def contracts() -> list[dict[str, object]]:
    """Read our contracts."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    found: list[dict[str, object]] = settings["tool"]["importlinter"]["contracts"]
    return found


def broken(folder: Path, *, file: str = "", line: str = "") -> set[str]:
    """Lay out the workspace with one line more and name the contracts it breaks."""
    for path, text in WORKSPACE.items():
        module = folder / path
        module.parent.mkdir(parents=True, exist_ok=True)
        (folder / path.split("/")[0] / "__init__.py").touch()
        module.write_text(f"{text}\n{line if path == file else ''}\n", encoding="utf-8")
    lint_imports = str(Path(sys.executable).with_name("lint-imports"))
    done = subprocess.run(
        [lint_imports, "--no-cache", "--config", str(ROOT / "pyproject.toml")],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(folder), "NO_COLOR": "1", "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Contracts:" in done.stdout, done.stdout + done.stderr
    return {
        line.removesuffix(" BROKEN").strip()
        for line in done.stdout.splitlines()
        if line.endswith(" BROKEN")
    }


def test_every_contract_is_broken_here() -> None:
    assert {name for name, _, _ in BREAKS} == {contract["name"] for contract in contracts()}


def test_a_workspace_as_it_should_be_keeps_them(tmp_path: Path) -> None:
    assert broken(tmp_path) == set()


@pytest.mark.parametrize(("contract", "file", "line"), BREAKS)
def test_a_contract_catches(tmp_path: Path, contract: str, file: str, line: str) -> None:
    assert contract in broken(tmp_path, file=file, line=line)


def test_our_code_keeps_them() -> None:
    lint_imports = str(Path(sys.executable).with_name("lint-imports"))
    done = subprocess.run(
        [lint_imports, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stdout[-4000:]
