"""A key without data is swept after a day, a key of a case never."""

import asyncio
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID, uuid4

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from komuna_referrals.keystore.jobs import sweeping
from komuna_referrals.keystore.operations import Keyring
from komuna_referrals.keystore.orphans import sweep_orphans
from komuna_referrals.sealing import FieldClass
from komuna_shared.database import Database
from komuna_shared.errors import NotFoundError
from tests.databases import ROOT_KEY, ServiceDatabase
from tests.referrals.conftest import Plant, as_owner

BOTH = (FieldClass.IDENTITY, FieldClass.CONTACT)
THBD = "thbd"

# What a request does, with nothing left to chance: it dies where it says.
DIES = """
import asyncio, os, signal, sys
from uuid import UUID
from komuna_referrals.keystore.operations import Keyring
from komuna_referrals.root_keys import read_root_key
from komuna_referrals.sealing import FieldClass
from komuna_shared.database import Database

async def main():
    keyring = Keyring(Database(sys.argv[1]), read_root_key("X", sys.argv[2]))
    await keyring.create_keys(UUID(sys.argv[3]), "thbd", [FieldClass.IDENTITY])
    os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main())
"""


@pytest.fixture
async def data(database: ServiceDatabase) -> AsyncIterator[Database]:
    """The data as the worker enters it."""
    opened = Database(database.worker_url, service="referrals")
    yield opened
    await opened.close()


async def age(keystore: ServiceDatabase, case: UUID, hours: float) -> None:
    async with as_owner(keystore) as owner:
        await owner.execute(
            "update data_key set created_at = now() - $2::interval where case_id = $1",
            case,
            timedelta(hours=hours),
        )


async def has_keys(keyring: Keyring, case: UUID) -> bool:
    try:
        await keyring.open_keys(case, [FieldClass.IDENTITY], THBD)
    except NotFoundError:
        return False
    return True


class TestSweep:
    async def test_destroys_what_is_old_and_has_no_case(
        self, keyring: Keyring, keystore: ServiceDatabase, data: Database, plant_case: Plant
    ) -> None:
        live, orphan, young = await plant_case(THBD), uuid4(), uuid4()
        for case in (live, orphan, young):
            await keyring.create_keys(case, THBD, BOTH)
        for case in (live, orphan):
            await age(keystore, case, 25)
        await age(keystore, young, 23)

        assert await sweep_orphans(keyring.keystore, data) == 1

        assert await has_keys(keyring, live)
        assert await has_keys(keyring, young)
        assert not await has_keys(keyring, orphan)

    async def test_destroys_nothing_where_no_case_is_to_be_seen(
        self, keyring: Keyring, keystore: ServiceDatabase, data: Database
    ) -> None:
        """A closed wall looks like an empty mechanism; it must not cost every key."""
        case = uuid4()
        await keyring.create_keys(case, THBD, BOTH)
        await age(keystore, case, 1_000)

        assert await sweep_orphans(keyring.keystore, data) == 0
        assert await has_keys(keyring, case)

    async def test_is_what_the_worker_does_at_night(
        self,
        keyring: Keyring,
        keystore: ServiceDatabase,
        data: Database,
        plant_case: Plant,
    ) -> None:
        await plant_case(THBD)
        orphan = uuid4()
        await keyring.create_keys(orphan, THBD, BOTH)
        await age(keystore, orphan, 25)

        await sweeping(keystore.url).handler(data, {})

        assert not await has_keys(keyring, orphan)

    @settings(
        max_examples=15,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    @given(st.lists(st.tuples(st.booleans(), st.floats(0, 100)), min_size=1, max_size=6))
    async def test_never_destroys_a_key_of_a_case(
        self,
        keyring: Keyring,
        keystore: ServiceDatabase,
        data: Database,
        plant_case: Plant,
        drawn: list[tuple[bool, float]],
    ) -> None:
        made = []
        for has_case, hours in drawn:
            case = await plant_case(THBD) if has_case else uuid4()
            await keyring.create_keys(case, THBD, BOTH)
            await age(keystore, case, hours)
            made.append((case, has_case, hours))
        anybody = bool(await ids_of_no_case(data))

        await sweep_orphans(keyring.keystore, data)

        for case, has_case, hours in made:
            stays = has_case or hours < 24 or not anybody
            assert await has_keys(keyring, case) is stays


async def ids_of_no_case(data: Database) -> list[UUID]:
    """Return an id that is of no case, if the worker can be sure of that."""
    async with data.session() as session:
        asked = {"asked": [UUID(int=0)]}
        found = await session.scalar(text("select unknown_cases(cast(:asked as uuid[]))"), asked)
    return list(found or [])


class TestKilledInBetween:
    async def test_leaves_a_key_that_is_swept_and_no_data_without_key(
        self, keyring: Keyring, keystore: ServiceDatabase, data: Database, plant_case: Plant
    ) -> None:
        await plant_case(THBD)
        case = uuid4()
        root = ROOT_KEY.get_secret_value()
        command = [sys.executable, "-c", DIES, keystore.url, root, str(case)]

        died = await asyncio.to_thread(subprocess.run, command, check=False, timeout=60)

        assert died.returncode == -signal.SIGKILL
        assert await has_keys(keyring, case)
        assert await sweep_orphans(keyring.keystore, data) == 0
        await age(keystore, case, 25)
        assert await sweep_orphans(keyring.keystore, data) == 1
        assert not await has_keys(keyring, case)


class TestUnknownCases:
    async def test_tells_the_worker_nothing_else(
        self, database: ServiceDatabase, plant_case: Plant
    ) -> None:
        await plant_case(THBD)
        connection = await asyncpg.connect(database.worker_url.replace("+asyncpg", ""))
        try:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.fetch("select id from case_record")
        finally:
            await connection.close()
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await database.fetch("select unknown_cases(array[]::uuid[])")
