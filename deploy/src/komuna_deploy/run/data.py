"""Load what has changed since the last start, as the operator.

Not as a persona: nobody of the demonstration may bring in what is real.
"""

import time
from itertools import groupby
from typing import Any

import httpx

from komuna_deploy.home import Home
from komuna_deploy.issuer import keys, personas, tokens
from komuna_deploy.loader.imports import Gateway, load_file
from komuna_deploy.loader.manifest import Load, read_manifests
from komuna_deploy.screen import Screen, Step

from .children import Children
from .programs import Plan

NOTE = "loaded"
OPERATOR = "komuna:operator"
PERSONA = "persona:ops"
_TOKEN_AGE = 300.0


def stale_loads(home: Home) -> list[Load]:
    """Return the files that are new or changed since the last start."""
    known = home.read_note(NOTE)
    return [
        one for one in read_manifests() if known.get(one.name, {}).get("digest") != one.digest()
    ]


async def grant_operator(plan: Plan, children: Children) -> None:
    """Give the loader the role it loads with, and the persona that is played the same."""
    subjects = (OPERATOR, PERSONA)
    await children.run(plan.grant(*subjects, role="ops", name="Operations"))


async def load_data(plan: Plan, screen: Screen) -> list[dict[str, Any]]:
    """Take in every file that is new or changed; return what stands loaded, with origins."""
    stale = stale_loads(plan.home)
    url = f"http://127.0.0.1:{plan.settings.ports.gateway}"
    async with httpx.AsyncClient(base_url=url, trust_env=False, timeout=60) as client:
        gateway = Gateway(client, _TokenSource(plan).fresh)
        for service, loads in groupby(stale, key=lambda load: load.service):
            with screen.step(f"Data of {service}") as step:
                await _load_all(gateway, list(loads), plan.home, step)
    known = plan.home.read_note(NOTE)
    return [
        {
            "name": load.name,
            "service": load.service,
            "collection": load.collection,
            "origin": load.origin,
            "rows": known[load.name]["rows"],
        }
        for load in read_manifests()
    ]


async def _load_all(gateway: Gateway, loads: list[Load], home: Home, step: Step) -> None:
    rows = 0
    for number, load in enumerate(loads, start=1):
        step.tell(f"{number} of {len(loads)}: {load.collection}")
        started = time.monotonic()
        job = await load_file(gateway, load)
        loaded = sum(job["counts"].values())
        rows += loaded
        # After each file: a start that is broken off goes on where it stopped.
        note = {
            "digest": load.digest(),
            "rows": loaded,
            "seconds": round(time.monotonic() - started, 2),
        }
        home.write_note(NOTE, home.read_note(NOTE) | {load.name: note})
    step.outcome = f"{rows:,} rows in {len(loads)} files"


class _TokenSource:
    """Tokens of the operator, renewed before they grow old."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._key = keys.load_key(plan.home)
        self._token = ""
        self._until = 0.0

    def fresh(self) -> str:
        if time.monotonic() > self._until:
            self._until = time.monotonic() + _TOKEN_AGE
            self._token = tokens.issue(
                self._key,
                issuer=self._plan.settings.issuer_url,
                subject=OPERATOR,
                client="komuna-cli",
                scopes=personas.ROLES["ops"].scopes,
            )
        return self._token
