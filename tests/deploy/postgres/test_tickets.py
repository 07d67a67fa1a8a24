"""The key of the tickets, as the database keeps what checks it."""

import hashlib
import hmac

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from komuna_deploy.postgres import bootstrap, cluster, tickets
from komuna_deploy.postgres.roles import SERVICE_ROOMS
from komuna_gateway.tickets import Tickets
from tests.gateway.test_tickets import opened

ROOM = SERVICE_ROOMS[2]
KEYS = "select kid from ctx.keys where kid <> 'self' order by made_at"
SEAL = "select ipad, opad from ctx.keys where kid = 'self'"


class TestPads:
    @given(st.text(min_size=1, max_size=90), st.binary(max_size=200))
    def test_make_the_same_code_as_the_key(self, key: str, said: bytes) -> None:
        inner, outer = tickets.pads(key)

        made = hashlib.sha256(outer + hashlib.sha256(inner + said).digest()).digest()

        assert made == hmac.digest(key.encode(), said, "sha256")


class TestKid:
    def test_is_the_one_that_the_gateway_writes(self) -> None:
        ticket = Tickets("one key").mint("i", "s", purpose=None, institution=None)

        assert opened(ticket.encode(), key="one key")["kid"] == tickets.kid("one key")
        assert tickets.kid("one key") != tickets.kid("another")


class TestInstall:
    @pytest.fixture
    async def address(self, server: cluster.Server) -> str:
        passwords = bootstrap.new_passwords([ROOM])
        await bootstrap.ensure(server.dsn(), [ROOM], passwords)
        return bootstrap.dsn(server.dsn(), ROOM, ROOM.migrate, passwords)

    async def test_keeps_the_last_two(self, server: cluster.Server, address: str) -> None:
        for key in ("a", "b", "b", "c"):
            await tickets.install(address, ROOM, key)

        kept = await self.asked(server, KEYS)
        assert [row["kid"] for row in kept] == [tickets.kid("b"), tickets.kid("c")]

    async def test_makes_a_key_that_is_put_back_the_newest(
        self, server: cluster.Server, address: str
    ) -> None:
        for key in ("a", "b", "a", "c"):
            await tickets.install(address, ROOM, key)

        kept = await self.asked(server, KEYS)
        assert [row["kid"] for row in kept] == [tickets.kid("a"), tickets.kid("c")]

    async def test_leaves_what_seals_alone(self, server: cluster.Server, address: str) -> None:
        (before,) = await self.asked(server, SEAL)
        await tickets.install(address, ROOM, "a")

        (after,) = await self.asked(server, SEAL)
        assert before == after
        assert len({before["ipad"], before["opad"]}) == 2

    async def asked(self, server: cluster.Server, question: str) -> list[asyncpg.Record]:
        admin = await asyncpg.connect(server.dsn(ROOM.database))
        try:
            return list(await admin.fetch(question))
        finally:
            await admin.close()
