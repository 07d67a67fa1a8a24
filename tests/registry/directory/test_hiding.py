"""What may not be known leaves no trace: answers with it and without it, byte for byte."""

import re
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest
from httpx import AsyncClient, Response
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from komuna_registry.directory.rules import Audience, ServiceType
from komuna_registry.main import create_api
from komuna_shared.app import serve
from komuna_shared.testing import asgi_client
from tests.databases import Server, ServiceDatabase
from tests.registry.conftest import Bearer, Headers, MakeSettings, copy_of

OWN = re.compile(rb"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
HIDDEN = "(select code from service where audience = 'nrm_member' or code like 'hidden-%')"
PARTS = ("service_license", "service_language", "service_eligibility", "service_area")
PARTS += ("service_schedule", "service_channel", "service_cost", "service_text")
PARTS += ("service_capacity", "service_at_location")
VIEWERS = {Audience.PUBLIC: "", Audience.REGISTERED_INSTITUTION: "persona:analyst:mlg"}

CODES = st.sampled_from(["hidden-a", "hidden-z", "hidden-shelter", "hidden-0"])
TYPES = st.sampled_from(list(ServiceType))
INSTITUTIONS = st.sampled_from(["isf", "vaao", "crpk", "dsw"])
REGIONS = st.sampled_from([None, "district-peja", "district-prizren"])
LANGUAGES = st.sampled_from(["sq", "en", "rom", "tr"])
HIDING = st.fixed_dictionaries(
    {
        "code": CODES,
        "institution": INSTITUTIONS,
        "type": TYPES,
        "is_confidential": st.booleans(),
        "region": REGIONS,
        "language": LANGUAGES,
        "licence": st.booleans(),
    }
)
QUERIES = st.fixed_dictionaries(
    {},
    optional={
        "type": TYPES,
        "institution": INSTITUTIONS,
        "area": st.sampled_from(["district-peja", "district-prizren", "viti", "prishtine"]),
        "language": LANGUAGES,
        "licensed_on": st.sampled_from(["2026-03-01", "2026-11-22", "2030-01-01"]),
        "limit": st.sampled_from([1, 2, 50]),
        "sort": st.sampled_from(["code", "-code", "place"]),
        "count": st.just("exact"),
    },
)


async def clear(database: ServiceDatabase) -> None:
    for part in PARTS:
        await database.fetch(f"delete from {part} where service in {HIDDEN}")  # noqa: S608
    await database.fetch(f"delete from service where code in {HIDDEN}")  # noqa: S608


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


async def hide(database: ServiceDatabase, audience: Audience, one: Mapping[str, Any]) -> None:
    await database.fetch(
        "insert into service (code, institution, type, audience, status, is_confidential,"
        " is_synthetic, names, certain, possible, source, locator, valid_from)"
        """ values ($1, $2, $3, $4, 'active', $5, true, '{"en": "Hidden"}', '[2026-01-01,)',"""
        " '[2026-01-01,)', 'demonstration', 'record', '2026-01-01')",
        *(one["code"], one["institution"], one["type"].value, audience.value),
        one["is_confidential"],
    )
    await database.fetch(
        "insert into service_area (service, is_confidential, region, source, locator)"
        " values ($1, $2, $3, 'demonstration', 'record')",
        *(one["code"], one["is_confidential"], one["region"]),
    )
    await database.fetch(
        "insert into service_language values ($1, $2, 'x', 'demonstration')",
        *(one["code"], one["language"]),
    )
    if one["licence"]:
        await database.fetch(
            "insert into service_license (service, number, issuer, valid_from, source, locator)"
            " values ($1, 'N', 'mlsw', '2026-01-01', 'demonstration', 'x')",
            one["code"],
        )


def told(answer: Response) -> tuple[int, bytes, dict[str, str]]:
    """Return everything of an answer but the number of the request."""
    headers = {name: value for name, value in answer.headers.items() if name != "request-id"}
    return answer.status_code, OWN.sub(b"id", answer.content), headers


class TestHidden:
    @settings(
        max_examples=60,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    @given(
        hidden=st.lists(HIDING, min_size=1, max_size=3, unique_by=lambda one: str(one["code"])),
        viewer=st.sampled_from(list(VIEWERS)),
        query=QUERIES,
    )
    async def test_service_changes_no_byte_of_an_answer(
        self,
        both: tuple[AsyncClient, AsyncClient],
        hiding: ServiceDatabase,
        bearer: Bearer,
        hidden: list[dict[str, Any]],
        viewer: Audience,
        query: dict[str, Any],
    ) -> None:
        tiers = list(Audience)
        above = tiers[tiers.index(viewer) + 1 :]
        for number, one in enumerate(hidden):
            await hide(hiding, above[number % len(above)], one)
        headers: Headers = {}
        if VIEWERS[viewer]:
            headers = bearer(VIEWERS[viewer], "registry.directory.read", "registry.exports.write")
        try:
            for path, asked in (
                ("/v1/directory/services", query),
                *((f"/v1/directory/services/{one['code']}", {}) for one in hidden),
            ):
                without, beside = [
                    told(await client.get(path, params=asked, headers=headers)) for client in both
                ]
                assert without == beside, path
        finally:
            await clear(hiding)

    async def test_service_would_be_seen_by_this_test(
        self,
        both: tuple[AsyncClient, AsyncClient],
        hiding: ServiceDatabase,
        bearer: Bearer,
    ) -> None:
        one = {
            "code": "hidden-a",
            "institution": "isf",
            "type": ServiceType.FOOD,
            "is_confidential": True,
            "region": None,
            "language": "sq",
            "licence": False,
        }
        await hide(hiding, Audience.NRM_MEMBER, one)
        member = bearer("persona:advocate:vaao", "registry.directory.read")

        without, beside = [
            told(await client.get("/v1/directory/services", headers=member)) for client in both
        ]

        await clear(hiding)
        assert without != beside
