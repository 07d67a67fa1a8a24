"""A service that forges, replays and splices what proves for whom it acts sees no foreign case."""

import asyncio
import hmac
import json
import random
import shutil
from base64 import b64encode
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import asyncpg

from komuna_shared.testing import ISSUER
from proofs.killable import new_folder
from proofs.mutants import UNWALLED
from proofs.walled import Walled
from tests.databases import TICKET_KEY
from tests.referrals.attacks import ENTER, claims

ID = 4
NAME = "a service that forges what proves for whom it acts sees no foreign case"
CANARY = "UNWALLED"
DEMANDED = {"attempts": 2000, "honest": 200, "lost": 0, "foreign": 0, "written": 0}

_ATTEMPTS = 2400
_ADMIT = "select ctx.admit($1, $2, $3, $4)"
_SET = "select set_config('ctx.value', $1, true), set_config('ctx.seal', $2, true)"
_KEPT = "select current_setting('ctx.value') as value, current_setting('ctx.seal') as seal"
_WRITE = (
    "update case_record set risk = 'high', version = version + 1 where id = $1",
    (
        "insert into case_access (case_id, inst, relation, opened_at) "
        "values ($1, 'nobody', 'owner', now())"
    ),
)
Ticket = tuple[str, bytes, str, str]


@dataclass
class Attack:
    """One attacker: their connection, their dice, and what came of it so far."""

    walled: Walled
    dice: random.Random
    connection: asyncpg.Connection
    stolen: list[tuple[str, str]] = field(default_factory=list)
    figures: dict[str, int] = field(default_factory=lambda: dict.fromkeys(DEMANDED, 0))

    def ticket(self, *, key: str = TICKET_KEY, **changes: Any) -> Ticket:
        """Return a ticket of somebody, as the gateway would sign it but for what is said here."""
        sub = self.dice.choice(sorted(self.walled.institution_of))
        said = json.dumps(claims(sub=sub) | changes)
        return said, hmac.digest(key.encode(), said.encode(), "sha256"), ISSUER, sub


def broken(figures: dict[str, Any]) -> list[str]:
    """Return which demands the figures of a run do not meet."""
    least = [name for name in ("attempts", "honest") if figures[name] < DEMANDED[name]]
    none = [name for name in ("lost", "foreign", "written") if figures[name] != DEMANDED[name]]
    return least + none


def caught(figures: dict[str, Any]) -> bool:
    """Tell whether every hole that was made let foreign cases be seen."""
    return all(figures[name] > 0 for name in UNWALLED)


def run(seed: int, *, mutant: str | None) -> dict[str, Any]:
    """Attack the wall as it is, or once for each way of leaving a stone out."""
    if mutant is None:
        return asyncio.run(_attack(seed))
    return {
        name: asyncio.run(_attack(seed, breach=breach))["foreign"]
        for name, breach in UNWALLED.items()
    }


async def _attack(seed: int, *, breach: Callable[[str], str] | None = None) -> dict[str, Any]:
    folder = new_folder()
    try:
        async with Walled.built(folder, random.Random(seed)) as walled:
            if breach is not None:
                await walled.breach(breach)
            dice = random.Random(seed)
            attackers = [random.Random(dice.getrandbits(64)) for _ in range(4)]
            found = await asyncio.gather(*(_run(walled, one) for one in attackers))
            return {name: sum(one[name] for one in found) for name in DEMANDED}
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def _run(walled: Walled, dice: random.Random) -> dict[str, int]:
    async with walled.service() as connection:
        attack = Attack(walled, dice, connection)
        for number in range(_ATTEMPTS // 4):
            if number % 8 == 0:
                await _be_honest(attack)
            else:
                await _forge(attack)
        return attack.figures


async def _be_honest(attack: Attack) -> None:
    """Do as the service does: whoever is let in sees every own case and no other."""
    ticket = attack.ticket()
    own = attack.walled.cases_of[attack.walled.institution_of[ticket[3]]]
    async with _transaction(attack) as connection:
        await connection.execute(ENTER, *ticket)
        seen = await _seen(connection)
        kept = await connection.fetchrow(_KEPT)
        if kept is not None:
            attack.stolen.append((kept["value"], kept["seal"]))
        await _write(attack, attack.walled.everything - own)
    attack.figures["honest"] += 1
    attack.figures["lost"] += len(own - seen)
    attack.figures["foreign"] += len(seen - own)


async def _forge(attack: Attack) -> None:
    """Try one way in that is none; nothing at all may be seen behind it."""
    async with _transaction(attack) as connection:
        way = attack.dice.choice(_WAYS)
        await way(attack, connection)
        seen = await _seen(connection)
        await _write(attack, attack.walled.everything)
    attack.figures["attempts"] += 1
    attack.figures["foreign"] += len(seen)


@asynccontextmanager
async def _transaction(attack: Attack) -> AsyncIterator[asyncpg.Connection]:
    async with attack.connection.transaction(readonly=attack.dice.random() < 0.2):
        yield attack.connection


async def _seen(connection: asyncpg.Connection) -> set[Any]:
    rows = await connection.fetch(
        "select id from case_record union all select case_id from case_access"
    )
    return {row["id"] for row in rows}


async def _write(attack: Attack, foreign: set[Any]) -> None:
    """Try to change a case of others, or to let somebody in."""
    victim = attack.dice.choice(sorted(foreign))
    for statement in _WRITE:
        try:
            async with attack.connection.transaction():
                done = await attack.connection.execute(statement, victim)
        except (asyncpg.InsufficientPrivilegeError, asyncpg.ReadOnlySQLTransactionError):
            continue
        attack.figures["written"] += int(done.rpartition(" ")[2])


def _noise(attack: Attack, taken: bytes) -> bytes:
    """Return the bytes with one bit of them the other way."""
    place = attack.dice.randrange(len(taken) * 8)
    changed = bytearray(taken)
    changed[place // 8] ^= 1 << place % 8
    return bytes(changed)


async def _flip_signature(attack: Attack, connection: asyncpg.Connection) -> None:
    said, mac, issuer, sub = attack.ticket()
    await connection.execute(_ADMIT, said, _noise(attack, mac), issuer, sub)


async def _change_ticket(attack: Attack, connection: asyncpg.Connection) -> None:
    said, mac, issuer, sub = attack.ticket()
    other = attack.dice.choice(sorted(attack.walled.institution_of))
    changed = said.replace(f'"{sub}"', f'"{other}"').replace('"assistance"', '"oversight"')
    await connection.execute(_ADMIT, changed, mac, issuer, other)


async def _sign_otherwise(attack: Attack, connection: asyncpg.Connection) -> None:
    key = b64encode(attack.dice.randbytes(32)).decode()
    await connection.execute(_ADMIT, *attack.ticket(key=key))


async def _take_anothers(attack: Attack, connection: asyncpg.Connection) -> None:
    said, mac, issuer, sub = attack.ticket()
    others = sorted(attack.walled.institution_of.keys() - {sub})
    await connection.execute(_ADMIT, said, mac, issuer, attack.dice.choice(others))


async def _sign_nonsense(attack: Attack, connection: asyncpg.Connection) -> None:
    changes: dict[str, Any] = attack.dice.choice(
        [
            {"exp": attack.dice.randrange(1_700_000_000)},
            {"aud": attack.dice.choice(["registry", "komuna", "", None])},
            {"inst": attack.dice.choice(["", "nobody", "%"])},
            {"kid": attack.dice.choice(["self", "", None])},
            {"sub": "stranger"},
        ]
    )
    await connection.execute(_ADMIT, *attack.ticket(**changes))


async def _replay_seal(attack: Attack, connection: asyncpg.Connection) -> None:
    if attack.stolen:
        await connection.execute(_SET, *attack.dice.choice(attack.stolen))


async def _splice_seal(attack: Attack, connection: asyncpg.Connection) -> None:
    """Enter, then put another's value under the seal of this transaction."""
    own = attack.ticket()
    await connection.execute(ENTER, *own)
    kept = await connection.fetchrow(_KEPT)
    inst = attack.walled.institution_of[own[3]]
    other = attack.dice.choice(sorted(attack.walled.cases_of.keys() - {inst}))
    if kept is not None:
        await connection.execute(
            _SET, kept["value"].replace(f'"{inst}"', f'"{other}"'), kept["seal"]
        )


async def _set_by_hand(attack: Attack, connection: asyncpg.Connection) -> None:
    inst = attack.dice.choice(sorted(attack.walled.cases_of))
    value = json.dumps({"inst": inst, "subject": "x", "roles": ["supervisor"]})
    await connection.execute(_SET, value, attack.dice.randbytes(32).hex())


_WAYS = (
    _flip_signature,
    _change_ticket,
    _sign_otherwise,
    _take_anothers,
    _sign_nonsense,
    _replay_seal,
    _splice_seal,
    _set_by_hand,
)
