"""Who is named as the one who changed something."""

from httpx import AsyncClient
from sqlalchemy import text

from komuna_registry.history.acting import acting
from komuna_shared.access import Principal
from komuna_shared.testing import Issuer
from tests.databases import ServiceDatabase
from tests.registry.conftest import OPS, Bearer, Headers
from tests.registry.offices.test_editing import OFFICE

READS = "registry.history.read"


class TestActing:
    async def test_names_whoever_asked_and_the_request(
        self, client: AsyncClient, bearer: Bearer
    ) -> None:
        writer: Headers = bearer(OPS, "registry.offices.write", READS)
        made = await client.post(
            "/v1/offices", json=OFFICE | {"municipality": "viti"}, headers=writer
        )
        assert made.status_code == 201, made.text
        path = f"/v1/offices/{made.json()['code']}/history"

        [told] = (await client.get(path, headers=writer)).json()["items"]
        [public] = (await client.get(path)).json()["items"]

        assert told["by"] == {"name": "Operator", "role": "ops"}
        assert told["via"] == f"request:{made.headers['request-id']}"
        assert public == {**told, "by": None}

    async def test_forgets_them_with_the_transaction(
        self, registry: ServiceDatabase, issuer: Issuer
    ) -> None:
        principal = Principal(issuer.url, OPS, "web", frozenset(), "", 0)
        change = text("update region set version = version + 1 where code = 'district-peja'")
        # The next request comes over the same connection.
        async with registry.opened(pool_size=1) as database:
            async with database.session() as session:
                session.info["trace_id"] = "one"
                await acting(session, principal)
                await session.execute(change)
            async with database.session() as session:
                await session.execute(change)

        rows = await registry.fetch(
            "select account is not null as named, via from record_change"
            " where record_id = 'district-peja' order by id desc limit 2"
        )
        assert [tuple(row.values()) for row in rows] == [(False, None), (True, "request:one")]
