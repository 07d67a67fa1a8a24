"""Whoever holds a role, of their own or borrowed, can do without it."""

from httpx import AsyncClient

from tests.databases import ServiceDatabase
from tests.registry.conftest import Bearer, Headers

from .conftest import ADMIN, OTHER, READ, lend


class TestGiveUp:
    async def test_lets_somebody_give_up_what_they_hold(
        self, client: AsyncClient, registry: ServiceDatabase, bearer: Bearer
    ) -> None:
        own = bearer("persona:municipal_officer:viti", *ADMIN, READ)
        other = bearer("persona:municipal_officer:peje", *ADMIN)
        [held] = (await client.get("/v1/me", headers=own)).json()["assignments"]
        address = f"/v1/assignments/{held['id']}"
        tag = (await client.get(address, headers=own)).headers["etag"]

        foreign = await client.delete(address, headers={**other, "If-Match": "*"})
        gone = await client.delete(address, headers={**own, "If-Match": tag})

        assert (foreign.status_code, gone.status_code) == (404, 204)
        assert (await client.get("/v1/me", headers=own)).json()["assignments"] == []
        said = "select action, subject from audit_event where subject_id = $1 order by id"
        row = (await registry.fetch(said, held["id"]))[-1]
        assert tuple(row) == ("assignment.give_up", "persona:municipal_officer:viti")

    async def test_lets_whoever_borrowed_a_role_give_it_back(
        self,
        client: AsyncClient,
        registry: ServiceDatabase,
        lender: Headers,
        borrower: Headers,
        own: str,
    ) -> None:
        made = (await lend(client, lender, own)).json()["id"]
        address = f"/v1/delegations/{made}"
        tag = (await client.get(address, headers=borrower)).headers["etag"]

        gone = await client.delete(address, headers={**borrower, "If-Match": tag})

        assert gone.status_code == 204
        me = (await client.get("/v1/me", headers=borrower)).json()["assignments"]
        assert [one["municipality"] for one in me] == ["viti"]
        said = "select subject from audit_event where subject_id = $1 and action like '%.give_up'"
        assert [tuple(one) for one in await registry.fetch(said, made)] == [(OTHER,)]
