"""The order in which Komuna comes up, and how it goes down."""

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from komuna_deploy import ports
from komuna_deploy.errors import OperatorError
from komuna_deploy.home import Home
from komuna_deploy.issuer import keys
from komuna_deploy.issuer.clients import make_secrets
from komuna_deploy.locks import FolderLock
from komuna_deploy.running import RUNNING, write_running
from komuna_deploy.screen import Screen
from komuna_deploy.settings import KEYSTORE, SERVICES, Settings

from . import data, databases, greeting, schemas
from .births import open_births
from .children import Children
from .databases import Databases
from .programs import Plan

_AFTER_A_KILL = 6.0


@dataclass
class Run:
    """One `komuna up`: what it holds and must let go of."""

    settings: Settings
    home: Home
    screen: Screen
    children: Children
    databases: Databases = field(default_factory=Databases)


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
    loaded = await _start(run)
    run.screen.answer(_description(run, loaded))
    for line in greeting.lines(run.settings, run.home, loaded, moved=_moved(run)):
        run.screen.say(line)
    while True:
        await asyncio.sleep(0.2)
        for log in (*run.databases.revive(), *map(run.children.log, run.children.revive())):
            run.screen.say(f"  ! {log.stem} had stopped and was started again; why: {log}")


async def _start(run: Run) -> list[dict[str, Any]]:
    settings, screen, children = run.settings, run.screen, run.children
    await _check_ports(run)
    write_running(run.home, settings)
    with screen.step("PostgreSQL") as step:
        databases.open_servers(settings, run.home, run.databases)
        step.outcome = _where(run)
    with screen.step("Roles and schemas"):
        await databases.furnish(run.databases)
    make_secrets(run.home)
    with screen.step("Libraries"):
        await children.births.wait_until_ready()
    plan = Plan(settings, run.home, run.databases, keys.write_public_keys(run.home))
    with screen.step("Migrations") as step:
        changed = await schemas.migrate(plan, children)
        step.outcome = ", ".join(changed) or "nothing to do"
    with screen.step("Services") as step:
        await _start_services(plan, children, loading=bool(data.stale_loads(run.home)))
        step.outcome = ", ".join(f"{n} :{settings.ports.service(n)}" for n in SERVICES)
    # From here on whoever is started again is started with the code as it is then.
    children.births.close()
    return await data.load_data(plan, screen)


async def _start_services(plan: Plan, children: Children, *, loading: bool) -> None:
    programs = [plan.gateway(), *(plan.service(name) for name in SERVICES), plan.issuer()]
    web = [children.start(program) for program in programs]
    waits = [children.wait_until_ready(child) for child in web]
    workers = [plan.worker(name) for name in SERVICES]
    if loading:
        # The first file waits for both: a worker and someone who may load.
        for program in workers:
            children.start(program)
        await asyncio.gather(*waits, data.grant_operator(plan, children))
        return
    await asyncio.gather(*waits)
    # Nobody waits for the workers here; they would only slow the others down.
    for program in workers:
        children.start(program)


async def _check_ports(run: Run) -> None:
    at, taken = run.settings.ports, run.settings.databases
    wanted = {at.gateway: "gateway", at.issuer: "token issuer"}
    wanted |= {at.service(name): name for name in SERVICES}
    if not set(SERVICES) <= taken.keys():
        wanted[at.postgres] = "PostgreSQL"
    if KEYSTORE not in taken:
        wanted[at.keystore] = "keystore"
    # Processes of a run that was killed may still be on their way out.
    patience = _AFTER_A_KILL if run.home.read_note(RUNNING) else 0.0
    while patience > 0 and not all(ports.is_free(port) for port in wanted):
        await asyncio.sleep(0.1)
        patience -= 0.1
    for port, what in wanted.items():
        ports.check_free(port, what)


def _where(run: Run) -> str:
    servers = run.databases.servers
    places = [f"{one.place.binaries.version} embedded, {one.data}" for one in servers[:1]]
    elsewhere = len(run.databases.houses) - len(servers)
    return "; ".join(places + ([f"{elsewhere} of yours"] if elsewhere else []))


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
