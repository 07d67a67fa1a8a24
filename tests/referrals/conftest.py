"""The referrals service on databases of its own, with people who hold roles in it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import text

from komuna_gateway.tickets import Tickets
from komuna_referrals.clients.registry import RegistryClient
from komuna_referrals.main import create_api
from komuna_referrals.settings import Settings
from komuna_shared.app import serve
from komuna_shared.database import Database
from komuna_shared.http import ServiceClient
from komuna_shared.testing import Issuer, asgi_client
from tests.databases import (
    BLIND_INDEX_KEY,
    CURSOR_KEY,
    ROOT_KEY,
    TICKET_KEY,
    ServiceDatabase,
    database_fixture,
)
from tests.referrals.casework import Headers, Hire, Worker

SCOPES = ("referrals.cases.read", "referrals.me.read")
TICKETS = Tickets(TICKET_KEY)
PRIZREN = "centre-for-social-work-prizren"
PEJE = "centre-for-social-work-peje"

Plant = Callable[..., Awaitable[UUID]]
Grant = Callable[..., Awaitable[None]]

database = database_fixture("referrals", "komuna_referrals")
# Where no test changes the keystore, those of a file share one.
keystore = database_fixture("keystore_referrals", "komuna_referrals.keystore", scope="module")


@pytest.fixture
def settings(
    database: ServiceDatabase,
    keystore: ServiceDatabase,
    issuer: Issuer,
    jwks_url: str,
    request: pytest.FixtureRequest,
) -> Settings:
    ours = Settings(
        issuer=issuer.url,
        jwks_url=jwks_url,
        cursor_key=CURSOR_KEY,
        database_url=SecretStr(database.url),
        keystore_url=SecretStr(keystore.url),
        keystore_root_key=ROOT_KEY,
        blind_index_key=BLIND_INDEX_KEY,
    )
    if request.node.get_closest_marker("clock"):
        return ours
    # Many tests run at once: only those that hold Komuna to the time wait no longer than it does.
    return ours.model_copy(update={"trail_wait_seconds": 10})


@pytest.fixture
async def client(
    settings: Settings,
    followed: None,  # noqa: ARG001
) -> AsyncIterator[httpx.AsyncClient]:
    api = create_api(settings)
    async with asgi_client(serve(api)) as client:
        api.state.registry = _everybody_exists()
        # On a busy machine to connect takes longer than the record of an access may wait.
        opened: Database = api.state.database
        async with opened.session() as session:
            await session.execute(text("select 1"))
        yield client


def _everybody_exists() -> RegistryClient:
    """A registry that has every institution; `team.Registry` is one that has not."""
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json={}))
    return RegistryClient(ServiceClient("http://registry", transport=transport))


@pytest.fixture
def headers(issuer: Issuer) -> Headers:
    """What reaches the service of a person: a token, why they ask, and the gateway's ticket."""

    def make(
        sub: str = "persona:social_worker", *, scopes: tuple[str, ...] = SCOPES, **more: str
    ) -> dict[str, str]:
        token = issuer.token(sub, scopes)
        found = {"authorization": f"Bearer {token}", "processing-purpose": "assistance"}
        found |= {name.replace("_", "-"): value for name, value in more.items()}
        purpose, institution = found["processing-purpose"], found.get("acting-institution")
        ticket = TICKETS.mint(issuer.url, sub, purpose=purpose, institution=institution)
        return {"komuna-ticket": ticket} | found

    return make


@asynccontextmanager
async def as_owner(database: ServiceDatabase) -> AsyncIterator[asyncpg.Connection]:
    """Connect with the role of the migrations, which becomes the owner of every table."""
    connection = await asyncpg.connect(database.migrate_url.replace("+asyncpg", ""))
    try:
        yield connection
    finally:
        await connection.close()


async def trail(database: ServiceDatabase) -> list[asyncpg.Record]:
    """Return what was recorded, in order; the service adds to it and cannot read it."""
    async with as_owner(database) as connection:
        found = await connection.fetch(
            "select action, subject, subject_type, subject_id, purpose, institution, trace_id "
            "from audit_event order by at"
        )
    return list(found)


@pytest.fixture
async def owned(database: ServiceDatabase) -> AsyncIterator[Database]:
    """The data as its owner has them open: the second wall hides nothing from them."""
    opened = Database(database.migrate_url, service="referrals")
    yield opened
    await opened.close()


@pytest.fixture
def plant_case(database: ServiceDatabase) -> Plant:
    """Put a case and who sees it into the tables as their owner, without any route."""

    async def plant(
        institution: str = PRIZREN, *, partners: tuple[str, ...] = (), **more: Any
    ) -> UUID:
        values = {
            "id": uuid4(),
            "institution": institution,
            "basis": "interview_consent",
            "opened_at": datetime.now(UTC),
            **more,
        }
        async with as_owner(database) as connection:
            await _insert(connection, "case_record", values)
            for inst, relation in ((institution, "owner"), *((one, "partner") for one in partners)):
                seen = {"inst": inst, "relation": relation, "opened_at": values["opened_at"]}
                await _insert(connection, "case_access", seen | {"case_id": values["id"]})
        return UUID(str(values["id"]))

    return plant


async def _insert(connection: asyncpg.Connection, table: str, values: dict[str, Any]) -> None:
    places = ", ".join(f"${number}" for number in range(1, len(values) + 1))
    statement = f"insert into {table} ({', '.join(values)}) values ({places})"  # noqa: S608
    await connection.execute(statement, *values.values())


@pytest.fixture
async def followed(database: ServiceDatabase) -> None:
    """The follower has just read registry's feed to its end."""
    async with as_owner(database) as connection:
        await connection.execute(
            "insert into follower_cursor (feed, cursor, read_to_end_at) "
            "values ('registry', 'start', now())"
        )


@pytest.fixture
def grant(database: ServiceDatabase, issuer: Issuer, followed: None) -> Grant:  # noqa: ARG001
    """Copy an assignment, as the follower would."""

    async def grant(role: str, *, sub: str = "", institution: str | None = PRIZREN) -> None:
        async with as_owner(database) as connection:
            await connection.execute(
                "insert into assignment_copy (id, issuer, subject, role, institution, valid_from, "
                "version) values ($1, $2, $3, $4, $5, current_date - 1, 1)",
                str(uuid4()),
                issuer.url,
                sub or f"persona:{role}",
                role,
                institution,
            )

    return grant


@pytest.fixture
def hire(client: httpx.AsyncClient, headers: Headers, grant: Grant) -> Hire:
    """Give somebody a role at an institution and a desk, from which they send requests."""

    async def hire(role: str, institution: str = PRIZREN) -> Worker:
        sub = f"persona:{role}:{institution}"
        await grant(role, sub=sub, institution=institution)
        return Worker(client, headers, sub)

    return hire
