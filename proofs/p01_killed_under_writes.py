"""What a service acknowledged is there, whole and once, however often the service is killed."""

import asyncio
import random
import time
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import httpx

from proofs.killable import ADMINISTRATOR, Registry, new_folder

ID = 1
NAME = "a service killed under writes loses nothing"
CANARY = "answers_first"
DEMANDED = {"kills": 8, "acknowledged": 300, "lost": 0, "twice": 0, "half": 0}

_WRITERS = 8
_PATIENCE = 240.0
_SCOPES = ("registry.assignments.read", "registry.assignments.write")
_HALF = """
    select count(*) from (
        select id::text from assignment where source = 'proof'
        except select subject_id from audit_event where action = 'assignment.grant'
    ) missing_audit
    union all select count(*) from (
        select subject_id from audit_event where action = 'assignment.grant'
        except select id::text from assignment
    ) audit_of_nothing
    union all select count(*) from (
        select id::text from assignment where source = 'proof'
        except select id from change where type = 'assignment'
    ) missing_change
    union all select count(*) from (
        select id::text from assignment where source = 'proof'
        except select resource_id from idempotency_key
    ) missing_key
"""


@dataclass
class Attack:
    """What has happened so far; it goes on until enough has, or patience ends."""

    registry: Registry
    deadline: float
    kills: int = 0
    acknowledged: dict[str, str] = field(default_factory=dict)

    @property
    def is_over(self) -> bool:
        """Tell whether enough was killed and written to say something."""
        enough = self.kills >= DEMANDED["kills"]
        enough = enough and len(self.acknowledged) >= DEMANDED["acknowledged"]
        return enough or time.monotonic() > self.deadline


def broken(figures: dict[str, Any]) -> list[str]:
    """Return which demands the figures of a run do not meet."""
    least = [name for name in ("kills", "acknowledged") if figures[name] < DEMANDED[name]]
    none = [name for name in ("lost", "twice", "half") if figures[name] != DEMANDED[name]]
    return least + none


def caught(figures: dict[str, Any]) -> bool:
    """Tell whether what the mutant breaks was seen, and not merely that the run was short."""
    return bool(figures["lost"] > 0)


def run(seed: int, *, mutant: str | None) -> dict[str, Any]:
    """Write from many clients while the service is killed again and again; count what is left."""
    factory = f"proofs.mutants:{mutant}" if mutant else "komuna_registry.main:create_app"
    registry = Registry(factory, new_folder())
    try:
        registry.wait()
        return asyncio.run(_attack(registry, random.Random(seed)))
    finally:
        registry.close()


async def _attack(registry: Registry, dice: random.Random) -> dict[str, Any]:
    attack = Attack(registry, time.monotonic() + _PATIENCE)
    keys = [UUID(int=dice.getrandbits(128), version=4) for _ in range(50_000)]
    writers = [_write(attack, keys[number::_WRITERS]) for number in range(_WRITERS)]
    await asyncio.gather(_kill(attack, dice), *writers)
    there = {row["id"] for row in await registry.rows("select id::text as id from assignment")}
    twice = await registry.rows(
        "select account from assignment where source = 'proof' group by account having count(*) > 1"
    )
    half = await registry.rows(_HALF)
    return {
        "kills": attack.kills,
        "acknowledged": len(attack.acknowledged),
        "lost": len(set(attack.acknowledged.values()) - there),
        "twice": len(twice),
        "half": sum(row["count"] for row in half),
    }


async def _kill(attack: Attack, dice: random.Random) -> None:
    while not attack.is_over:
        await asyncio.sleep(dice.uniform(0.3, 1.5))
        await asyncio.to_thread(attack.registry.kill)
        attack.kills += 1
        attack.registry.start()
        await asyncio.to_thread(attack.registry.wait)


async def _write(attack: Attack, keys: list[UUID]) -> None:
    registry = attack.registry
    token = registry.issuer.token(ADMINISTRATOR, _SCOPES)
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=registry.url, headers=headers, trust_env=False) as client:
        for key in keys:
            granted = await _grant(client, key, attack)
            if granted is None:
                return
            attack.acknowledged[str(key)] = granted


async def _grant(client: httpx.AsyncClient, key: UUID, attack: Attack) -> str | None:
    """Ask with one key until there is an answer, as a careful client does."""
    body = {
        "subject": f"proof:{key}",
        "name": "Somebody",
        "role": "frontend",
        "valid_from": "2026-01-01",
        "source": "proof",
    }
    while not attack.is_over:
        try:
            answer = await client.post(
                "/v1/assignments", json=body, headers={"Idempotency-Key": str(key)}
            )
        except httpx.TransportError:
            await asyncio.sleep(0.02)
            continue
        if answer.status_code == httpx.codes.CREATED:
            return str(answer.json()["id"])
        if answer.status_code not in (httpx.codes.CONFLICT, httpx.codes.SERVICE_UNAVAILABLE):
            raise RuntimeError(f"The registry answered {answer.status_code}.")
        await asyncio.sleep(0.02)
    return None
