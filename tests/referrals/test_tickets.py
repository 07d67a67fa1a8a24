"""What Postgres asks of a ticket before it shows a row, and for how long it does."""

import asyncio
from typing import Any

import asyncpg
import pytest

from komuna_deploy.postgres import tickets
from tests.databases import ServiceDatabase
from tests.referrals.attacks import ENTER, SUBJECT, Ticket, as_role, entered, seen, ticket
from tests.referrals.conftest import PEJE, PRIZREN, Grant, Plant, as_owner

REFUSED = asyncpg.InvalidAuthorizationSpecificationError


class TestEnter:
    async def test_shows_what_the_institution_sees_and_nothing_else(
        self, database: ServiceDatabase, grant: Grant, plant_case: Plant
    ) -> None:
        await grant("social_worker")
        own, shared = await plant_case(), await plant_case(PEJE, partners=(PRIZREN,))
        await plant_case(PEJE)

        async with entered(database) as connection:
            assert await seen(connection) == {own, shared}
            assert await connection.fetchval("select ctx.inst()") == PRIZREN
            assert await connection.fetchval("select ctx.roles()") == ["social_worker"]
            assert await connection.fetchval("select ctx.has_role('social_worker')") is True
            assert await connection.fetchval("select ctx.has_role('advocate')") is False
            assert await connection.fetchval("select ctx.purpose()") == "assistance"

    @pytest.mark.parametrize(
        "forged",
        [
            pytest.param(ticket(key="another key"), id="signed with another key"),
            pytest.param((ticket()[0], *ticket()[1:]), id="signature of another ticket"),
            pytest.param((ticket()[0], b"", *ticket()[2:]), id="no signature"),
            pytest.param((ticket()[0], None, *ticket()[2:]), id="null signature"),
            pytest.param((None, None, *ticket()[2:]), id="nothing"),
            pytest.param(("no json", *ticket()[1:]), id="no ticket"),
            pytest.param((*ticket(sub="persona:advocate")[:3], SUBJECT), id="other subject"),
            pytest.param((*ticket()[:2], "https://other.example", SUBJECT), id="other issuer"),
            pytest.param(ticket(exp=0), id="expired"),
            pytest.param(ticket(exp=None), id="no end"),
            pytest.param(ticket(aud="indicators"), id="for another schema"),
            pytest.param(ticket(aud=None), id="for nothing"),
            pytest.param(ticket(kid="self"), id="of the sealing key"),
            pytest.param(ticket(kid="0" * 16), id="of an unknown key"),
            pytest.param(ticket(inst=PEJE), id="for an institution that is not held"),
            pytest.param(ticket(inst=""), id="for no institution"),
            pytest.param(ticket(sub="persona:nobody"), id="of who holds nothing"),
        ],
    )
    async def test_refuses(
        self, database: ServiceDatabase, grant: Grant, plant_case: Plant, forged: Ticket
    ) -> None:
        await grant("social_worker")
        await plant_case()
        await plant_case(PEJE)

        async with as_role(database) as connection:
            with pytest.raises(REFUSED) as refusal:
                await connection.execute(ENTER, *forged)
            assert await connection.fetchval("select ctx.admit($1, $2, $3, $4)", *forged) is False
            assert await seen(connection) == set()
        # Every refusal is the same, and tells nothing of what was sent.
        assert str(refusal.value) == "ticket refused"

    @pytest.mark.parametrize(
        "change", ["valid_until = current_date", "valid_from = current_date + 2"]
    )
    async def test_asks_whether_the_role_is_held_today(
        self, database: ServiceDatabase, grant: Grant, plant_case: Plant, change: str
    ) -> None:
        await grant("social_worker")
        await plant_case()
        async with as_owner(database) as owner:
            await owner.execute(f"update assignment_copy set {change}")  # noqa: S608

        async with as_role(database) as connection:
            with pytest.raises(REFUSED):
                await connection.execute(ENTER, *ticket())

    async def test_acts_for_one_institution_at_a_time(
        self, database: ServiceDatabase, grant: Grant, plant_case: Plant
    ) -> None:
        await grant("social_worker")
        await grant("supervisor", sub=SUBJECT, institution=PEJE)
        there = await plant_case(PEJE)
        await plant_case()

        async with as_role(database) as connection:
            with pytest.raises(REFUSED):
                await connection.execute(ENTER, *ticket())
        async with entered(database, *ticket(inst=PEJE)) as connection:
            assert await seen(connection) == {there}
            assert await connection.fetchval("select ctx.roles()") == ["supervisor"]

    async def test_believes_the_key_before_and_none_before_that(
        self, database: ServiceDatabase, grant: Grant
    ) -> None:
        await grant("social_worker")
        address = database.plain(database.room.migrate)
        await tickets.install(address, database.room, "the second key")
        both = [ticket(), ticket(key="the second key", kid=tickets.kid("the second key"))]
        for one in both:
            async with entered(database, *one):
                pass

        await tickets.install(address, database.room, "the third key")

        async with entered(database, *both[1]):
            pass
        async with as_role(database) as connection:
            with pytest.raises(REFUSED):
                await connection.execute(ENTER, *ticket())

    async def test_works_where_nothing_may_be_written(
        self, database: ServiceDatabase, grant: Grant, plant_case: Plant
    ) -> None:
        await grant("social_worker")
        own = await plant_case()

        async with entered(database, readonly=True) as connection:
            assert await connection.fetchval("show transaction_read_only") == "on"
            assert await seen(connection) == {own}
            assert await connection.fetchval("select pg_current_xact_id_if_assigned()") is None


class TestSeal:
    async def test_ends_with_the_transaction(
        self, database: ServiceDatabase, grant: Grant, plant_case: Plant
    ) -> None:
        await grant("social_worker")
        own = await plant_case()

        async with as_role(database) as connection:
            async with connection.transaction():
                await connection.execute(ENTER, *ticket())
                assert await seen(connection) == {own}
            assert await seen(connection) == set()
            # Outside a transaction it is over as soon as it began.
            await connection.execute(ENTER, *ticket())
            assert await seen(connection) == set()

    @pytest.mark.parametrize("scope", ["the next transaction", "another connection"])
    async def test_is_worth_nothing_anywhere_else(
        self, database: ServiceDatabase, grant: Grant, plant_case: Plant, scope: str
    ) -> None:
        await grant("social_worker")
        own = await plant_case()
        async with as_role(database) as connection, as_role(database) as other:
            async with connection.transaction():
                await connection.execute(ENTER, *ticket())
                value, seal = await _kept(connection)
                assert await seen(connection) == {own}

            thief = connection if scope == "the next transaction" else other
            async with thief.transaction():
                await _set(thief, value, seal)
                assert await _kept(thief) == (value, seal)
                assert await thief.fetchval("select ctx.inst()") is None
                assert await seen(thief) == set()

    @pytest.mark.parametrize("changed", ["inst", "subject", "roles", "bearer"])
    async def test_holds_for_the_value_it_was_made_for(
        self, database: ServiceDatabase, grant: Grant, plant_case: Plant, changed: str
    ) -> None:
        await grant("social_worker")
        await plant_case()
        await plant_case(PEJE)

        async with entered(database) as connection:
            value, seal = await _kept(connection)
            other = value.replace(f'"{changed}":', f'"{changed}": "x", "was":', 1)
            assert other != value
            await _set(connection, other, seal)
            assert await connection.fetchval("select ctx.inst()") is None
            assert await seen(connection) == set()
            await _set(connection, value.replace(PRIZREN, PEJE), seal)
            assert await seen(connection) == set()

    @pytest.mark.parametrize(
        "made_up", [("{}", ""), ('{"inst": "x"}', "0" * 64), ("", ""), ("not json", "f" * 64)]
    )
    async def test_cannot_be_set_by_hand(
        self, database: ServiceDatabase, plant_case: Plant, made_up: tuple[str, str]
    ) -> None:
        await plant_case("x")

        async with as_role(database) as connection, connection.transaction():
            await _set(connection, *made_up)
            assert await seen(connection) == set()

    async def test_goes_back_with_a_savepoint(
        self, database: ServiceDatabase, grant: Grant, plant_case: Plant
    ) -> None:
        await grant("social_worker")
        await grant("advocate", institution=PEJE)
        own, foreign = await plant_case(), await plant_case(PEJE)
        other = ticket(sub="persona:advocate")

        async with entered(database) as connection:
            savepoint = connection.transaction()
            await savepoint.start()
            await connection.execute(ENTER, *other)
            assert await seen(connection) == {foreign}
            await savepoint.rollback()
            assert await seen(connection) == {own}
            async with connection.transaction():
                await connection.execute("select 1")
            assert await seen(connection) == {own}

    async def test_is_one_of_many_at_once(
        self, database: ServiceDatabase, grant: Grant, plant_case: Plant
    ) -> None:
        await grant("social_worker")
        await grant("advocate", institution=PEJE)
        own, foreign = await plant_case(), await plant_case(PEJE)

        async def look(given: Ticket) -> set[Any]:
            found: set[Any] = set()
            for _ in range(20):
                async with entered(database, *given) as connection:
                    found |= await seen(connection)
            return found

        mine, theirs = await asyncio.gather(look(ticket()), look(ticket(sub="persona:advocate")))
        assert (mine, theirs) == ({own}, {foreign})


async def _kept(connection: asyncpg.Connection) -> tuple[str, str]:
    row = await connection.fetchrow(
        "select current_setting('ctx.value') as value, current_setting('ctx.seal') as seal"
    )
    assert row is not None
    return row["value"], row["seal"]


async def _set(connection: asyncpg.Connection, value: str, seal: str) -> None:
    await connection.execute(
        "select set_config('ctx.value', $1, true), set_config('ctx.seal', $2, true)", value, seal
    )
