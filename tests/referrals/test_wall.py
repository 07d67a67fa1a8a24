"""A request's transaction and its ticket, as the service hands it over."""

import asyncio

import asyncpg
import pytest
from fastapi import APIRouter, FastAPI
from sqlalchemy import text

from komuna_referrals.access import CaseReader
from komuna_referrals.main import create_api
from komuna_referrals.settings import Settings
from komuna_referrals.wall import Guarded, acting
from komuna_shared.app import create_service, serve
from komuna_shared.database import Database, raw, release
from komuna_shared.testing import asgi_client
from tests.databases import ServiceDatabase
from tests.referrals.casework import Headers
from tests.referrals.conftest import PRIZREN, Grant, Plant, trail

router = APIRouter(redirect_slashes=False)


@router.get("/v1/acting")
async def tell_acting(session: Guarded, _: CaseReader) -> dict[str, object]:
    """Tell for whom the transaction acts."""
    found = await acting(session)
    return {"institution": found.institution, "roles": sorted(found.roles)}


@router.get("/v1/counts")
async def count_cases(session: Guarded, _: CaseReader) -> dict[str, list[int]]:
    """Count what is seen: at first, inside a savepoint, after a rollback, and by the driver."""
    ask = text("select count(*) from case_record")
    counts = [await session.scalar(ask)]
    async with session.begin_nested():
        counts.append(await session.scalar(ask))
    await release(session)
    counts.append(await session.scalar(ask))
    driver = await raw(session)
    counts.append(await driver.fetchval("select count(*) from case_record"))
    return {"counts": [int(one or 0) for one in counts]}


@router.get("/v1/writes")
async def write(session: Guarded, _: CaseReader) -> None:
    """Write what a policy lets in only from who acts for somebody."""
    await session.execute(
        text(
            "insert into idempotency_key (client_id, subject, route, key_hash, fingerprint) "
            "values ('w', 'somebody', '', '', '')"
        )
    )


@pytest.fixture
def api(settings: Settings) -> FastAPI:
    api = create_service("referrals", settings=settings, routers=[router], description="Asks.")
    # As few connections as can be: a request that held one and wanted another would wait for ever.
    api.state.database = Database(
        settings.database_url.get_secret_value(), pool_size=1, service="referrals"
    )
    return api


class TestGuarded:
    async def test_acts_for_the_caller(self, api: FastAPI, headers: Headers, grant: Grant) -> None:
        await grant("social_worker")

        async with asgi_client(serve(api)) as client:
            answered = await client.get("/v1/acting", headers=headers())

        assert answered.json() == {"institution": PRIZREN, "roles": ["social_worker"]}

    @pytest.mark.parametrize(
        "ticket", [None, "", ".", "a.b", "e30.00", "ä.00", "x" * 3000, "e30." + "0" * 64, "AA.00"]
    )
    async def test_acts_for_nobody_without_a_ticket(
        self, api: FastAPI, headers: Headers, grant: Grant, plant_case: Plant, ticket: str | None
    ) -> None:
        await grant("social_worker")
        await plant_case()
        sent: dict[str, str | bytes] = {**headers()}
        del sent["komuna-ticket"]
        if ticket is not None:
            sent["komuna-ticket"] = ticket.encode()

        async with asgi_client(serve(api)) as client:
            told = await client.get("/v1/acting", headers=sent)  # type: ignore[arg-type]
            seen = await client.get("/v1/counts", headers=sent)  # type: ignore[arg-type]
            wrote = await client.get("/v1/writes", headers=sent)  # type: ignore[arg-type]

        assert (told.status_code, told.json()["code"]) == (403, "forbidden")
        assert seen.json() == {"counts": [0, 0, 0, 0]}
        assert (wrote.status_code, wrote.json()["code"]) == (403, "forbidden")

    async def test_enters_every_transaction_of_the_request(
        self, api: FastAPI, headers: Headers, grant: Grant, plant_case: Plant
    ) -> None:
        await grant("social_worker")
        await plant_case()

        async with asgi_client(serve(api)) as client:
            seen = await client.get("/v1/counts", headers=headers())

        assert seen.json() == {"counts": [1, 1, 1, 1]}

    async def test_takes_no_ticket_of_anybody_else(
        self, api: FastAPI, headers: Headers, grant: Grant, plant_case: Plant
    ) -> None:
        await grant("social_worker")
        await grant("advocate")
        await plant_case()
        other = headers("persona:advocate")["komuna-ticket"]

        async with asgi_client(serve(api)) as client:
            seen = await client.get("/v1/counts", headers=headers(komuna_ticket=other))

        assert seen.json() == {"counts": [0, 0, 0, 0]}

    async def test_holds_no_connection_while_the_access_is_recorded(
        self, api: FastAPI, headers: Headers, grant: Grant, database: ServiceDatabase
    ) -> None:
        await grant("social_worker")

        async with asgi_client(serve(api)) as client:
            asked = (client.get("/v1/acting", headers=headers()) for _ in range(4))
            answers = await asyncio.gather(*asked)

        assert [one.status_code for one in answers] == [200] * 4
        assert len(await trail(database)) == 4

    async def test_logs_that_nobody_entered_and_nothing_of_the_ticket(
        self,
        settings: Settings,
        headers: Headers,
        grant: Grant,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        await grant("social_worker")
        sent = headers()
        forged = sent["komuna-ticket"][:-4] + "0000"

        async with asgi_client(serve(create_api(settings))) as client:
            await client.get("/v1/cases", headers=sent | {"komuna-ticket": forged})

        told = capsys.readouterr().out
        assert '"code":"ticket_refused"' in told
        assert forged not in told
        assert forged.partition(".")[0] not in told


class TestBareSession:
    async def test_shows_nothing(self, database: ServiceDatabase, plant_case: Plant) -> None:
        await plant_case()

        assert await database.fetch("select id from case_record") == []
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await database.fetch("select ctx.opened()")
