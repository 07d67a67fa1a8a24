"""`komuna up` from its first line to its last: started, watched, told to stop, stopped."""

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from komuna_deploy.errors import OperatorError
from komuna_deploy.home import Home
from komuna_deploy.locks import FolderLock
from komuna_deploy.running import RUNNING
from komuna_deploy.screen import Screen
from komuna_deploy.settings import SERVICES, Settings

from . import data, greeting
from .births import open_births
from .children import Children
from .sequence import Run, start_processes


def run_until_told(settings: Settings, screen: Screen) -> None:
    """Start everything, stay until a signal, stop everything."""
    if settings.production:
        raise OperatorError(
            "`komuna up` is for development and demonstrations.",
            "In production use `docker compose up -d --wait`: docs/how-to/deploy-with-compose.md.",
        )
    home = Home(settings.home)
    home.prepare()
    lock = FolderLock(home.lock).take(what=f"The data folder {home.folder}")
    try:
        births = open_births(home.logs / "nursery.log")
        asyncio.run(_stay(Run(settings, home, screen, Children(home.logs, births))))
    finally:
        lock.release()


async def _stay(run: Run) -> None:
    with _told_to_stop() as told:
        task = asyncio.create_task(_start_and_watch(run))
        stopping = asyncio.create_task(told.wait())
        try:
            await asyncio.wait({task, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if task.done():
                task.result()
        finally:
            for one in (task, stopping):
                one.cancel()
            _stop(run)
            with suppress(asyncio.CancelledError, OperatorError):
                await task
    run.home.forget_note(RUNNING)


def _stop(run: Run) -> None:
    if not run.databases.servers:
        run.children.stop()
        return
    with run.screen.step("Stopped, the data stays"):
        run.children.stop()
        run.databases.stop()


@contextmanager
def _told_to_stop() -> Iterator[asyncio.Event]:
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    for one in signals:
        loop.add_signal_handler(one, told.set)
    try:
        yield told
    finally:
        for one in signals:
            loop.remove_signal_handler(one)


async def _start_and_watch(run: Run) -> None:
    plan = await start_processes(run)
    watching = asyncio.ensure_future(_watch(run))
    loading = asyncio.ensure_future(data.load_data(plan, run.screen))
    try:
        # Whoever dies for good while data is loaded would else be waited for in vain.
        await asyncio.wait({watching, loading}, return_when=asyncio.FIRST_COMPLETED)
        if loading.done():
            _greet(run, loading.result())
        await watching
    finally:
        watching.cancel()
        loading.cancel()


async def _watch(run: Run) -> None:
    while True:
        for log in (*run.databases.revive(), *map(run.children.log, run.children.revive())):
            run.screen.say(f"  ! {log.stem} had stopped and was started again; why: {log}")
        await asyncio.sleep(0.2)


def _greet(run: Run, loaded: list[dict[str, Any]]) -> None:
    run.screen.answer(_description(run, loaded))
    for line in greeting.lines(run.settings, run.home, loaded, moved=_moved(run)):
        run.screen.say(line)


def _moved(run: Run) -> str:
    moved = [server.place for server in run.databases.servers if server.place.moved]
    return str(moved[0].data.parent) if moved else ""


def _description(run: Run, loaded: list[dict[str, Any]]) -> dict[str, Any]:
    settings = run.settings
    return {
        "url": settings.public_url,
        "docs": f"{settings.public_url}/docs",
        "issuer": settings.issuer_url,
        "services": {name: settings.service_url(name) for name in SERVICES},
        "home": str(run.home.folder),
        "processes": {name: child.process.pid for name, child in run.children.running.items()},
        "postgres": [server.process.pid for server in run.databases.servers],
        "seconds": run.screen.seconds,
        "loaded": loaded,
    }
