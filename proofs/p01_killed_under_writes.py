"""What a service acknowledged is there, whole and once, however often the service is killed."""

import asyncio
import random
import time
from typing import Any
from uuid import UUID

import httpx

from proofs.killable import ADMINISTRATOR, Registry, new_folder

ID = 1
NAME = "a service killed under writes loses nothing"
CANARY = "answers_first"
DEMANDED = {"kills": 8, "acknowledged": 300, "lost": 0, "twice": 0, "half": 0}

_WRITERS = 8
_SECONDS = 20.0
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


def broken(figures: dict[str, Any]) -> list[str]:
    """Return which demands the figures of a run do not meet."""
    least = [name for name in ("kills", "acknowledged") if figures[name] < DEMANDED[name]]
    none = [name for name in ("lost", "twice", "half") if figures[name] != DEMANDED[name]]
    return least + none


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
    deadline = time.monotonic() + _SECONDS
    keys = [UUID(int=dice.getrandbits(128), version=4) for _ in range(50_000)]
    acknowledged: dict[str, str] = {}
    writers = [
        _write(registry, keys[number::_WRITERS], acknowledged, deadline)
        for number in range(_WRITERS)
    ]
    kills, _ = await asyncio.gather(_kill(registry, dice, deadline), asyncio.gather(*writers))
    there = {row["id"] for row in await registry.rows("select id::text as id from assignment")}
    twice = await registry.rows(
        "select account from assignment where source = 'proof' group by account having count(*) > 1"
    )
    half = await registry.rows(_HALF)
    return {
        "kills": kills,
        "acknowledged": len(acknowledged),
        "lost": len(set(acknowledged.values()) - there),
        "twice": len(twice),
        "half": sum(row["count"] for row in half),
    }


async def _kill(registry: Registry, dice: random.Random, deadline: float) -> int:
    kills = 0
    while time.monotonic() < deadline:
        await asyncio.sleep(dice.uniform(0.2, 0.6))
        await asyncio.to_thread(registry.kill)
        kills += 1
        registry.start()
        await asyncio.to_thread(registry.wait)
    return kills


async def _write(
    registry: Registry, keys: list[UUID], acknowledged: dict[str, str], deadline: float
) -> None:
    token = registry.issuer.token(ADMINISTRATOR, _SCOPES)
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=registry.url, headers=headers, trust_env=False) as client:
        for key in keys:
            if time.monotonic() > deadline:
                return
            granted = await _grant(client, key, deadline)
            if granted is not None:
                acknowledged[str(key)] = granted


async def _grant(client: httpx.AsyncClient, key: UUID, deadline: float) -> str | None:
    """Ask with one key until there is an answer, as a careful client does."""
    body = {
        "subject": f"proof:{key}",
        "name": "Somebody",
        "role": "frontend",
        "valid_from": "2026-01-01",
        "source": "proof",
    }
    while time.monotonic() < deadline:
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
