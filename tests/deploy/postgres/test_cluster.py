"""Our own PostgreSQL server: everything that may go wrong around it."""

import os
import stat
import subprocess
import threading
from pathlib import Path

import asyncpg
import pytest

from komuna_deploy.errors import Exit, OperatorError
from komuna_deploy.ports import PortBusyError
from komuna_deploy.postgres import cluster, data_folder, server_settings
from tests.deploy.programs import ask

_AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root changes accounts")


class TestStart:
    async def test_serves_postgresql_18(self, server: cluster.Server) -> None:
        assert str(await ask(server.dsn(), "show server_version")).startswith("18.")

    async def test_orders_text_alike_on_every_machine(self, server: cluster.Server) -> None:
        provider = (
            "select datlocprovider::text || datlocale from pg_database where datname = 'postgres'"
        )
        assert await ask(server.dsn(), provider) == "bC.UTF-8"

    async def test_keeps_what_it_held_when_it_starts_again(self, folder: Path) -> None:
        server = cluster.start(folder / "main", durable=False)
        await ask(server.dsn(), "create table kept as select 7 as seven")
        server.stop()

        again = cluster.start(folder / "main", durable=False)
        try:
            assert await ask(again.dsn(), "select seven from kept") == 7
        finally:
            again.stop()

    async def test_sets_everything_it_promises(self, folder: Path) -> None:
        server = cluster.start(folder / "main")
        try:
            for name, value in server_settings.wanted().items():
                assert await ask(server.dsn(), f"show {name}") == value, name
        finally:
            server.stop()

    async def test_refuses_tcp_without_the_password(self, server: cluster.Server) -> None:
        without = server.dsn().replace(server.password, "")
        with pytest.raises(asyncpg.InvalidPasswordError):
            await asyncpg.connect(without)

    def test_opens_its_socket_to_nobody_else(self, server: cluster.Server) -> None:
        assert stat.S_IMODE(server.socket_folder.stat().st_mode) == 0o700

    def test_listens_on_loopback_only(self, server: cluster.Server) -> None:
        wanted = f":{server.port:04X}"
        addresses = {
            line.split()[1].removesuffix(wanted)
            for table in ("tcp", "tcp6")
            for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]
            if line.split()[1].endswith(wanted) and line.split()[3] == "0A"
        }
        assert addresses == {"0100007F"}

    @_AS_ROOT
    def test_runs_as_nobody_for_root(self, server: cluster.Server) -> None:
        assert Path(f"/proc/{server.process.pid}").stat().st_uid == 65534

    def test_refuses_a_second_start_on_the_same_folder(
        self, server: cluster.Server, folder: Path
    ) -> None:
        with pytest.raises(OperatorError, match=f"process {os.getpid()}") as refused:
            cluster.start(folder / "postgres" / "main")
        assert refused.value.code is Exit.TRY_AGAIN
        assert server.process.poll() is None

    def test_names_a_busy_port(self, server: cluster.Server, folder: Path) -> None:
        with pytest.raises(PortBusyError, match=str(server.port)):
            cluster.start(folder / "other", server.port)

    def test_lets_the_lock_go_when_it_fails(self, server: cluster.Server, folder: Path) -> None:
        with pytest.raises(PortBusyError):
            cluster.start(folder / "other", server.port)
        cluster.start(folder / "other", durable=False).stop()

    def test_is_refused_off_the_main_thread(self, folder: Path) -> None:
        raised: list[BaseException] = []

        def start() -> None:
            try:
                cluster.start(folder / "main").stop()
            except RuntimeError as error:
                raised.append(error)

        thread = threading.Thread(target=start)
        thread.start()
        thread.join()

        assert ["main thread" in str(error) for error in raised] == [True]

    def test_begins_anew_after_a_half_made_folder(self, folder: Path) -> None:
        draft = folder / "main.draft"
        draft.mkdir()
        (draft / "PG_VERSION").write_text("18\n")

        cluster.start(folder / "main", durable=False).stop()

        assert not draft.exists()

    def test_uses_a_short_socket_where_the_path_is_long(self, folder: Path) -> None:
        deep = folder / ("d" * 60) / ("e" * 40)
        server = cluster.start(deep / "main", durable=False)
        short = server.socket_folder
        assert short != server.data
        assert stat.S_IMODE(short.stat().st_mode) == 0o700
        assert (short / f".s.PGSQL.{server.port}").exists()
        server.stop()
        assert not short.exists()

    def test_says_so_when_another_version_made_the_folder(self, folder: Path) -> None:
        cluster.start(folder / "main", durable=False).stop()
        (folder / "main" / "PG_VERSION").write_text("15\n")

        with pytest.raises(data_folder.PostgresError, match="was made by PostgreSQL 15"):
            cluster.start(folder / "main")

    def test_tells_the_servers_own_words_when_it_does_not_start(self, folder: Path) -> None:
        cluster.start(folder / "main", durable=False).stop()
        (folder / "main" / "global" / "pg_control").unlink()

        with pytest.raises(data_folder.PostgresError, match="pg_control"):
            cluster.start(folder / "main", durable=False)


class TestStop:
    def test_leaves_no_process(self, folder: Path) -> None:
        server = cluster.start(folder / "main", durable=False)
        group = server.process.pid
        server.stop()
        left = subprocess.run(["pgrep", "-g", str(group)], capture_output=True, check=False)
        assert left.stdout == b""

    async def test_ends_even_while_someone_is_connected(self, folder: Path) -> None:
        server = cluster.start(folder / "main", durable=False)
        connection = await asyncpg.connect(server.dsn())
        server.stop()
        assert server.process.returncode == 0
        connection.terminate()


class TestRemove:
    def test_leaves_nothing(self, folder: Path) -> None:
        server = cluster.start(folder / "own" / "main", durable=False)
        server.stop()
        cluster.remove(folder / "own" / "main")
        assert list((folder / "own").iterdir()) == []

    def test_refuses_while_the_server_runs(self, server: cluster.Server, folder: Path) -> None:
        with pytest.raises(OperatorError, match="in use"):
            cluster.remove(folder / "postgres" / "main")
        assert server.process.poll() is None

    @_AS_ROOT
    def test_leaves_nothing_of_moved_data_either(self, folder: Path) -> None:
        (folder / "root").mkdir(mode=0o700)
        server = cluster.start(folder / "root" / "own" / "main", durable=False)
        server.stop()
        assert server.place.moved
        cluster.remove(folder / "root" / "own" / "main")
        assert list((folder / "state" / "data").iterdir()) == []
