"""A Postgres of its own with referrals in it, cases, and a wall that can be breached."""

import os
import random
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg

from komuna_deploy.postgres import bootstrap, cluster, tickets
from komuna_deploy.postgres.roles import Room
from komuna_shared.testing import ISSUER
from tests.databases import TICKET_KEY

_INSTITUTIONS = 6
_CASES = 20
_FUNCTIONS = ("ctx.enter(text, bytea, text, text)", "ctx.opened()")


@dataclass
class Walled:
    """Who sees which case there, and how the service and its owner come in."""

    server: cluster.Server
    passwords: dict[str, str]
    room: Room = field(default_factory=lambda: Room("referrals", "komuna"))
    institution_of: dict[str, str] = field(default_factory=dict)
    cases_of: dict[str, set[UUID]] = field(default_factory=dict)

    @property
    def everything(self) -> set[UUID]:
        """Every case there is."""
        return set().union(*self.cases_of.values())

    @classmethod
    @asynccontextmanager
    async def built(cls, folder: Path, dice: random.Random) -> "AsyncIterator[Walled]":
        """Give a server with the service's real migrations, people and cases."""
        server = cluster.start(folder / "postgres", durable=False)
        try:
            walled = cls(server, {})
            walled.passwords = bootstrap.new_passwords([walled.room])
            await bootstrap.ensure(server.dsn(), [walled.room], walled.passwords)
            await tickets.install(walled.address(walled.room.migrate), walled.room, TICKET_KEY)
            walled.migrate()
            async with walled.owner() as owner:
                await walled.people(owner, dice)
            yield walled
        finally:
            server.stop()
            cluster.remove(folder / "postgres")

    def address(self, role: str) -> str:
        """Return where a role comes in."""
        return bootstrap.dsn(self.server.dsn(), self.room, role, self.passwords)

    def migrate(self) -> None:
        """Run the migrations as an operator would."""
        url = self.address(self.room.migrate).replace("postgresql:", "postgresql+asyncpg:", 1)
        command = [sys.executable, "-m", "komuna_shared.migrations", "komuna_referrals"]
        subprocess.run(command, env=os.environ | {"KOMUNA_MIGRATE_URL": url}, check=True)

    @asynccontextmanager
    async def service(self) -> AsyncIterator[asyncpg.Connection]:
        """Come in as the service, with no check of its own."""
        async with self._entered(self.room.app) as connection:
            yield connection

    @asynccontextmanager
    async def owner(self) -> AsyncIterator[asyncpg.Connection]:
        """Come in as the migrations, before which there is no wall."""
        async with self._entered(self.room.migrate) as connection:
            yield connection

    async def breach(self, change: Callable[[str], str]) -> None:
        """Leave out of the wall's functions what `change` takes out of their text."""
        async with self.owner() as owner:
            await owner.execute(f"set role {self.room.context}")
            changed = 0
            for name in _FUNCTIONS:
                text = await owner.fetchval("select pg_get_functiondef($1::regprocedure)", name)
                other = change(text)
                changed += other != text
                await owner.execute(other)
        if changed != 1:
            raise RuntimeError("The mutation fits the wall no more.")

    async def people(self, owner: asyncpg.Connection, dice: random.Random) -> None:
        """Make institutions with two people and cases each, some seen by a second one."""
        names = [f"institution-{number}" for number in range(_INSTITUTIONS)]
        self.cases_of = {name: set() for name in names}
        for name in names:
            for number in range(2):
                await self._assign(owner, f"{name}/{number}", name)
            for _ in range(_CASES):
                partners = [one for one in names if one != name and dice.random() < 0.1]
                await self._open(owner, UUID(int=dice.getrandbits(128), version=4), name, partners)

    async def _assign(self, owner: asyncpg.Connection, sub: str, name: str) -> None:
        self.institution_of[sub] = name
        await owner.execute(
            "insert into assignment_copy (id, issuer, subject, role, institution, valid_from, "
            "version) values ($1, $2, $1, 'case_owner', $3, current_date - 1, 1)",
            sub,
            ISSUER,
            name,
        )

    async def _open(
        self, owner: asyncpg.Connection, case: UUID, name: str, partners: list[str]
    ) -> None:
        await owner.execute(
            "insert into case_record (id, institution, basis) values ($1, $2, 'interview_consent')",
            case,
            name,
        )
        for inst in (name, *partners):
            self.cases_of[inst].add(case)
            await owner.execute(
                "insert into case_access (case_id, inst, relation, opened_at) "
                "values ($1, $2, $3, $4)",
                case,
                inst,
                "owner" if inst == name else "partner",
                datetime.now(UTC),
            )

    @asynccontextmanager
    async def _entered(self, role: str) -> AsyncIterator[Any]:
        connection = await asyncpg.connect(self.address(role))
        try:
            yield connection
        finally:
            await connection.close()
