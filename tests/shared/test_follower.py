"""Following a real feed, over HTTP, with a service's credentials."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from komuna_shared.access import Principal
from komuna_shared.app import serve
from komuna_shared.changes import Change, forget_tombstones, publish
from komuna_shared.database import Database
from komuna_shared.follower import ASSIGNMENTS, Copy, Follower, lag, load_caller
from komuna_shared.http import ClientCredentials, ServiceClient
from komuna_shared.settings import ServiceSettings
from komuna_shared.testing import Issuer, running
from tests.databases import ServiceDatabase, database_fixture
from tests.shared.notes.main import create_api

SCOPE = "service.assignments.read"
ARTA = Principal("http://127.0.0.1:8100", "arta", "web", frozenset(), "", 0)
TODAY = datetime.now(UTC).date()

copies = database_fixture("notes", "tests.shared.notes")


class BrokenError(Exception):
    """A copy that fails half way."""


@pytest.fixture
async def client(settings: ServiceSettings, issuer: Issuer) -> AsyncIterator[ServiceClient]:
    """The feed of the notes, and the issuer of the follower's tokens."""
    served = serve(create_api(settings))

    async def network(scope: Scope, receive: Receive, send: Send) -> None:
        app: ASGIApp = served
        if scope["path"] == "/token":
            token = issuer.service_token("indicators", [SCOPE])
            app = JSONResponse({"access_token": token, "expires_in": 600})
        await app(scope, receive, send)

    credentials = ClientCredentials("http://issuer/token", "indicators", "secret", SCOPE)
    async with (
        running(served),
        ServiceClient(
            "http://feed",
            credentials=credentials,
            deadline=10,
            transport=httpx.ASGITransport(network),
        ) as client,
    ):
        yield client


@pytest.fixture
async def here(copies: ServiceDatabase) -> AsyncIterator[Database]:
    """The database of the service that follows."""
    async with copies.opened() as database:
        yield database


class Notes:
    """A copy of the notes, for the tests to look at."""

    def __init__(self) -> None:
        self.seen: dict[str, Any] = {}
        self.is_broken = False
        self.count = 0

    async def apply(self, _: AsyncSession, changes: Sequence[Change]) -> None:
        for one in changes:
            self.seen[one.id] = one.data
            self.count += 1
        if self.is_broken:
            raise BrokenError

    async def has(self, count: int) -> None:
        while len(self.seen) < count:  # noqa: ASYNC110 -- the follower knows of no event.
            await asyncio.sleep(0.05)

    async def clear(self, _: AsyncSession) -> None:
        self.seen.clear()


def assignment(role: str, **more: Any) -> dict[str, Any]:
    return {
        "issuer": ARTA.issuer,
        "subject": "arta",
        "role": role,
        "institution": None,
        "municipality": "prishtine",
        "valid_from": str(TODAY - timedelta(days=1)),
        "valid_until": None,
    } | more


async def assign(
    database: Database, id_: str, data: dict[str, Any] | None, version: int = 1
) -> None:
    async with database.session() as session:
        await publish(
            session,
            type="assignment",
            id=id_,
            version=version,
            data=data,
            op="upsert" if data else "delete",
            audience=SCOPE,
        )


async def roles(here: Database) -> set[str]:
    async with here.session() as session:
        return set((await load_caller(session, ARTA)).roles)


class TestFollower:
    async def test_copies_assignments_and_takes_them_back(
        self, client: ServiceClient, database: Database, here: Database
    ) -> None:
        follower = Follower(client, here, {"assignment": ASSIGNMENTS})
        await assign(database, "1", assignment("analyst"))
        await assign(database, "2", assignment("auditor"))
        assert await follower.step()
        assert await roles(here) == {"analyst", "auditor"}

        await assign(database, "1", None, version=2)
        await assign(database, "2", assignment("dpo"), version=2)
        await follower.step()
        assert await roles(here) == {"dpo"}

    async def test_counts_only_what_is_valid_today(
        self, client: ServiceClient, database: Database, here: Database
    ) -> None:
        ended = str(TODAY - timedelta(days=1))
        begins = str(TODAY + timedelta(days=2))
        await assign(database, "1", assignment("analyst", valid_until=ended))
        await assign(database, "2", assignment("auditor", valid_from=begins))
        await assign(database, "3", assignment("dpo", valid_until=begins))
        await assign(database, "4", assignment("ops", subject="besa"))
        await Follower(client, here, {"assignment": ASSIGNMENTS}).step()

        assert await roles(here) == {"dpo"}

    async def test_moves_its_cursor_only_with_what_it_copied(
        self, client: ServiceClient, database: Database, here: Database
    ) -> None:
        notes = Notes()
        copies = {"assignment": ASSIGNMENTS, "note": Copy(notes.apply, notes.clear)}
        follower = Follower(client, here, copies)
        await assign(database, "1", assignment("analyst"))
        async with database.session() as session:
            await publish(session, type="note", id="n", version=1, data={})
        notes.is_broken = True
        with pytest.raises(BrokenError):
            await follower.step()
        assert await roles(here) == set()

        notes.is_broken = False
        assert await follower.step()
        assert await roles(here) == {"analyst"}
        assert set(notes.seen) == {"n"}

    async def test_tells_how_far_behind_it_is(
        self,
        client: ServiceClient,
        database: Database,
        here: Database,
        copies: ServiceDatabase,
    ) -> None:
        async with here.reader() as connection:
            assert await lag(connection) is None
        await assign(database, "1", assignment("analyst"))
        await Follower(client, here, {}).step()
        await copies.fetch("update follower_cursor set read_to_end_at = now() - interval '70 s'")

        async with here.reader() as connection:
            behind = await lag(connection)
        assert behind is not None
        assert 70 <= behind < 100

    async def test_starts_again_when_the_feed_has_forgotten_its_place(
        self,
        client: ServiceClient,
        database: Database,
        here: Database,
        notes: ServiceDatabase,
    ) -> None:
        follower = Follower(client, here, {"assignment": ASSIGNMENTS})
        await assign(database, "1", assignment("analyst"))
        await assign(database, "2", assignment("auditor"))
        await follower.step()
        await assign(database, "1", None, version=2)
        await notes.fetch("update change set published_at = now() - interval '91 days'")
        async with database.session() as session:
            await forget_tombstones(session)

        assert not await follower.step()
        assert await roles(here) == {"auditor"}
        assert await follower.step()

    async def test_lets_one_of_two_workers_read(
        self, client: ServiceClient, database: Database, here: Database
    ) -> None:
        notes = Notes()
        for number in range(450):
            async with database.session() as session:
                await publish(session, type="note", id=str(number), version=1, data={})
        copies = {"note": Copy(notes.apply, notes.clear)}
        stop = asyncio.Event()
        two = [Follower(client, here, copies, interval=0.01).run(stop) for _ in range(2)]
        following = asyncio.gather(*two)
        async with asyncio.timeout(30):
            await notes.has(450)
        stop.set()
        await following

        assert notes.count == 450

    async def test_waits_for_a_feed_that_is_down_and_stops_when_told_to(
        self, here: Database
    ) -> None:
        stop = asyncio.Event()
        async with ServiceClient("http://127.0.0.1:1", deadline=1) as nobody:
            following = asyncio.create_task(Follower(nobody, here, {}, interval=0.05).run(stop))
            await asyncio.sleep(0.5)
            assert not following.done()
            stop.set()
            await asyncio.wait_for(following, 10)
