"""HTTP for assignments, and for whoever asks about themselves."""

from typing import Any
from uuid import uuid4

import pytest
from httpx import AsyncClient, Response

from tests.databases import ServiceDatabase
from tests.registry.conftest import OPS, Bearer, Headers

READ, WRITE = "registry.assignments.read", "registry.assignments.write"
WANTED = {
    "subject": "somebody-new",
    "name": "Arta Shembull",
    "role": "municipal_officer",
    "municipality": "prishtine",
    "valid_from": "2026-01-01",
    "source": "Decision 01-20",
}


@pytest.fixture
def admin(bearer: Bearer) -> Headers:
    """The headers of the administrator of Prishtinë."""
    return bearer("persona:municipal_admin:prishtine", READ, WRITE)


async def grant(client: AsyncClient, headers: Headers, **changes: Any) -> Response:
    return await client.post("/v1/assignments", json=WANTED | changes, headers=headers)


class TestListAssignments:
    async def test_hides_what_others_hold(self, reads: AsyncClient, admin: Headers) -> None:
        found = (await reads.get("/v1/assignments", headers=admin)).json()["items"]

        assert {one["municipality"] for one in found} == {"prishtine"}
        assert len(found) == 4

    async def test_hides_everything_from_whoever_administers_nothing(
        self, reads: AsyncClient, bearer: Bearer
    ) -> None:
        officer = bearer("persona:municipal_officer:prishtine", READ)

        assert (await reads.get("/v1/assignments", headers=officer)).json()["items"] == []

    async def test_shows_the_operator_all(self, reads: AsyncClient, ops: Headers) -> None:
        query = {"count": "exact", "limit": "200"}

        found = (await reads.get("/v1/assignments", params=query, headers=ops)).json()

        assert found["page"]["total"] == len(found["items"]) == 173

    async def test_filters(self, reads: AsyncClient, ops: Headers) -> None:
        query = {"role": "investigator", "institution": "thbd"}

        found = (await reads.get("/v1/assignments", params=query, headers=ops)).json()["items"]

        assert {one["role"] for one in found} == {"investigator"}
        assert len(found) == 2


class TestGrantAssignment:
    async def test_gives_a_role_that_counts_at_once(
        self, client: AsyncClient, admin: Headers, bearer: Bearer
    ) -> None:
        answer = await grant(client, admin)

        assert answer.status_code == 201
        assert answer.headers["location"].endswith(f"/v1/assignments/{answer.json()['id']}")
        me = await client.get("/v1/me", headers=bearer("somebody-new", "registry.me.read"))
        assert me.json()["name"] == "Arta Shembull"
        assert me.json()["roles"] == ["municipal_officer"]

    async def test_refuses_the_wrong_caller(
        self, client: AsyncClient, bearer: Bearer, admin: Headers
    ) -> None:
        officer = bearer("persona:municipal_officer:prishtine", READ, WRITE)
        without_scope = bearer("persona:municipal_admin:prishtine", READ)

        assert (await grant(client, officer)).json()["code"] == "not_grantable"
        assert (await grant(client, without_scope)).status_code == 403
        assert (await grant(client, admin, municipality="peje")).json()["code"] == "not_grantable"
        assert (await grant(client, {})).status_code == 401

    async def test_refuses_granting_to_oneself(self, client: AsyncClient, ops: Headers) -> None:
        answer = await grant(client, ops, subject=OPS)

        assert (answer.status_code, answer.json()["code"]) == (403, "self_grant")

    @pytest.mark.parametrize(
        ("changes", "status", "code"),
        [
            ({"municipality": None}, 422, "assignment_place"),
            ({"municipality": None, "institution": "moj"}, 422, "assignment_place"),
            ({"valid_until": "2025-12-31"}, 422, "period_order"),
            ({"name": None}, 422, "name_needed"),
            ({"municipality": "tirane"}, 422, "unknown_reference"),
            ({"role": "king"}, 422, "invalid_body"),
            ({"power": "all"}, 422, "unknown_field"),
        ],
    )
    async def test_refuses_what_breaks_a_rule(
        self,
        client: AsyncClient,
        ops: Headers,
        changes: dict[str, Any],
        status: int,
        code: str,
    ) -> None:
        answer = await grant(client, ops, **changes)

        assert (answer.status_code, answer.json()["code"]) == (status, code)

    async def test_refuses_the_same_role_twice_at_one_time(
        self, client: AsyncClient, admin: Headers
    ) -> None:
        await grant(client, admin)

        answer = await grant(client, admin, valid_from="2026-05-01")

        assert (answer.status_code, answer.json()["code"]) == (409, "overlap")

    async def test_makes_one_of_the_same_request_sent_twice(
        self, client: AsyncClient, admin: Headers, registry: ServiceDatabase
    ) -> None:
        once = {**admin, "Idempotency-Key": str(uuid4())}

        first, second = await grant(client, once), await grant(client, once)

        assert first.json()["id"] == second.json()["id"]
        assert second.headers["idempotent-replayed"] == "true"
        stored = "select count(*) from assignment where source = 'Decision 01-20'"
        assert (await registry.fetch(stored))[0][0] == 1

    async def test_records_who_did_it_and_tells_the_services(
        self, client: AsyncClient, admin: Headers, registry: ServiceDatabase
    ) -> None:
        made = (await grant(client, admin)).json()["id"]

        [row] = await registry.fetch("select * from audit_event where subject_id = $1", made)
        assert (row["action"], row["subject"]) == (
            "assignment.grant",
            "persona:municipal_admin:prishtine",
        )
        [event] = await registry.fetch("select * from outbox where aggregate_id = $1", made)
        assert event["type"] == "registry.assignment.grant"


class TestRevokeAssignment:
    async def test_takes_the_role_away_at_once_and_keeps_the_row(
        self, client: AsyncClient, admin: Headers, bearer: Bearer, registry: ServiceDatabase
    ) -> None:
        made = await grant(client, admin)
        address = f"/v1/assignments/{made.json()['id']}"

        gone = await client.delete(address, headers={**admin, "If-Match": made.headers["etag"]})

        assert gone.status_code == 204
        assert (await client.get(address, headers=admin)).status_code == 404
        me = await client.get("/v1/me", headers=bearer("somebody-new", "registry.me.read"))
        assert me.json()["assignments"] == []
        kept = "select 1 from assignment where revoked_at is not null and revoked_by is not null"
        assert len(await registry.fetch(kept)) == 1

    async def test_needs_the_version_it_is_based_on(
        self, client: AsyncClient, admin: Headers
    ) -> None:
        address = f"/v1/assignments/{(await grant(client, admin)).json()['id']}"

        without = await client.delete(address, headers=admin)
        stale = await client.delete(address, headers={**admin, "If-Match": '"old"'})

        assert (without.status_code, stale.status_code) == (428, 412)

    async def test_refuses_the_wrong_caller(
        self, client: AsyncClient, admin: Headers, bearer: Bearer
    ) -> None:
        made = await grant(client, admin)
        other = bearer("persona:municipal_admin:peje", READ, WRITE)

        answer = await client.delete(
            f"/v1/assignments/{made.json()['id']}",
            headers={**other, "If-Match": made.headers["etag"]},
        )

        assert answer.status_code == 404
