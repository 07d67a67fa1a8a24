"""Roles that are lent: never more than one holds, never on, and over when one's own is over."""

from collections.abc import AsyncIterator
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from httpx import AsyncClient, Response
from hypothesis import given
from hypothesis import strategies as st

from komuna_registry.assignments.rules import DelegationPeriodError, Term, check_delegation
from komuna_registry.clock import today
from komuna_shared.testing import Issuer
from tests.databases import ServiceDatabase
from tests.registry.conftest import Bearer, Headers

READ, LEND = "registry.me.read", "registry.delegations.write"
ADMIN = ("registry.assignments.read", "registry.assignments.write")
OFFICER, OTHER = "persona:municipal_officer:prishtine", "persona:municipal_officer:viti"
DAYS = st.dates(date(2026, 1, 1), date(2026, 12, 31))


@pytest.fixture
def lender(bearer: Bearer) -> Headers:
    """The headers of an officer of Prishtinë."""
    return bearer(OFFICER, READ, LEND)


@pytest.fixture
def borrower(bearer: Bearer) -> Headers:
    """The headers of an officer of Viti."""
    return bearer(OTHER, READ, LEND)


@pytest.fixture
async def own(client: AsyncClient, lender: Headers) -> str:
    """The assignment of the officer of Prishtinë."""
    return await held(client, lender, "prishtine")


async def held(client: AsyncClient, headers: Headers, municipality: str) -> str:
    """Return the one assignment that somebody has for a municipality."""
    me = (await client.get("/v1/me", headers=headers)).json()
    [one] = [one for one in me["assignments"] if one["municipality"] == municipality]
    found: str = one["id"]
    return found


async def lend(client: AsyncClient, headers: Headers, own: str, **changes: Any) -> Response:
    wanted = {
        "subject": OTHER,
        "valid_from": today().isoformat(),
        "valid_until": (today() + timedelta(days=14)).isoformat(),
        "source": "Leave of August",
    }
    return await client.post(
        f"/v1/assignments/{own}/delegations", json=wanted | changes, headers=headers
    )


class TestGrantDelegation:
    async def test_gives_the_role_for_a_time_and_says_from_whom(
        self, client: AsyncClient, lender: Headers, borrower: Headers, own: str
    ) -> None:
        answer = await lend(client, lender, own)

        made = answer.json()
        assert answer.status_code == 201
        assert answer.headers["location"].endswith(f"/v1/delegations/{made['id']}")
        assert (made["role"], made["municipality"], made["delegated_from"]) == (
            *("municipal_officer", "prishtine"),
            own,
        )
        me = (await client.get("/v1/me", headers=borrower)).json()["assignments"]
        assert {one["municipality"]: one["delegated_from"] for one in me} == {
            "viti": None,
            "prishtine": own,
        }

    async def test_is_recorded_and_told_to_the_services_as_a_dated_assignment(
        self,
        client: AsyncClient,
        registry: ServiceDatabase,
        lender: Headers,
        own: str,
        issuer: Issuer,
    ) -> None:
        made = (await lend(client, lender, own)).json()

        [row] = await registry.fetch("select * from audit_event where subject_id = $1", made["id"])
        assert (row["action"], row["subject"]) == ("assignment.delegate", OFFICER)
        told = await changes(client, issuer)
        assert told[made["id"]]["data"] == {
            "issuer": issuer.url,
            "subject": OTHER,
            "role": "municipal_officer",
            "institution": None,
            "municipality": "prishtine",
            "valid_from": made["valid_from"],
            "valid_until": made["valid_until"],
        }

    async def test_opens_an_account_for_somebody_new(
        self, client: AsyncClient, lender: Headers, own: str
    ) -> None:
        without = await lend(client, lender, own, subject="somebody-new")
        answer = await lend(client, lender, own, subject="somebody-new", name="Arta Shembull")

        assert (without.status_code, without.json()["code"]) == (422, "name_needed")
        assert (answer.status_code, answer.json()["name"]) == (201, "Arta Shembull")

    async def test_makes_one_of_the_same_request_sent_twice(
        self, client: AsyncClient, lender: Headers, own: str
    ) -> None:
        once = {**lender, "Idempotency-Key": str(uuid4())}

        first, second = await lend(client, once, own), await lend(client, once, own)

        assert first.json()["id"] == second.json()["id"]
        assert second.headers["idempotent-replayed"] == "true"

    async def test_refuses_the_wrong_caller(
        self, client: AsyncClient, bearer: Bearer, borrower: Headers, own: str
    ) -> None:
        without_scope = bearer(OFFICER, READ)

        assert (await lend(client, {}, own)).status_code == 401
        assert (await lend(client, without_scope, own)).status_code == 403
        assert (await lend(client, borrower, own, subject=OFFICER)).status_code == 404
        assert (await lend(client, borrower, str(uuid4()))).status_code == 404

    async def test_refuses_lending_to_oneself(
        self, client: AsyncClient, lender: Headers, own: str
    ) -> None:
        answer = await lend(client, lender, own, subject=OFFICER)

        assert (answer.status_code, answer.json()["code"]) == (403, "self_grant")

    async def test_refuses_lending_on(
        self, client: AsyncClient, lender: Headers, borrower: Headers, own: str
    ) -> None:
        lent = (await lend(client, lender, own)).json()["id"]

        answer = await lend(client, borrower, lent, subject="persona:municipal_officer:peje")

        assert (answer.status_code, answer.json()["code"]) == (403, "lent_on")

    async def test_refuses_a_time_beyond_the_own(
        self, client: AsyncClient, registry: ServiceDatabase, lender: Headers, own: str
    ) -> None:
        end = today() + timedelta(days=7)
        await registry.fetch("update assignment set valid_until = $1 where id = $2", end, UUID(own))

        answer = await lend(client, lender, own)
        passed = await lend(client, lender, own, valid_until=today().isoformat())
        early = await lend(client, lender, own, valid_from="2025-12-31", valid_until=str(end))

        pointers = [
            (one.json()["code"], [error["pointer"] for error in one.json()["errors"]])
            for one in (answer, early)
        ]
        assert pointers == [
            ("delegation_period", ["/valid_until"]),
            ("delegation_period", ["/valid_from"]),
        ]
        assert passed.status_code == 422
        assert (await lend(client, lender, own, valid_until=str(end))).status_code == 201

    async def test_lets_a_lent_role_grant_nothing(
        self, client: AsyncClient, bearer: Bearer
    ) -> None:
        admin = bearer("persona:municipal_admin:prishtine", READ, LEND)
        own = await held(client, admin, "prishtine")
        await lend(client, admin, own)
        wanted = {
            "subject": "somebody-new",
            "name": "Arta Shembull",
            "role": "municipal_officer",
            "municipality": "prishtine",
            "valid_from": "2026-01-01",
            "source": "Decision",
        }

        answer = await client.post("/v1/assignments", json=wanted, headers=bearer(OTHER, *ADMIN))

        assert (answer.status_code, answer.json()["code"]) == (403, "not_grantable")


class TestListDelegations:
    async def test_hides_what_others_hold(
        self, client: AsyncClient, bearer: Bearer, lender: Headers, borrower: Headers, own: str
    ) -> None:
        lent = (await lend(client, lender, own)).json()["id"]
        address = f"/v1/assignments/{own}/delegations"

        for headers in (lender, bearer("persona:municipal_admin:prishtine", READ)):
            found = (await client.get(address, headers=headers)).json()["items"]
            assert [one["id"] for one in found] == [lent]
        for headers in (borrower, bearer("persona:municipal_admin:peje", READ)):
            assert (await client.get(address, headers=headers)).status_code == 404
        for headers in (borrower, bearer("persona:municipal_admin:peje", READ)):
            one = await client.get(f"/v1/delegations/{lent}", headers=headers)
            assert one.status_code == 404


class TestRevokeDelegation:
    async def test_takes_it_back_at_once(
        self, client: AsyncClient, lender: Headers, borrower: Headers, own: str, issuer: Issuer
    ) -> None:
        made = await lend(client, lender, own)
        address = f"/v1/delegations/{made.json()['id']}"

        foreign = await client.delete(address, headers={**borrower, "If-Match": "*"})
        without = await client.delete(address, headers=lender)
        stale = await client.delete(address, headers={**lender, "If-Match": '"old"'})
        gone = await client.delete(address, headers={**lender, "If-Match": made.headers["etag"]})

        assert [one.status_code for one in (foreign, without, stale, gone)] == [404, 428, 412, 204]
        me = (await client.get("/v1/me", headers=borrower)).json()["assignments"]
        assert [one["municipality"] for one in me] == ["viti"]
        assert (await changes(client, issuer))[made.json()["id"]]["op"] == "delete"


class TestRevokeAssignment:
    async def test_ends_what_was_lent_from_it_in_the_same_moment(  # noqa: PLR0917
        self,
        client: AsyncClient,
        registry: ServiceDatabase,
        bearer: Bearer,
        lender: Headers,
        borrower: Headers,
        own: str,
        issuer: Issuer,
    ) -> None:
        lent = (await lend(client, lender, own)).json()["id"]
        admin = bearer("persona:municipal_admin:prishtine", *ADMIN)

        gone = await client.delete(f"/v1/assignments/{own}", headers={**admin, "If-Match": "*"})

        assert gone.status_code == 204
        me = (await client.get("/v1/me", headers=borrower)).json()["assignments"]
        assert [one["municipality"] for one in me] == ["viti"]
        told = await changes(client, issuer)
        assert [told[one]["op"] for one in (own, lent)] == ["delete", "delete"]
        rows = await registry.fetch(
            "select distinct revoked_at, revoked_by from assignment where id = any($1)",
            [UUID(own), UUID(lent)],
        )
        assert len(rows) == 1
        actions = await registry.fetch(
            "select action from audit_event where subject_id = $1 order by id", lent
        )
        assert [one["action"] for one in actions] == [
            "assignment.delegate",
            "assignment.end_delegation",
        ]


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


async def changes(client: AsyncClient, issuer: Issuer) -> dict[str, dict[str, Any]]:
    """Return the last change of each assignment, as the services read them."""
    token = issuer.service_token("referrals", ["service.assignments.read"])
    headers = {"Authorization": f"Bearer {token}"}
    found: dict[str, dict[str, Any]] = {}
    cursor = ""
    while True:
        query = {"limit": "200"} | ({"since": cursor} if cursor else {})
        page = (await client.get("/v1/changes", params=query, headers=headers)).json()
        found |= {one["id"]: one for one in page["items"] if one["type"] == "assignment"}
        if len(page["items"]) < 200:
            return found
        cursor = page["page"]["next_cursor"]
