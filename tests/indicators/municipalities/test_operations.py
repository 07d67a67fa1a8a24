"""The copy of registry's municipalities, and which one a name means."""

from collections.abc import AsyncIterator, Callable
from datetime import date

import httpx
import orjson
import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from komuna_indicators.clients.registry import RegistryClient
from komuna_indicators.municipalities import operations
from komuna_indicators.municipalities.rules import normalise
from komuna_shared.changes import Change
from komuna_shared.http import ServiceClient
from tests.databases import ServiceDatabase

MEANT = {"Drenas": "gllogoc", "Mitrovica": None}


def answering(request: httpx.Request) -> httpx.Response:
    """Answer as registry does."""
    if request.method == "GET":
        return httpx.Response(200, json={"items": [{"slug": "peje", "label": "Pejë"}]})
    names = orjson.loads(request.content)["names"]
    items = [
        {"status": "matched" if MEANT.get(name) else "ambiguous", "slug": MEANT.get(name)}
        for name in names
    ]
    return httpx.Response(200, json={"items": items, "counts": {}})


def silent(_: httpx.Request) -> httpx.Response:
    return httpx.Response(503, json={"code": "unavailable"})


def registry(answer: Callable[[httpx.Request], httpx.Response]) -> RegistryClient:
    transport = httpx.MockTransport(answer)
    return RegistryClient(ServiceClient("http://registry", transport=transport))


@pytest.fixture
async def session(indicators: ServiceDatabase) -> AsyncIterator[AsyncSession]:
    async with indicators.opened() as opened, opened.session() as session:
        yield session


class TestResolveNames:
    async def test_asks_registry_for_what_is_no_slug(self, session: AsyncSession) -> None:
        names = ["peje", "Drenas", "Mitrovica"]

        found = await operations.resolve_names(
            session, registry(answering), names, on=date(2020, 12, 31)
        )

        assert found.slugs == {"peje": "peje", "Drenas": "gllogoc"}
        assert not found.is_copy

    async def test_answers_from_the_copy_while_registry_is_silent(
        self, session: AsyncSession
    ) -> None:
        found = await operations.resolve_names(
            session, registry(silent), ["PRIŠTINA", "Drenas"], on=None
        )

        assert found.slugs == {"PRIŠTINA": "prishtine"}
        assert found.is_copy
        assert found.as_of is not None

    async def test_asks_for_the_slugs_before_the_first_copy(self, session: AsyncSession) -> None:
        await operations.clear_municipalities(session)

        found = await operations.resolve_names(session, registry(answering), ["peje"], on=None)

        assert found.slugs == {"peje": "peje"}


class TestCopyMunicipalities:
    async def test_replaces_what_it_knew_and_forgets_what_is_gone(
        self, session: AsyncSession, indicators: ServiceDatabase
    ) -> None:
        told = {"names": {"sq": "Peja"}, "certain_from": "2000-01-01", "certain_until": None}

        await operations.copy_municipalities(
            session,
            [Change("municipality", "peje", 2, told), Change("municipality", "viti", 3, None)],
        )
        await session.commit()
        rows = await indicators.fetch("select slug, names from municipality_copy")
        copied = {row["slug"]: orjson.loads(row["names"]) for row in rows}

        assert copied["peje"] == {"sq": "Peja"}
        assert "viti" not in copied
        assert len(copied) == 37


class TestNormalise:
    @pytest.mark.parametrize(
        ("text", "same"),
        [("Fushë-Kosova", "fushe kosova"), ("Đakovica", "djakovica"), ("  PEJË ", "peje")],
    )
    def test_makes_spellings_equal(self, text: str, same: str) -> None:
        assert normalise(text) == same
