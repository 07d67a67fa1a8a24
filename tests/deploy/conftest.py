"""Folders and servers for the tests of the operator's command."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from komuna_deploy.postgres import cluster


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder that the server's account may enter; what must stand elsewhere stands in it too."""
    made = Path(tempfile.mkdtemp(prefix="komuna-deploy-"))
    made.chmod(0o711)
    monkeypatch.setenv("KOMUNA_STATE_FOLDER", str(made / "state"))
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture
def server(folder: Path) -> Iterator[cluster.Server]:
    """A running server that forgets nothing but crashes of the machine."""
    running = cluster.start(folder / "postgres" / "main", durable=False)
    yield running
    running.stop()
