"""What may not be known leaves no trace: answers with it and without it, byte for byte."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from httpx import AsyncClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from komuna_registry.directory.rules import Audience, ServiceType
from komuna_registry.hsds.identifiers import identify
from komuna_registry.hsds.rules import TYPES
from komuna_registry.main import create_api
from komuna_shared.app import serve
from komuna_shared.testing import asgi_client
from tests.databases import Server, ServiceDatabase
from tests.registry.conftest import Bearer, Headers, MakeSettings, copy_of
from tests.registry.directory.looking import (
    CANARY,
    Ask,
    announce,
    clear,
    hide,
    looks,
    read_all,
    told,
)

VIEWERS = {Audience.PUBLIC: "", Audience.REGISTERED_INSTITUTION: "persona:analyst:mlg"}
SCOPES = ("registry.directory.read", "registry.exports.write", "registry.history.read")

CODES = st.sampled_from(["hidden-a", "hidden-z", "hidden-shelter", "hidden-0"])
TYPES_OF = st.sampled_from(list(ServiceType))
# One of them offers nothing else: whoever may not know of the service does not meet it in HSDS.
INSTITUTIONS = st.sampled_from(["isf", "vaao", "crpk", "osce-mission"])
REGIONS = st.sampled_from([None, "district-peja", "district-prizren"])
LANGUAGES = st.sampled_from(["sq", "en", "rom", "tr"])
HIDING = st.fixed_dictionaries(
    {
        "code": CODES,
        "institution": INSTITUTIONS,
        "type": TYPES_OF,
        "is_confidential": st.booleans(),
        "region": REGIONS,
        "language": LANGUAGES,
        "licence": st.booleans(),
    }
)
NATIVE = st.fixed_dictionaries(
    {},
    optional={
        "type": TYPES_OF,
        "institution": INSTITUTIONS,
        "area": st.sampled_from(["district-peja", "district-prizren", "viti", "prishtine"]),
        "language": LANGUAGES,
        "licensed_on": st.sampled_from(["2026-03-01", "2026-11-22", "2030-01-01"]),
        "limit": st.sampled_from([1, 2, 50]),
        "sort": st.sampled_from(["code", "-code", "place"]),
        "count": st.just("exact"),
    },
)
HSDS = st.fixed_dictionaries(
    {},
    optional={
        "taxonomy_term_id": TYPES_OF.map(lambda one: str(identify(TYPES, one.value))),
        "organization_id": INSTITUTIONS.map(lambda one: str(identify("institution", one))),
        "modified_after": st.sampled_from(["2026-01-01T00:00:00Z", "2099-01-01T00:00:00Z"]),
        "page": st.sampled_from([1, 2, 3]),
        "per_page": st.sampled_from([1, 2, 50]),
        "full": st.just("true"),
    },
)
SEARCHES = st.fixed_dictionaries(
    {},
    optional={
        "search": st.sampled_from(["hidden", CANARY, "legal", "përfaqësim ligjor", "%"]),
        "municipality": st.sampled_from(["viti", "peje"]),
        "language": LANGUAGES,
        "age": st.sampled_from([7, 18]),
        "minimal": st.just(value=True),
    },
)
FEW = settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@pytest.fixture(scope="module")
def bare(postgres: Server, loaded: ServiceDatabase) -> ServiceDatabase:
    return copy_of(postgres, loaded)


@pytest.fixture(scope="module")
def hiding(postgres: Server, loaded: ServiceDatabase) -> ServiceDatabase:
    return copy_of(postgres, loaded)


@pytest.fixture(scope="module")
async def both(
    bare: ServiceDatabase, hiding: ServiceDatabase, make_settings: MakeSettings
) -> AsyncIterator[tuple[AsyncClient, AsyncClient]]:
    for database in (bare, hiding):
        await clear(database)
    language = {"Accept-Language": "en"}
    async with (
        asgi_client(serve(create_api(make_settings(bare))), headers=language) as one,
        asgi_client(serve(create_api(make_settings(hiding))), headers=language) as other,
    ):
        yield one, other


class TestHidden:
    @FEW
    @given(
        hidden=st.lists(HIDING, min_size=1, max_size=3, unique_by=lambda one: str(one["code"])),
        viewer=st.sampled_from(list(VIEWERS)),
        queries=st.tuples(NATIVE, HSDS, SEARCHES),
    )
    async def test_service_changes_no_byte_of_an_answer(
        self,
        both: tuple[AsyncClient, AsyncClient],
        hiding: ServiceDatabase,
        bearer: Bearer,
        hidden: list[dict[str, Any]],
        viewer: Audience,
        queries: tuple[dict[str, Any], dict[str, Any], dict[str, Any]],
    ) -> None:
        tiers = list(Audience)
        above = tiers[tiers.index(viewer) + 1 :]
        for number, one in enumerate(hidden):
            await hide(hiding, above[number % len(above)], one)
        headers: Headers = bearer(VIEWERS[viewer], *SCOPES) if VIEWERS[viewer] else {}
        try:
            for asked in looks(hidden, *queries):
                without, beside = [told(await asked.of(client, headers)) for client in both]
                assert without == beside, asked
                assert CANARY.encode() not in without[1], asked
        finally:
            await clear(hiding)

    async def test_service_is_not_in_the_feed_and_moves_nothing_there(
        self,
        both: tuple[AsyncClient, AsyncClient],
        hiding: ServiceDatabase,
        bearer: Bearer,
    ) -> None:
        member = bearer("persona:advocate:vaao", *SCOPES)
        one = shelter(code="hidden-in-the-feed", is_confidential=False)
        await hide(hiding, Audience.NRM_MEMBER, one)
        await announce(hiding, one["code"])
        try:
            for headers in ({}, bearer("persona:analyst:mlg", *SCOPES)):
                without, beside = [await read_all(client, headers) for client in both]
                assert without == beside
            without, beside = [await read_all(client, member) for client in both]
            assert len(beside) == len(without) + 1
        finally:
            await clear(hiding)

    async def test_service_would_be_seen_by_this_test(
        self,
        both: tuple[AsyncClient, AsyncClient],
        hiding: ServiceDatabase,
        bearer: Bearer,
    ) -> None:
        """Where the one who looks may know of it, every kind of answer differs."""
        one = shelter(is_confidential=False, licence=True)
        await hide(hiding, Audience.NRM_MEMBER, one)
        member = bearer("persona:advocate:vaao", *SCOPES)
        search = {"search": "hidden"}
        same: set[Ask] = set()
        try:
            for asked in looks([one], {}, {}, search):
                without, beside = [told(await asked.of(client, member)) for client in both]
                same |= {asked} if without == beside else set()
        finally:
            await clear(hiding)

        assert {one.path for one in same} == {
            # Of other records, or refused to whoever may not take out whole tables.
            *("/v1/exports", "/v1/institutions/osce-mission", "/v1/sources/demonstration"),
            *("/v1/institutions/osce-mission/history", "/v1/directory/services/vaao-legal-aid"),
            "/v1/directory/services/vaao-legal-aid/history",
        }


def shelter(**other: Any) -> dict[str, Any]:
    """Describe a service to be hidden."""
    return {
        "code": "hidden-a",
        "institution": "osce-mission",
        "type": ServiceType.FOOD,
        "is_confidential": True,
        "region": None,
        "language": "sq",
        "licence": False,
        **other,
    }
