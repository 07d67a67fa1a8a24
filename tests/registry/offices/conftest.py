"""Who keeps offices, each test those of a municipality of its own, in one database for all."""

from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any

import pytest
from httpx import AsyncClient, Response

from komuna_registry.main import create_api
from komuna_shared.app import serve
from komuna_shared.testing import Issuer, asgi_client
from tests.databases import Server, ServiceDatabase
from tests.registry.conftest import Bearer, Headers, MakeSettings, copy_of

WRITE = "registry.offices.write"
ACT = {"number": "01-020/26", "issued_on": "2026-03-02", "title": "Vendim për emërim"}
END = {"number": "01-114/26", "issued_on": "2026-09-28", "title": "Vendim për përfundim"}
_OFFICER = """
    with opened as (
        insert into account (issuer, subject, name, is_synthetic)
        values ($1, $2, 'Officer', false) returning id
    )
    insert into assignment (account, role, municipality, valid_from, source)
    select id, 'municipal_officer', $3, '2026-01-05', 'Decision 01-020/26' from opened
"""
_TAKEN = {"obiliq", "peje"}


@pytest.fixture(scope="module")
def kept(postgres: Server, loaded: ServiceDatabase) -> ServiceDatabase:
    """A database with everything loaded, to which the tests of offices write."""
    return copy_of(postgres, loaded)


@pytest.fixture(scope="module")
async def keepers(kept: ServiceDatabase, make_settings: MakeSettings) -> AsyncIterator[AsyncClient]:
    """Somebody who speaks to the service of that database."""
    api = serve(create_api(make_settings(kept)))
    async with asgi_client(api, headers={"Accept-Language": "en"}) as client:
        yield client


@pytest.fixture(scope="module")
async def places(kept: ServiceDatabase) -> Iterator[str]:
    """The municipalities in whose offices nobody is recorded yet."""
    rows = await kept.fetch("select slug from municipality order by slug")
    return iter(row["slug"] for row in rows if row["slug"] not in _TAKEN)


@pytest.fixture
def place(places: Iterator[str]) -> str:
    """A municipality of this test's own."""
    return next(places)


@pytest.fixture
def mayor(place: str) -> str:
    """The code of its office of mayor."""
    return f"mayor-{place}"


@pytest.fixture
def officer(bearer: Bearer, place: str) -> Headers:
    """The headers of its officer."""
    return bearer(f"persona:municipal_officer:{place}", WRITE)


@pytest.fixture
async def real_officer(
    kept: ServiceDatabase, issuer: Issuer, bearer: Bearer, place: str
) -> Headers:
    """The headers of its officer who is nobody of the demonstration."""
    subject = f"officer-of-{place}"
    await kept.fetch(_OFFICER, issuer.url, subject, place)
    return bearer(subject, WRITE)


async def appoint(client: AsyncClient, headers: Headers, office: str, **changes: Any) -> Response:
    """Record that somebody holds a seat."""
    wanted = {"holder": {"name": "Arta Shembull"}, "since": "2026-03-02", "act": ACT}
    return await client.post(
        f"/v1/offices/{office}/tenures", json=wanted | changes, headers=headers
    )


async def change(
    client: AsyncClient, headers: Headers, tenure: str, tag: str | None, **changes: Any
) -> Response:
    """Change a tenure, of which the caller read the version that `tag` names."""
    version: Mapping[str, str] = {"If-Match": tag} if tag else {}
    wanted = {"act": END} | changes
    return await client.patch(f"/v1/tenures/{tenure}", json=wanted, headers={**headers, **version})
