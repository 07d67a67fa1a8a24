"""The referrals service on databases of its own, with people who hold roles in it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest
from pydantic import SecretStr

from komuna_referrals.main import create_api
from komuna_referrals.settings import Settings
from komuna_shared.app import serve
from komuna_shared.database import Database
from komuna_shared.testing import Issuer, asgi_client
from tests.databases import CURSOR_KEY, ServiceDatabase, database_fixture

SCOPES = ("referrals.cases.read", "referrals.me.read")
PRIZREN = "centre-for-social-work-prizren"
PEJE = "centre-for-social-work-peje"

Plant = Callable[..., Awaitable[UUID]]
Headers = Callable[..., dict[str, str]]
Grant = Callable[..., Awaitable[None]]

database = database_fixture("referrals", "komuna_referrals")
# Where no test changes the keystore, those of a file share one.
keystore = database_fixture("keystore_referrals", "komuna_referrals.keystore", scope="module")


@pytest.fixture
def settings(
    database: ServiceDatabase, keystore: ServiceDatabase, issuer: Issuer, jwks_url: str
) -> Settings:
    return Settings(
        issuer=issuer.url,
        jwks_url=jwks_url,
        cursor_key=CURSOR_KEY,
        database_url=SecretStr(database.url),
        keystore_url=SecretStr(keystore.url),
    )


@pytest.fixture
async def client(
    settings: Settings,
    followed: None,  # noqa: ARG001
) -> AsyncIterator[httpx.AsyncClient]:
    async with asgi_client(serve(create_api(settings))) as client:
        yield client


@pytest.fixture
def headers(issuer: Issuer) -> Headers:
    """What a person sends: a token, and why they ask."""

    def make(
        sub: str = "persona:social_worker", *, scopes: tuple[str, ...] = SCOPES, **more: str
    ) -> dict[str, str]:
        token = issuer.token(sub, scopes)
        found = {"authorization": f"Bearer {token}", "processing-purpose": "assistance"}
        return found | {name.replace("_", "-"): value for name, value in more.items()}

    return make


@asynccontextmanager
async def as_owner(database: ServiceDatabase) -> AsyncIterator[asyncpg.Connection]:
    """Connect with the role of the migrations, which becomes the owner of every table."""
    connection = await asyncpg.connect(database.migrate_url.replace("+asyncpg", ""))
    try:
        yield connection
    finally:
        await connection.close()


@pytest.fixture
async def owned(database: ServiceDatabase) -> AsyncIterator[Database]:
    """The data as its owner has them open: the second wall hides nothing from them."""
    opened = Database(database.migrate_url, service="referrals")
    yield opened
    await opened.close()


@pytest.fixture
def plant_case(database: ServiceDatabase) -> Plant:
    """Put a case into the table as its owner; no route makes one yet."""

    async def plant(institution: str = PRIZREN, **more: Any) -> UUID:
        values = {"id": uuid4(), "institution": institution} | more
        places = ", ".join(f"${number}" for number in range(1, len(values) + 1))
        async with as_owner(database) as connection:
            await connection.execute(
                f"insert into case_record ({', '.join(values)}) values ({places})",  # noqa: S608
                *values.values(),
            )
        return UUID(str(values["id"]))

    return plant


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
