"""Where a confidential service is: said nowhere, whatever an operator writes by mistake."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import asyncpg
import pytest
from httpx import AsyncClient
from hypothesis import example, given
from hypothesis import strategies as st

from komuna_registry.main import create_api
from komuna_registry.secrecy import Places
from komuna_shared.app import serve
from komuna_shared.testing import asgi_client
from tests.databases import Server, ServiceDatabase
from tests.registry.conftest import OPS, Bearer, Headers, Import, MakeSettings, copy_of, importer
from tests.registry.directory.looking import Ask, execute, looks, read_all, told

SHELTER = "isf-accommodation"
SCOPES = ("registry.directory.read", "registry.exports.write", "registry.history.read")
# Two towns, in words that nothing else in these answers holds.
TOWNS = {"Gjakova": "gjakove", "Suhareka": "suhareke"}
GOOD = {"code": "safe", "by": "isf", "name": "Safe house", "cited": "demonstration,service"}
PLACE, DAY = "demo-legal-aid-office", "2029-01-01,demonstration,record"
SERVICE = "code,institution,type,audience,status,is_confidential,is_synthetic,name_en,valid_from"
SERVICE += ",source,locator"
WELL = "{code},{by},emergency_accommodation,nrm_member,active,true,true,{name},2026-01-01,{cited}"
# A file's name, its columns, a row with a town in it, and the column in which it is refused.
PLANTS = [
    *(
        ("services", SERVICE, WELL.format(**{**GOOD, **planted}), column)
        for planted, column in (
            ({"name": "House in {town}"}, "name_en"),
            ({"name": "Kuća kod {town}s"}, "name_en"),
            ({"name": "House at Rruga e Re"}, "name_en"),
            ({"name": "House in Vranidoll"}, "name_en"),
            ({"code": "safe-{slug}"}, "code"),
            ({"by": "house-{slug}"}, "institution"),
            ({"cited": "lease-{slug},service"}, "source"),
            ({"cited": "demonstration,{town}"}, "locator"),
        )
    ),
    *(
        (name, f"service,{columns},source,locator", f"{SHELTER},{row}", column)
        for name, columns, row, column in (
            ("service_areas", "municipality", "{slug},demonstration,area", "municipality"),
            ("service_areas", "region", ",demonstration,{town}", "locator"),
            ("service_at_locations", "location", f"{PLACE},demonstration,record", "service"),
            ("service_channels", "kind,value", "email,a@{slug}.example,demonstration,x", "service"),
            ("service_texts", "kind,language,text", "alert,en,{town},demonstration,x", "service"),
            ("service_capacities", "unit,amount,stated_on", f"places,12,{DAY}", "service"),
            ("service_languages", "language", "tr,demonstration,in {town}", "locator"),
            ("service_eligibility", "code", "female,demonstration,{town} house", "locator"),
            ("service_costs", "option", "insurance,demonstration,{town}", "locator"),
            ("service_licenses", "number,issuer,valid_from", f"{{town}}-1,mlsw,{DAY}", "number"),
            ("service_schedules", "freq,attending", "WEEKLY,online,demonstration,Rr. 4", "locator"),
        )
    ),
]


TOWN = """
insert into service_area (service, is_confidential, municipality, source, locator)
values ('isf-accommodation', true, $1, 'demonstration', 'area')
"""
CHANNEL = """
insert into service_channel (service, is_confidential, kind, value, source, locator)
values ('isf-accommodation', true, 'email', $1, 'demonstration', 'record')
"""
SOURCE = """
insert into source (code, title, issuer, language, standing)
values ($1, $2, 'Somebody', 'en', 'synthetic')
"""
INSTITUTION = """
insert into institution (code, kind, names, words, certain, possible, source, locator)
values ($1, 'shelter', '{"en": "House"}', 'house', '[,)', '[,)', 'demonstration', 'record')
"""


@pytest.fixture(scope="module")
def databases(postgres: Server, loaded: ServiceDatabase) -> Iterator[list[ServiceDatabase]]:
    made = [copy_of(postgres, loaded) for _ in TOWNS]
    yield made
    for one in made:
        postgres.drop(one.room.database)


@pytest.fixture(scope="module")
async def twins(
    databases: list[ServiceDatabase], make_settings: MakeSettings
) -> AsyncIterator[list[AsyncClient]]:
    language = {"Accept-Language": "en"}
    one, other = (serve(create_api(make_settings(database))) for database in databases)
    async with (
        asgi_client(one, headers=language) as first,
        asgi_client(other, headers=language) as second,
    ):
        yield [first, second]


async def differences(twins: list[AsyncClient], headers: Headers) -> set[str]:
    """Say which answers about the shelter, and about all, are not the same in both."""
    hidden = [{"code": SHELTER, "institution": "isf"}]
    full = {"full": "true"}
    found = set()
    for asked in [*looks(hidden, {}, full, {"search": "interim"}), Ask("/v1/changes")]:
        one, other = [told(await asked.of(client, headers)) for client in twins]
        if asked.path == "/v1/exports":
            # A job that was accepted: its number and its instant are its own.
            one, other = one[:1], other[:1]  # type: ignore[assignment]
        found |= set() if one == other else {asked.path}
        texts = (str(one) + str(other)).lower()
        found |= {f"{asked.path}: {town}" for town in TOWNS if f"in {town}".lower() in texts}
    return found


@pytest.fixture
def member(bearer: Bearer) -> Headers:
    return bearer("persona:advocate:vaao", *SCOPES)


@pytest.fixture
def everybody(bearer: Bearer, member: Headers) -> dict[str, Headers]:
    return {
        "nobody": {},
        "registered": bearer("persona:analyst:mlg", *SCOPES),
        "member": member,
        "ops": bearer(OPS, *SCOPES),
    }


class TestPlaceWords:
    """Two registers in which only the words of a place would differ."""

    async def test_are_refused_and_leave_all_answers_equal_for_everybody(
        self,
        twins: list[AsyncClient],
        databases: list[ServiceDatabase],
        make_settings: MakeSettings,
        ops: Headers,
        everybody: dict[str, Headers],
    ) -> None:
        for town, client, database in zip(TOWNS, twins, databases, strict=True):
            await _prepare(database, town)
            bring_in: Import = importer(client, database, make_settings(database))
            for collection, columns, row, refused in PLANTS:
                body = f"{columns}\n{row.format(town=town, slug=TOWNS[town])}\n"
                problems = await refusal(client, bring_in, ops, collection, body)
                assert {one["column"] for one in problems} >= {refused}, (collection, row)
                assert {one["code"] for one in problems} == {"confidential_place"}, row
                assert town.lower() not in str(problems).lower()

        for who, headers in everybody.items():
            assert await differences(twins, headers) == set(), who
            feeds = [await read_all(client, headers) for client in twins]
            assert feeds[0] == feeds[1], who

    @pytest.mark.parametrize(
        ("constraint", "statement"),
        [
            (("service_area", "ck_service_area_no_town_of_a_shelter"), TOWN),
            (("service_channel", "ck_service_channel_no_channel_of_a_shelter"), CHANNEL),
        ],
    )
    async def test_would_be_seen_if_the_database_took_them(
        self,
        twins: list[AsyncClient],
        databases: list[ServiceDatabase],
        member: Headers,
        constraint: tuple[str, str],
        statement: str,
    ) -> None:
        table, name = constraint
        for slug, database in zip(TOWNS.values(), databases, strict=True):
            with pytest.raises(asyncpg.CheckViolationError):
                await execute(database, (statement, slug))
            administrator = await asyncpg.connect(database.admin)
            await administrator.execute(f"alter table registry.{table} drop constraint {name}")
            await administrator.close()
            await execute(database, (statement, slug))

        found = await differences(twins, member)

        for database in databases:
            await database.fetch(f"delete from {table} where service = '{SHELTER}'")  # noqa: S608
        assert "/v1/directory/services/isf-accommodation" in found
        assert any(one.startswith("/v1/hsds/services") for one in found)


async def _prepare(database: ServiceDatabase, town: str) -> None:
    """Let there be a document and an institution that name the town; the register has such."""
    slug = TOWNS[town]
    lease = f"Lease of a house in {town}"
    await execute(database, (SOURCE, f"lease-{slug}", lease), (INSTITUTION, f"house-{slug}"))


async def refusal(
    client: AsyncClient, bring_in: Import, ops: Headers, collection: str, body: str
) -> list[dict[str, Any]]:
    """Send a file that must be refused; return its problems."""
    done = await bring_in(collection, body, ops)
    assert done["state"] == "failed", (collection, body)
    answer = await client.get(f"/v1/imports/{done['id']}/problems", headers=ops)
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


class TestPlaces:
    PLACES = Places(["Prishtinë", "Priština", "Fushë Kosovë", "Peja", "Peć", "Gjakovë", "Klinë"])

    @pytest.mark.parametrize(
        "text",
        [
            *("House in Prishtinë", "Strehimorja e Prishtinës", "kuća u Prištini", "safe-pristina"),
            *("shtepia GJAKOVES", "Fushe Kosove shelter", "Peja", "u Peći", "Rr. Nëna Terezë"),
            *("10000", "42.66, 21.16", "+383 44", "ulica 3", "Street 1"),
        ],
    )
    def test_are_told_in_a_text_with_a_town_a_street_or_a_number(self, text: str) -> None:
        assert self.PLACES.are_told_in(text)

    @pytest.mark.parametrize(
        "text",
        [
            *(
                "Shelter for women and children (demonstration)",
                "DEMO-2026-01",
                "isf-accommodation",
            ),
            *("Strehim i përkohshëm i sigurt", "Sigurna kuća za žene i decu", "Klinika", "page 12"),
        ],
    )
    def test_are_not_told_in_other_words(self, text: str) -> None:
        assert not self.PLACES.are_told_in(text)

    @given(
        before=st.text(alphabet="abc ëç,-", max_size=12),
        town=st.sampled_from(["Prishtinë", "PRISTINA", "fushe-kosove", "Peja"]),
        after=st.text(alphabet="abc ëç,-", max_size=12),
    )
    @example(before="", town="Peja", after="")
    def test_are_told_wherever_the_town_stands(self, before: str, town: str, after: str) -> None:
        assert self.PLACES.are_told_in(f"{before} {town} {after}")
