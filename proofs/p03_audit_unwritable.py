"""Whatever keeps a trail from being written, nothing protected is served and nothing changes."""

import asyncio
import random
import time
from dataclasses import dataclass, field
from typing import Any

import httpx

from proofs.guarded import Referrals
from proofs.killable import new_folder
from proofs.referring import Ask, Scene, reads, reveals, set_up, writes
from proofs.unwritable import Fault, fingerprint, full, locked, revoked

ID = 3
NAME = "a trail that cannot be written stops every protected read and write"
CANARY = "serves_unrecorded"
DEMANDED = {"faults": 6, "asked": 500, "healthy": 80}
DEMANDED |= {"served": 0, "changed": 0, "otherwise": 0, "late": 0}

_CLIENTS = 4
_ROUNDS = 6
_LONGEST = 0.35
_FAULTS: tuple[tuple[Fault, str], ...] = tuple(
    (fault, table) for table in ("audit_event", "disclosure") for fault in (revoked, locked, full)
)


@dataclass
class Count:
    """What was answered so far."""

    faults: int = 0
    asked: int = 0
    healthy: int = 0
    served: int = 0
    changed: int = 0
    otherwise: int = 0
    waited: list[float] = field(default_factory=list)

    def figures(self) -> dict[str, Any]:
        """Return the figures of the report; in milliseconds where it is time."""
        waited = sorted(self.waited)
        return {
            "faults": self.faults,
            "asked": self.asked,
            "healthy": self.healthy,
            "served": self.served,
            "changed": self.changed,
            "otherwise": self.otherwise,
            "late": sum(one > _LONGEST for one in waited),
            "median_ms": round(waited[len(waited) // 2] * 1000),
            "slowest_ms": round(waited[-1] * 1000),
        }


def broken(figures: dict[str, Any]) -> list[str]:
    """Return which demands the figures of a run do not meet."""
    least = [name for name, least in DEMANDED.items() if least and figures[name] < least]
    return least + [name for name, least in DEMANDED.items() if not least and figures[name]]


def caught(figures: dict[str, Any]) -> bool:
    """Tell whether the mutant was seen to serve what it had not recorded."""
    return bool(figures["served"] > 0)


def run(seed: int, *, mutant: str | None) -> dict[str, Any]:
    """Ask from many clients while each trail refuses each way; count what was let through."""
    factory = f"proofs.mutants:{mutant}" if mutant else "komuna_referrals.main:create_app"
    referrals = Referrals(factory, new_folder())
    try:
        referrals.wait()
        return asyncio.run(_attack(referrals, random.Random(seed)))
    finally:
        referrals.close()


async def _attack(referrals: Referrals, dice: random.Random) -> dict[str, Any]:
    count = Count()
    limits = httpx.Limits(max_connections=_CLIENTS)
    async with httpx.AsyncClient(
        base_url=referrals.url, trust_env=False, limits=limits, timeout=30
    ) as client:
        scene = await set_up(referrals, client)
        for fault, table in _FAULTS:
            await _calm(scene, count)
            await _fail(scene, count, fault, table, dice)
            if count.served:
                # What was let through has changed the scene; more of it says nothing more.
                return count.figures()
        await _calm(scene, count)
    return count.figures()


async def _calm(scene: Scene, count: Count) -> None:
    """Before, between and after: everything that may be read is read."""
    for ask in reads(scene):
        answer = await scene.send(ask)
        if not answer.is_success:
            raise RuntimeError(f"{ask.method} {ask.path}: {answer.status_code}, {answer.text}")
        count.healthy += 1


async def _fail(scene: Scene, count: Count, fault: Fault, table: str, dice: random.Random) -> None:
    asks = [*reads(scene), *writes(scene)] if table == "audit_event" else reveals(scene)
    # Where only disclosures fail, that somebody asked is still recorded.
    but = "" if table == "audit_event" else "audit_event"
    before = await _state(scene.referrals, but)
    dsn = scene.referrals.data.dsn("komuna")
    async with fault(dsn, table):
        drawn = [dice.sample(asks, len(asks)) for _ in range(_CLIENTS * _ROUNDS)]
        clients = [drawn[number::_CLIENTS] for number in range(_CLIENTS)]
        await asyncio.gather(*(_ask_all(scene, count, rounds) for rounds in clients))
    count.changed += int(await _state(scene.referrals, but) != before)
    count.faults += 1


async def _state(referrals: Referrals, but: str) -> tuple[str, str]:
    return (
        await fingerprint(referrals.data.dsn("komuna"), "referrals", but=but),
        await fingerprint(referrals.keystore.dsn("keystore_referrals"), "keystore_referrals"),
    )


async def _ask_all(scene: Scene, count: Count, rounds: list[list[Ask]]) -> None:
    for asks in rounds:
        for ask in asks:
            begun = time.monotonic()
            answer = await scene.send(ask)
            count.waited.append(time.monotonic() - begun)
            count.asked += 1
            code = answer.json().get("code") if answer.content else None
            if answer.is_success:
                count.served += 1
            elif (answer.status_code, code) != (503, "audit_unavailable"):
                print(f"    {ask.method} {ask.path}: {answer.status_code} {code}")
                count.otherwise += 1
