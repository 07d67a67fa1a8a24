"""Roles that are lent: never more than one holds, never on, and over when one's own is over."""

import asyncio
from datetime import timedelta
from uuid import UUID, uuid4

from httpx import AsyncClient

from komuna_registry.clock import today
from komuna_shared.testing import Issuer
from tests.databases import ServiceDatabase
from tests.registry.conftest import Bearer, Headers

from .conftest import ADMIN, LEND, OFFICER, OTHER, READ, changes, held, lend


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
        one = f"/v1/delegations/{lent}"
        assert (await client.get(one, headers=borrower)).status_code == 200
        stranger = bearer("persona:municipal_admin:peje", READ)
        assert (await client.get(one, headers=stranger)).status_code == 404


class TestRevokeDelegation:
    async def test_takes_it_back_at_once(
        self,
        client: AsyncClient,
        bearer: Bearer,
        lender: Headers,
        borrower: Headers,
        own: str,
        issuer: Issuer,
    ) -> None:
        made = await lend(client, lender, own)
        address = f"/v1/delegations/{made.json()['id']}"

        stranger = bearer("persona:municipal_officer:peje", READ, LEND)
        foreign = await client.delete(address, headers={**stranger, "If-Match": "*"})
        without = await client.delete(address, headers=lender)
        stale = await client.delete(address, headers={**lender, "If-Match": '"old"'})
        gone = await client.delete(address, headers={**lender, "If-Match": made.headers["etag"]})

        assert [one.status_code for one in (foreign, without, stale, gone)] == [404, 428, 412, 204]
        me = (await client.get("/v1/me", headers=borrower)).json()["assignments"]
        assert [one["municipality"] for one in me] == ["viti"]
        assert (await changes(client, issuer))[made.json()["id"]]["op"] == "delete"

    async def test_takes_it_back_once_of_two_who_do_so_together(
        self, client: AsyncClient, registry: ServiceDatabase, lender: Headers, own: str
    ) -> None:
        made = (await lend(client, lender, own)).json()["id"]
        once = {**lender, "If-Match": "*"}

        both = await asyncio.gather(
            *(client.delete(f"/v1/delegations/{made}", headers=once) for _ in range(2))
        )

        assert sorted(one.status_code for one in both) == [204, 404]
        ended = "select count(*) from audit_event where subject_id = $1 and action like '%.end_%'"
        assert [tuple(one) for one in await registry.fetch(ended, made)] == [(1,)]


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
