"""Processes of a run: born, watched, stopped."""

import asyncio
import os
import signal
import socket
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from komuna_deploy.ports import PortBusyError, any_free
from komuna_deploy.run.births import Births, open_births
from komuna_deploy.run.children import Child, Children, StoppedError
from komuna_deploy.run.programs import Program
from tests.deploy.programs import eventually, first_line, is_alive, kill, start_python

_STAY = "import signal; print('here', flush=True); signal.pause()"
_DEAF = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {_STAY}"
_FAIL = "raise SystemExit('the last word')"
_PARENT = """
import asyncio, signal, sys
from pathlib import Path
from komuna_deploy.run.births import Births, open_births
from komuna_deploy.run.programs import Program
folder, kind, code = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
births = Births() if kind == "alone" else open_births(folder / "nursery.log")
asyncio.run(births.wait_until_ready())
child = births.bear(Program("child", ("timeit", "-n1", "-r1", code), {}), folder / "child.log")
nursery = births.nursery.pid if births.nursery else 0
print(child.pid, nursery, flush=True)
signal.pause()
"""


def _program(code: str, *, url: str = "") -> Program:
    # A module of Python's own that runs what it is given, once.
    return Program("child", ("timeit", "-n1", "-r1", code), {"GREETING": "good day"}, url)


def _parent_of(pid: int) -> int:
    stat = Path(f"/proc/{pid}/stat").read_text()
    return int(stat.rpartition(")")[2].split()[1])


async def _settled(children: Children, code: str, *, url: str = "") -> Child:
    """Start a program and wait until it has said something."""
    child = children.start(_program(code, url=url))
    log = children.log("child")
    for _ in range(1000):
        if log.exists() and log.read_text():
            return child
        await asyncio.sleep(0.01)
    return child


@pytest.fixture(params=["alone", "nursery"], scope="module")
def kind(request: pytest.FixtureRequest) -> str:
    """How a process is born."""
    return str(request.param)


@pytest.fixture(scope="module")
async def births(kind: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Births]:
    log = tmp_path_factory.mktemp("nursery") / "nursery.log"
    opened = Births() if kind == "alone" else open_births(log)
    await opened.wait_until_ready()
    yield opened
    opened.close()


@pytest.fixture
def children(births: Births, tmp_path: Path) -> Iterator[Children]:
    started = Children(tmp_path, births)
    yield started
    # The nursery is needed again.
    started.births = Births()
    started.stop()


class TestStart:
    async def test_gives_a_process_its_own_environment_and_log(self, children: Children) -> None:
        await _settled(children, "import os; print(sorted(os.environ))")
        assert "GREETING" in children.log("child").read_text()
        assert "PYTEST_CURRENT_TEST" not in children.log("child").read_text()

    async def test_keeps_what_it_says_from_everyone_else(self, children: Children) -> None:
        await _settled(children, _STAY)

        assert children.log("child").stat().st_mode & 0o777 == 0o600

    async def test_gives_a_process_a_session_of_its_own(self, children: Children) -> None:
        child = await _settled(children, _STAY)
        assert os.getsid(child.process.pid) == child.process.pid

    async def test_makes_us_its_parent(self, children: Children) -> None:
        child = await _settled(children, _STAY)
        assert _parent_of(child.process.pid) == os.getpid()


class TestRun:
    async def test_returns_when_the_process_ends_well(self, children: Children) -> None:
        await children.run(_program("print('done')"))
        assert "done" in children.log("child").read_text()
        assert children.running == {}

    async def test_raises_the_last_word_when_it_does_not(self, children: Children) -> None:
        with pytest.raises(StoppedError, match=r"child stopped: .*the last word") as stopped:
            await children.run(_program(_FAIL))
        assert "child.log" in stopped.value.advice


class TestWaitUntilReady:
    async def test_raises_when_the_process_ends_first(self, children: Children) -> None:
        child = children.start(_program(_FAIL, url=f"http://127.0.0.1:{any_free()}/readyz"))
        with pytest.raises(StoppedError, match="the last word"):
            await children.wait_until_ready(child)

    async def test_names_the_port_when_another_program_took_it(self, children: Children) -> None:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            # A full queue: whoever asks here waits.
            port = taken.getsockname()[1]
            child = children.start(_program(_FAIL, url=f"http://127.0.0.1:{port}/readyz"))
            child.process.wait()
            with pytest.raises(PortBusyError, match=str(port)):
                await children.wait_until_ready(child)


class TestRevive:
    async def test_starts_again_what_was_killed(self, children: Children) -> None:
        child = await _settled(children, _STAY)
        first = child.process.pid
        os.kill(first, signal.SIGKILL)
        assert eventually(lambda: child.process.poll() is not None)

        assert children.revive() == ["child"]

        assert child.process.pid != first
        assert child.process.poll() is None

    async def test_leaves_the_living_alone(self, children: Children) -> None:
        child = await _settled(children, _STAY)
        pid = child.process.pid
        assert children.revive() == []
        assert child.process.pid == pid

    async def test_gives_up_on_one_that_keeps_dying(self, children: Children) -> None:
        child = children.start(_program(_FAIL))

        def die_and_revive() -> None:
            for _ in range(5):
                child.process.wait()
                children.revive()

        with pytest.raises(StoppedError, match="the last word"):
            die_and_revive()


class TestStop:
    async def test_is_polite(self, children: Children) -> None:
        child = await _settled(children, _STAY)
        children.stop()
        assert child.process.returncode == -signal.SIGTERM

    @pytest.mark.clock
    async def test_insists_in_time(self, children: Children) -> None:
        child = await _settled(children, _DEAF)
        before = time.monotonic()

        children.stop(patience=0.3)

        assert child.process.returncode == -signal.SIGKILL
        assert time.monotonic() - before < 3

    async def test_ends_the_nursery_too(self, tmp_path: Path) -> None:
        births = open_births(tmp_path / "nursery.log")
        nursery = births.nursery
        assert nursery is not None

        Children(tmp_path, births).stop()

        assert nursery.returncode is not None


class TestDeathOfTheParent:
    @pytest.mark.clock
    def test_takes_everything_with_it(self, kind: str, tmp_path: Path) -> None:
        parent = start_python(_PARENT, tmp_path, kind, _STAY)
        pids = [int(pid) for pid in first_line(parent).split() if pid != "0"]
        assert all(map(is_alive, pids))

        kill(parent)

        assert eventually(lambda: not any(map(is_alive, pids)), within=2)
