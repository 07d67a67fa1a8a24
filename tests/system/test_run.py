"""`komuna up` as a newcomer meets it."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from komuna_deploy.errors import Exit
from tests.deploy.programs import eventually, free_port_base, is_alive
from tests.system.conftest import (
    Stack,
    environment,
    start,
    started,
    stopped,
)

pytestmark = pytest.mark.system

_ROOT = Path(__file__).resolve().parents[2]
_KOMUNA = [sys.executable, "-c", "from komuna_deploy.main import app; app()"]


def _processes(stack: Stack) -> list[int]:
    described = stack.description
    return [stack.process.pid, *described["processes"].values(), *described["postgres"]]


def _screen(process: subprocess.Popen[str]) -> str:
    """Read what is printed up to the last line of the greeting."""
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line)
        if line.startswith("  Stop"):
            break
    return "".join(lines)


@pytest.fixture(scope="module")
def own(folder: Path) -> Iterator[Stack]:
    """A Komuna of this module, which its tests may stop and start."""
    running = started(folder / "own", free_port_base())
    yield running
    if running.process.poll() is None:
        stopped(running)


class TestUp:
    def test_is_ready_with_every_process(self, stack: Stack) -> None:
        names = {
            f"{name}{kind}"
            for name in ("registry", "indicators", "referrals")
            for kind in ("", "-worker")
        }
        assert stack.description["processes"].keys() == names | {"gateway", "issuer"}
        assert all(map(is_alive, _processes(stack)))

    def test_says_the_seconds_of_each_step(self, stack: Stack) -> None:
        assert list(stack.description["seconds"])[:5] == [
            "PostgreSQL",
            "Roles and schemas",
            "Libraries",
            "Migrations",
            "Services",
        ]
        assert all(seconds >= 0 for seconds in stack.description["seconds"].values())

    def test_loads_data_and_says_its_origins(self, stack: Stack) -> None:
        loaded = {one["collection"]: one for one in stack.description["loaded"]}
        assert loaded["municipalities"]["rows"] == 38
        assert all(one["origin"] for one in loaded.values())

    def test_refuses_a_second_one_on_the_same_folder(self, stack: Stack) -> None:
        second = start(stack.home, free_port_base())
        second.communicate(timeout=30)
        said = (stack.home / "complaints.txt").read_text()
        assert second.returncode == Exit.TRY_AGAIN
        assert f"in use by process {stack.process.pid}" in said
        assert "KOMUNA_HOME" in said

    def test_names_a_busy_port_and_the_way_round(self, stack: Stack, folder: Path) -> None:
        second = start(folder / "busy", stack.port_base)
        second.communicate(timeout=30)
        said = (folder / "busy" / "complaints.txt").read_text()
        assert second.returncode == Exit.TRY_AGAIN
        assert f"Port {stack.port_base} (gateway) is in use" in said
        assert "KOMUNA_PORT_BASE=" in said

    def test_is_not_for_production(self, folder: Path) -> None:
        refused = start(folder / "production", 20_000, KOMUNA_ENVIRONMENT="production")
        refused.communicate(timeout=30)
        assert refused.returncode == Exit.FAILURE
        assert "docker compose" in (folder / "production" / "complaints.txt").read_text()


class TestWatch:
    def test_brings_back_what_was_killed(self, own: Stack) -> None:
        killed = [own.description["processes"]["registry"], *own.description["postgres"]]
        for pid in killed:
            os.kill(pid, signal.SIGKILL)
        assert eventually(lambda: not any(map(is_alive, killed)))
        url = f"{own.url}/registry/v1/municipalities/prishtine"
        assert eventually(lambda: _status(url) == 200, within=60)


def _status(url: str) -> int:
    try:
        return httpx.get(url, trust_env=False, timeout=5).status_code
    except httpx.TransportError:
        return 0


class TestStop:
    def test_on_ctrl_c_leaves_no_process(self, own: Stack) -> None:
        processes = _processes(own)

        before = time.monotonic()
        stopped(own)

        assert time.monotonic() - before < 5
        assert own.process.returncode == 0
        assert not [pid for pid in processes if is_alive(pid)]
        assert not (own.home / "running.json").exists()

    def test_keeps_the_data_for_the_next_start(self, own: Stack) -> None:
        again = started(own.home, own.port_base)
        try:
            assert again.description["loaded"] == own.description["loaded"]
            assert "Data of registry" not in again.description["seconds"]
            url = f"{again.url}/registry/v1/municipalities/prishtine"
            assert httpx.get(url, trust_env=False).json()["slug"] == "prishtine"
        finally:
            stopped(again, signal.SIGTERM)

    def test_with_a_killed_parent_leaves_no_process_and_starts_again(self, own: Stack) -> None:
        first = started(own.home, own.port_base)
        processes = _processes(first)

        first.process.kill()
        first.process.communicate()

        assert eventually(lambda: not any(map(is_alive, processes)), within=5)
        again = started(own.home, own.port_base)
        try:
            assert again.description["loaded"] == first.description["loaded"]
        finally:
            stopped(again)

    def test_in_the_middle_of_a_start_leaves_nothing_that_hinders_the_next(
        self, folder: Path
    ) -> None:
        base = free_port_base()
        broken_off = start(folder / "half", base)
        assert broken_off.stdout is not None
        assert "PostgreSQL" in broken_off.stdout.readline()
        broken_off.kill()
        broken_off.communicate()

        whole = started(folder / "half", base)
        try:
            assert whole.description["loaded"]
        finally:
            stopped(whole)


class TestScreen:
    def test_prints_commands_that_work_as_they_stand(self, own: Stack) -> None:
        process = start(own.home, own.port_base)
        try:
            screen = _screen(process)
            assert f"Docs: http://localhost:{own.port_base}/docs" in screen
            assert re.search(r"✔ Services +\d+\.\d\d s", screen)
            commands = re.findall(r"^ +(curl .*)$", screen, re.MULTILINE)
            assert len(commands) == 3
            for command in commands:
                assert "Accept-Language: en" in command
                answered = subprocess.run(
                    ["sh", "-c", f"{command} -f -o /dev/null -w '%{{http_code}}'"],
                    cwd=_ROOT,
                    env=environment(own.home, own.port_base),
                    capture_output=True,
                    text=True,
                    check=False,
                )
                assert answered.stdout == "200", (command, answered.stderr)
        finally:
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=30)


class TestOtherWords:
    def test_give_a_token(self, stack: Stack) -> None:
        said = _run(stack, "token", "municipal-officer", "--municipality", "gjakove")
        assert said.returncode == 0
        assert said.stdout.count(".") == 2

    def test_find_everything_well(self, stack: Stack) -> None:
        assert _run(stack, "doctor").returncode == Exit.OK

    def test_find_every_setting_as_it_was_set(self, stack: Stack) -> None:
        said = _run(stack, "check")
        assert (said.returncode, said.stderr) == (Exit.OK, "")

    def test_give_the_first_rights_and_give_them_only_once(self, stack: Stack) -> None:
        words = ("admin", "grant", "--subject", "first", "--role", "ops", "--name", "First Person")
        for _ in range(2):
            said = _run(stack, *words)
            assert (said.returncode, said.stderr) == (Exit.OK, "")
            assert "First Person" not in said.stdout

    def test_refuse_a_role_nobody_knows(self, stack: Stack) -> None:
        words = ("admin", "grant", "--subject", "first", "--role", "king", "--name", "First Person")
        said = _run(stack, *words)
        assert said.returncode == Exit.FAILURE
        assert "First Person" not in said.stderr

    def test_refuse_to_delete_under_a_running_komuna(self, stack: Stack) -> None:
        said = _run(stack, "demo", "reset", "--yes")
        assert said.returncode == Exit.TRY_AGAIN
        assert "in use by process" in said.stderr


def _run(stack: Stack, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*_KOMUNA, *words],
        env=environment(stack.home, stack.port_base),
        capture_output=True,
        text=True,
        check=False,
    )
