"""The order in which Komuna comes up."""

import asyncio
from dataclasses import dataclass, field

from komuna_deploy import ports
from komuna_deploy.home import Home
from komuna_deploy.issuer import keys
from komuna_deploy.issuer.clients import make_secrets
from komuna_deploy.running import RUNNING, write_running
from komuna_deploy.screen import Screen
from komuna_deploy.settings import KEYSTORE, SERVICES, Settings

from . import data, databases, schemas
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


async def start_processes(run: Run) -> Plan:
    """Start everything, one step after another, and return how each is started."""
    settings, screen, children = run.settings, run.screen, run.children
    await _check_ports(run)
    write_running(run.home, settings)
    with screen.step("PostgreSQL") as step:
        databases.open_servers(settings, run.home, run.databases)
        step.outcome = _where(run)
    with screen.step("Roles and schemas"):
        await databases.furnish(run.databases)
        await databases.install_ticket_key(run.databases, run.home)
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
    return plan


async def _start_services(plan: Plan, children: Children, *, loading: bool) -> None:
    gateway = children.start(plan.gateway())
    behind = [children.start(plan.service(name)) for name in SERVICES]
    behind.append(children.start(plan.issuer()))
    workers = [plan.worker(name) for name in SERVICES]
    if loading:
        # The first file waits for both: a worker and someone who may load.
        for program in workers:
            children.start(program)
        granted = data.grant_operator(plan, children)
        await asyncio.gather(children.wait_until_ready(*behind), granted)
    else:
        await children.wait_until_ready(*behind)
    # Asked last: the gateway remembers for a second that a service was not there yet.
    await children.wait_until_ready(gateway)
    for program in [] if loading else workers:
        # Nobody waited for the workers here; they would only have slowed the others down.
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
