"""`komuna up` on a server that an administrator looks after."""

import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from komuna_deploy.errors import Exit
from komuna_deploy.postgres import binaries, cluster
from tests.deploy.programs import free_port_base
from tests.system.conftest import Stack, start, started, stopped

pytestmark = pytest.mark.system


@dataclass
class Ministry:
    """A server with an administrator, and a clerk who may do nothing."""

    server: cluster.Server
    home: Path
    port_base: int

    @property
    def variables(self) -> dict[str, str]:
        """How the clerk names the server for data and keys alike."""
        clerk = self.server.dsn().replace(f"postgres:{self.server.password}", "clerk:word")
        return {"DATABASE_URL": clerk, "KOMUNA_KEYSTORE_DATABASE_URL": clerk}

    def administer(self, sql: str) -> None:
        """Run a script as an administrator does."""
        program = str(binaries.find().folder / "psql")
        subprocess.run(
            [program, self.server.dsn(), "-X", "-q", "-v", "ON_ERROR_STOP=1"],
            input=sql,
            text=True,
            check=True,
            capture_output=True,
        )


@pytest.fixture(scope="module")
def ministry(folder: Path) -> Iterator[Ministry]:
    server = cluster.start(folder / "ministry" / "postgres" / "main", durable=False)
    made = Ministry(server, folder / "clerk", free_port_base())
    made.administer("create role clerk login password 'word'")
    yield made
    server.stop()
    shutil.rmtree(folder / "clerk", ignore_errors=True)


class TestUp:
    def test_hands_the_sql_to_an_administrator_and_then_runs(self, ministry: Ministry) -> None:
        refused = start(ministry.home, ministry.port_base, **ministry.variables)
        said, _ = refused.communicate(timeout=60)
        complaints = (ministry.home / "complaints.txt").read_text()
        assert refused.returncode == Exit.FAILURE
        assert "may not create roles and databases" in complaints
        assert "password 'SCRAM-SHA-256$" in said

        ministry.administer("\n".join(line for line in said.splitlines() if "✔" not in line))
        ministry.administer("grant connect on database postgres to clerk")
        running = started(ministry.home, ministry.port_base, **ministry.variables)

        try:
            _answers(running)
            assert running.description["postgres"] == []
        finally:
            stopped(running)


def _answers(stack: Stack) -> None:
    url = f"{stack.url}/registry/v1/municipalities/prishtine"
    assert httpx.get(url, trust_env=False).status_code == 200
