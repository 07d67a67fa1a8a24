"""What the database itself holds of roles that are lent, whoever writes and from wherever."""

from collections.abc import AsyncIterator
from datetime import date
from uuid import UUID

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from komuna_registry.assignments.rules import DelegationPeriodError, Term, check_delegation
from tests.databases import ServiceDatabase

from .conftest import OFFICER, OTHER

DAYS = st.dates(date(2026, 1, 1), date(2026, 12, 31))


@pytest.fixture(scope="module")
async def written(loaded: ServiceDatabase) -> AsyncIterator[asyncpg.Connection]:
    """A connection of the service's own role, by which anything may be tried and nothing stays."""
    connection = await asyncpg.connect(loaded.url.replace("+asyncpg", ""))
    yield connection
    await connection.close()


class TestDatabase:
    """Whoever writes, from wherever: what is lent stays within what is held."""

    @pytest.mark.parametrize(
        "change",
        [
            "valid_until = null",
            "valid_until = date '2027-01-01'",
            "valid_from = date '2025-12-31'",
            "role = 'municipal_admin'",
            "municipality = 'peje'",
            "account = (select account from assignment own where own.id = a.delegated_from)",
        ],
    )
    async def test_refuses_more_than_is_held(
        self, written: asyncpg.Connection, change: str
    ) -> None:
        async with rolled_back(written):
            lent = await borrowed(written)
            await written.execute(
                "update assignment set valid_until = '2026-12-31' where id ="
                " (select delegated_from from assignment where id = $1)",
                lent,
            )
            with pytest.raises(asyncpg.CheckViolationError):
                await written.execute(f"update assignment a set {change} where id = $1", lent)  # noqa: S608

    async def test_refuses_what_is_lent_from_something_lent(
        self, written: asyncpg.Connection
    ) -> None:
        async with rolled_back(written):
            lent = await borrowed(written)
            with pytest.raises(asyncpg.CheckViolationError):
                await borrowed(written, from_=lent, to="persona:municipal_officer:peje")

    @pytest.mark.parametrize(
        ("change", "left"),
        [
            ("valid_until = date '2026-08-10'", (date(2026, 8, 1), date(2026, 8, 10), False)),
            ("valid_from = date '2026-08-05'", (date(2026, 8, 5), date(2026, 8, 16), False)),
            ("valid_until = date '2026-08-01'", (date(2026, 8, 1), date(2026, 8, 16), True)),
            ("role = 'municipal_admin'", (date(2026, 8, 1), date(2026, 8, 16), True)),
            ("revoked_at = now()", (date(2026, 8, 1), date(2026, 8, 16), True)),
            ("source = 'Another act'", (date(2026, 8, 1), date(2026, 8, 16), False)),
        ],
    )
    async def test_ends_or_shortens_what_is_lent_with_what_is_held(
        self, written: asyncpg.Connection, change: str, left: tuple[date, date, bool]
    ) -> None:
        async with rolled_back(written):
            lent = await borrowed(written)
            await written.execute(
                f"update assignment set {change} where id ="  # noqa: S608
                " (select delegated_from from assignment where id = $1)",
                lent,
            )
            row = await written.fetchrow(
                "select valid_from, valid_until, revoked_at is not null as is_over"
                " from assignment where id = $1",
                lent,
            )
        assert row is not None
        assert tuple(row) == left


class TestCheckDelegation:
    @given(own=st.tuples(DAYS, st.none() | DAYS), lent=st.tuples(DAYS, DAYS), day=DAYS)
    def test_lets_pass_exactly_what_lies_within_and_is_not_over(
        self, own: tuple[date, date | None], lent: tuple[date, date], day: date
    ) -> None:
        from_, until = own
        is_within = lent[0] >= from_ and lent[1] > day and (until is None or lent[1] <= until)
        if is_within:
            check_delegation(Term(*own), Term(*lent), day)
            return
        with pytest.raises(DelegationPeriodError) as refused:
            check_delegation(Term(*own), Term(*lent), day)
        assert {one.pointer for one in refused.value.errors} <= {"/valid_from", "/valid_until"}


class rolled_back:  # noqa: N801  It reads as what it does.
    """A transaction of which nothing stays."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self._transaction = connection.transaction()

    async def __aenter__(self) -> None:
        await self._transaction.start()

    async def __aexit__(self, *_: object) -> None:
        await self._transaction.rollback()


async def borrowed(
    connection: asyncpg.Connection, *, from_: UUID | None = None, to: str = OTHER
) -> UUID:
    """Write a loan of the first half of August, by hand."""
    made: UUID = await connection.fetchval(
        "insert into assignment (account, role, municipality, valid_from, valid_until, source,"
        " delegated_from) select (select id from account where subject = $1), own.role,"
        " own.municipality, '2026-08-01', '2026-08-16', 'by hand', own.id from assignment own"
        " join account on account.id = own.account"
        " where own.id = coalesce($2, (select one.id from assignment one join account holder"
        " on holder.id = one.account where holder.subject = $3)) returning id",
        to,
        from_,
        OFFICER,
    )
    return made
