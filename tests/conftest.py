"""What every test may ask for: a real PostgreSQL 18 and an issuer of tokens.

`KOMUNA_TEST_DATABASE_URL` names the administrator's login of a server kept for tests, which is then
used instead of one of our own; its databases `test_*` and the roles of the services are ours.
See `tests.databases` for the fixtures of a service.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from komuna_deploy.postgres import cluster
from komuna_shared.testing import Issuer
from tests.databases import Server


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A server on a free port with a data folder of its own, gone when the tests end."""
    named = os.environ.get("KOMUNA_TEST_DATABASE_URL")
    if named:
        server = Server(named)
        yield server
        for database in tuple(server.databases):
            server.drop(database)
        return
    # Not pytest's temporary folder: as root the server runs as `nobody`, who must get in.
    folder = Path(tempfile.mkdtemp(prefix="komuna-tests-"))
    folder.chmod(0o711)
    running = cluster.start(folder / "postgres", durable=False)
    try:
        yield Server(running.dsn())
    finally:
        running.stop()
        cluster.remove(folder / "postgres")
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def issuer() -> Issuer:
    """Signs tokens that the `settings` of every service trust."""
    return Issuer()


@pytest.fixture(scope="session")
def jwks_url(issuer: Issuer, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of the issuer's public keys."""
    return issuer.jwks_file(tmp_path_factory.mktemp("issuer") / "jwks.json")
