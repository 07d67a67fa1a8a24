"""Servers that die, and what becomes of their data and their parents' children."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import asyncpg
import pytest

from komuna_deploy.postgres import cluster
from tests.deploy.programs import START, ask, eventually, first_line, is_alive, kill, start_python


class TestRevive:
    async def test_brings_a_killed_server_back_while_sessions_were_open(self, folder: Path) -> None:
        server = cluster.start(folder / "main")
        await ask(server.dsn(), "create table kept as select 7 as seven")
        open_session = await asyncpg.connect(server.dsn())
        first = server.process.pid
        os.kill(first, signal.SIGKILL)
        assert eventually(lambda: server.process.poll() is not None)

        assert server.revive()

        assert server.process.pid != first
        assert await ask(server.dsn(), "select seven from kept") == 7
        open_session.terminate()
        server.stop()

    def test_leaves_a_living_server_alone(self, server: cluster.Server) -> None:
        pid = server.process.pid
        assert not server.revive()
        assert server.process.pid == pid


class TestDeath:
    @pytest.mark.clock
    def test_takes_the_server_with_its_parent(self, folder: Path) -> None:
        parent = start_python(START, folder / "main")
        pid, _ = map(int, first_line(parent).split())
        assert is_alive(pid)

        kill(parent)

        assert eventually(lambda: not is_alive(pid), within=2)

    def test_keeps_what_was_committed_before_the_server_was_killed(self, folder: Path) -> None:
        parent = start_python(START, folder / "main")
        pid, port = map(int, first_line(parent).split())
        dsn = cluster.address(folder / "main", port)
        _in_child(dsn, "create table kept as select generate_series(1, 1000) as n")

        os.kill(pid, signal.SIGKILL)
        kill(parent)
        server = cluster.start(folder / "main", durable=False)

        try:
            assert _in_child(server.dsn(), "select count(*) from kept") == "1000"
        finally:
            server.stop()

    def test_is_not_fooled_by_a_zombie(self, folder: Path) -> None:
        server = cluster.start(folder / "main", durable=False)
        # Nobody has waited for the dead server, as where process 1 reaps nothing.
        os.kill(server.process.pid, signal.SIGKILL)
        assert eventually(lambda: not is_alive(server.process.pid))
        assert Path(f"/proc/{server.process.pid}").exists()
        server.lock.release()

        again = cluster.start(folder / "main", durable=False)

        assert again.process.poll() is None
        again.stop()
        server.process.wait()

    def test_is_not_fooled_by_another_process_with_the_old_number(self, folder: Path) -> None:
        cluster.start(folder / "main", durable=False).stop()
        other = cluster.start(folder / "other", durable=False)
        # As after the restart of a container: the number in the file now belongs to another
        # server of the same account.
        stale = (other.data / "postmaster.pid").read_text().replace("other", "main")
        lock_file = folder / "main" / "postmaster.pid"
        lock_file.write_text(stale)
        os.chown(lock_file, (folder / "main").stat().st_uid, -1)
        lock_file.chmod(0o600)

        again = cluster.start(folder / "main", durable=False)

        assert other.process.poll() is None
        again.stop()
        other.stop()

    def test_stops_an_orphan_that_still_serves(self, folder: Path) -> None:
        orphan = cluster.start(folder / "main", durable=False)
        orphan.lock.release()

        again = cluster.start(folder / "main", durable=False)

        assert orphan.process.wait(5) == 0
        assert again.process.poll() is None
        again.stop()


def _in_child(dsn: str, statement: str) -> str:
    """Ask in a process of its own: these tests hold no loop."""
    code = """
import asyncio, asyncpg, sys
async def ask():
    connection = await asyncpg.connect(sys.argv[1])
    print(await connection.fetchval(sys.argv[2]))
    await connection.close()
asyncio.run(ask())
"""
    done = subprocess.run(
        [sys.executable, "-c", code, dsn, statement], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()
