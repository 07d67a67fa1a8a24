"""Lists page by page: together the pages are the list, whatever ties and blanks it has."""

import uuid
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

import httpx
import pytest
from fastapi import APIRouter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import SecretStr
from sqlalchemy import Column, Date, DateTime, Integer, MetaData, Numeric, Table, Text, Uuid, select
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from komuna_shared.access import Principal, requires
from komuna_shared.app import create_service, serve
from komuna_shared.database import Reader
from komuna_shared.paging import Found, Key, Page, PageRequest, Paging, keyset
from komuna_shared.testing import Issuer, asgi_client
from tests.databases import ServiceDatabase, database_fixture
from tests.shared.requests.sample import ThingOut, make_settings

pages = database_fixture("pages", None, scope="module")

ROW = Table(
    "row",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("word", Text),
    Column("size", Integer, nullable=False),
    Column("ratio", Numeric),
    Column("day", Date),
    Column("at", DateTime(timezone=True)),
    Column("code", Uuid),
)
KEYS = [
    Key("word", ROW.c.word, nullable=True),
    Key("size", ROW.c.size),
    Key("ratio", ROW.c.ratio, nullable=True),
    Key("day", ROW.c.day, nullable=True),
    Key("at", ROW.c.at, nullable=True),
    Key("code", ROW.c.code, nullable=True),
    Key("id", ROW.c.id),
]
NAMES = [key.name for key in KEYS]
FIRST = datetime(2026, 1, 1, 12, 30, 0, 123456, tzinfo=UTC)

rows = st.lists(
    st.fixed_dictionaries(
        {
            "word": st.none() | st.sampled_from(["", "a", "A", "ç", "š", "zh'--"]),
            "size": st.integers(-2, 2),
            "ratio": st.none() | st.sampled_from([Decimal("0.1"), Decimal("25.2"), Decimal(-1)]),
            "day": st.none() | st.dates(date(2020, 1, 1), date(2020, 1, 3)),
            "at": st.none() | st.integers(0, 2).map(lambda us: FIRST + timedelta(microseconds=us)),
            "code": st.none() | st.sampled_from([uuid.UUID(int=1), uuid.UUID(int=2)]),
        }
    ),
    max_size=25,
)
sorts = st.lists(st.sampled_from(NAMES), max_size=3, unique=True).flatmap(
    lambda names: st.tuples(*(st.sampled_from([name, f"-{name}"]) for name in names))
)


@pytest.fixture(scope="module")
async def engine(pages: ServiceDatabase) -> AsyncIterator[AsyncEngine]:
    engine = create_async_engine(pages.admin.replace("postgresql://", "postgresql+asyncpg://"))
    async with engine.begin() as connection:
        await connection.run_sync(ROW.metadata.create_all)
        await connection.exec_driver_sql("alter table row set schema pages")
        await connection.exec_driver_sql("grant select on all tables in schema pages to pages_app")
    yield engine
    await engine.dispose()


class TestPages:
    @given(rows=rows, sort=sorts, limit=st.integers(1, 7))
    @settings(
        max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
    )
    async def test_together_are_the_whole_list_in_its_order(
        self, engine: AsyncEngine, rows: list[dict[str, Any]], sort: tuple[str, ...], limit: int
    ) -> None:
        async with engine.connect() as connection:
            await connection.exec_driver_sql("set search_path = pages")
            if rows:
                numbered = [{"id": number, **row} for number, row in enumerate(rows)]
                await connection.execute(ROW.insert(), numbered)
            whole = await keyset(
                connection, select(ROW), PageRequest(limit=200, sort=",".join(sort)), keys=KEYS
            )
            collected, cursor = [], None
            while True:
                page = PageRequest(
                    limit=limit, sort=",".join(sort), cursor=cursor, count=True, key=b"k"
                )
                found = await keyset(connection, select(ROW), page, keys=KEYS)
                assert found.page.total == len(rows)
                collected += found.items
                cursor = found.page.next_cursor
                if cursor is None:
                    break
            await connection.rollback()

        assert collected == whole.items
        assert sorted(row.id for row in collected) == list(range(len(rows)))


router = APIRouter(prefix="/v1", redirect_slashes=False)
Lister = Annotated[Principal, requires("pages.rows.read")]


@router.get("/rows", response_model=Page[ThingOut])
async def list_rows(reader: Reader, _: Lister, page: Paging, size: int | None = None) -> Found[Any]:
    statement = select(ROW.c.id.cast(Text).label("id"), ROW.c.size.cast(Text).label("title"))
    if size is not None:
        statement = statement.where(ROW.c.size == size)
    return await keyset(reader, statement, page, keys=[KEYS[1], KEYS[6]], default="-size")


@router.get("/other-rows", response_model=Page[ThingOut])
async def list_other_rows(reader: Reader, caller: Lister, page: Paging) -> Found[Any]:
    return await list_rows(reader, caller, page)


@pytest.fixture(scope="module")
async def client(
    issuer: Issuer, folder: Path, pages: ServiceDatabase, engine: AsyncEngine
) -> AsyncIterator[httpx.AsyncClient]:
    async with engine.begin() as connection:
        await connection.exec_driver_sql("set local search_path = pages")
        await connection.execute(
            ROW.insert(), [{"id": number, "size": number % 3} for number in range(230)]
        )
    settings = make_settings(issuer, folder, database_url=SecretStr(pages.url))
    api = create_service("registry", settings=settings, routers=[router])
    token = issuer.token("persona:reader", ["pages.rows.read"])
    headers = {"authorization": f"Bearer {token}", "accept-language": "en"}
    async with asgi_client(serve(api), headers=headers) as client:
        yield client


class TestPaging:
    async def test_follows_its_links_to_the_end(self, client: httpx.AsyncClient) -> None:
        seen: list[str] = []
        url: str | None = "/v1/rows?limit=100"
        while url is not None:
            page = (await client.get(url)).json()
            seen += [one["id"] for one in page["items"]]
            following = page["page"]["next"]
            if following is not None:
                assert following.startswith("http://localhost:8080/registry/v1/rows?limit=100&")
            url = following and following.removeprefix("http://localhost:8080/registry")

        expected = sorted(range(230), key=lambda number: (-(number % 3), -number))
        assert seen == [str(number) for number in expected]

    @pytest.mark.parametrize(
        ("query", "limit", "is_coerced"),
        [
            ("", 50, False),
            ("?limit=1", 1, False),
            ("?limit=200", 200, False),
            ("?limit=201", 200, True),
            ("?limit=0", 1, True),
            ("?limit=-5", 1, True),
        ],
    )
    async def test_says_when_the_limit_was_another(
        self, client: httpx.AsyncClient, query: str, limit: int, *, is_coerced: bool
    ) -> None:
        page = (await client.get(f"/v1/rows{query}")).json()

        assert len(page["items"]) == limit
        assert page["page"]["limit"] == limit
        assert page["page"]["limit_coerced"] is is_coerced
        assert page["page"]["total"] is None

    async def test_counts_when_asked(self, client: httpx.AsyncClient) -> None:
        page = (await client.get("/v1/rows?size=1&count=exact")).json()

        assert page["page"]["total"] == 77

    async def test_unknown_sort_names_those_that_exist(self, client: httpx.AsyncClient) -> None:
        answer = await client.get("/v1/rows?sort=name")

        assert (answer.status_code, answer.json()["code"]) == (400, "unknown_sort")
        assert "`size`, `id`" in answer.json()["errors"][0]["detail"]


class TestCursor:
    async def test_goes_on_with_another_limit_or_language(self, client: httpx.AsyncClient) -> None:
        cursor = await self._cursor(client, "/v1/rows?limit=2")

        answer = await client.get(f"/v1/rows?limit=3&lang=sr&cursor={cursor}")

        assert len(answer.json()["items"]) == 3

    @pytest.mark.parametrize("url", ["/v1/rows?size=1", "/v1/rows?sort=size", "/v1/other-rows"])
    async def test_is_refused_for_another_list(self, client: httpx.AsyncClient, url: str) -> None:
        cursor = await self._cursor(client, "/v1/rows?limit=2")

        answer = await client.get(url, params={**httpx.URL(url).params, "cursor": cursor})

        assert (answer.status_code, answer.json()["code"]) == (400, "cursor_invalid")

    async def test_is_refused_for_another_caller(
        self, client: httpx.AsyncClient, issuer: Issuer
    ) -> None:
        cursor = await self._cursor(client, "/v1/rows?limit=2")
        token = issuer.token("persona:other", ["pages.rows.read"])

        answer = await client.get(
            f"/v1/rows?cursor={cursor}", headers={"authorization": f"Bearer {token}"}
        )

        assert answer.json()["code"] == "cursor_invalid"

    @pytest.mark.parametrize("cursor", ["", "x", "é", "AAAA", "A" * 1300, "{}"])
    async def test_of_our_making_only(self, client: httpx.AsyncClient, cursor: str) -> None:
        answer = await client.get("/v1/rows", params={"cursor": cursor})

        assert (answer.status_code, answer.json()["code"]) == (400, "cursor_invalid")

    async def test_changed_in_one_letter_is_refused(self, client: httpx.AsyncClient) -> None:
        cursor = await self._cursor(client, "/v1/rows?limit=2")
        changed = cursor[:30] + ("A" if cursor[30] != "A" else "B") + cursor[31:]

        answer = await client.get(f"/v1/rows?cursor={changed}")

        assert answer.json()["code"] == "cursor_invalid"

    async def _cursor(self, client: httpx.AsyncClient, url: str) -> str:
        return str((await client.get(url)).json()["page"]["next_cursor"])
