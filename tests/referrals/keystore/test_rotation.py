"""An institution's key is replaced while its cases are read, shared, taken back and destroyed."""

import asyncio
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from komuna_referrals.keystore import rotation
from komuna_referrals.keystore.operations import Keyring
from komuna_referrals.sealing import FieldClass
from komuna_shared.errors import NotFoundError
from tests.databases import BLIND_INDEX_KEY, CURSOR_KEY, ROOT_KEY, ServiceDatabase
from tests.referrals.conftest import as_owner

BOTH = (FieldClass.IDENTITY, FieldClass.CONTACT)
THBD, ISF = "thbd", "isf"
AT_ONCE = timedelta(0)


async def versions(keystore: ServiceDatabase) -> dict[int, int]:
    rows = await keystore.fetch(
        "select kek_version, count(*) as keys from wrapped_key where institution = 'thbd' "
        "group by 1"
    )
    return {row["kek_version"]: row["keys"] for row in rows}


async def kept_versions(keystore: ServiceDatabase) -> list[int]:
    rows = await keystore.fetch(
        "select version from institution_key where institution = 'thbd' order by 1"
    )
    return [row["version"] for row in rows]


@pytest.fixture
async def cases(keyring: Keyring) -> list[UUID]:
    found = [uuid4() for _ in range(6)]
    for case in found:
        await keyring.create_keys(case, THBD, BOTH)
        await keyring.share_keys(case, BOTH, THBD, ISF)
    return found


class TestRotation:
    async def test_changes_the_wrap_and_not_the_key(
        self, keyring: Keyring, keystore: ServiceDatabase, cases: list[UUID]
    ) -> None:
        before = [await keyring.open_keys(case, BOTH, THBD) for case in cases]
        store, root = keyring.keystore, keyring.root

        assert await rotation.add_version(store, root, THBD) == 2
        assert await rotation.finish(store, root, THBD, batch=5, patience=AT_ONCE) == 12

        assert await versions(keystore) == {2: 12}
        assert await kept_versions(keystore) == [2]
        assert [await keyring.open_keys(case, BOTH, THBD) for case in cases] == before
        assert [await keyring.open_keys(case, BOTH, ISF) for case in cases] == before

    async def test_wraps_new_keys_with_the_new_version_at_once(
        self, keyring: Keyring, keystore: ServiceDatabase, cases: list[UUID]
    ) -> None:
        await rotation.add_version(keyring.keystore, keyring.root, THBD)
        await keyring.create_keys(uuid4(), THBD, BOTH)

        assert await versions(keystore) == {1: 12, 2: 2}
        assert await keyring.open_keys(cases[0], BOTH, THBD)

    async def test_goes_on_where_it_was_interrupted(
        self, keyring: Keyring, keystore: ServiceDatabase, cases: list[UUID]
    ) -> None:
        store, root = keyring.keystore, keyring.root
        await rotation.add_version(store, root, THBD)
        assert await rotation.rewrap(store, root, THBD, batch=5) == 5
        # Here it is killed: both versions are there, and every case is read.
        assert await versions(keystore) == {1: 7, 2: 5}
        assert await kept_versions(keystore) == [1, 2]
        for case in cases:
            assert await keyring.open_keys(case, BOTH, THBD)

        assert await rotation.finish(store, root, THBD, patience=AT_ONCE) == 7
        assert await kept_versions(keystore) == [2]

    async def test_keeps_the_old_version_while_it_may_be_in_use(
        self, keyring: Keyring, keystore: ServiceDatabase, cases: list[UUID]
    ) -> None:
        assert cases
        store, root = keyring.keystore, keyring.root
        await rotation.add_version(store, root, THBD)

        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.5):
                await rotation.finish(store, root, THBD)

        assert await versions(keystore) == {2: 12}
        assert await kept_versions(keystore) == [1, 2]

    async def test_twice_at_once_is_as_good(
        self, keyring: Keyring, keystore: ServiceDatabase, cases: list[UUID]
    ) -> None:
        store, root = keyring.keystore, keyring.root
        await rotation.add_version(store, root, THBD)

        done = await asyncio.gather(
            *(rotation.finish(store, root, THBD, batch=2, patience=AT_ONCE) for _ in range(2))
        )

        assert sum(done) == 2 * len(cases)
        assert await versions(keystore) == {2: 12}

    @settings(
        max_examples=10,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    @given(st.data())
    async def test_brings_back_nothing_that_was_taken_or_destroyed(
        self, keyring: Keyring, data: st.DataObject
    ) -> None:
        """Whatever happens meanwhile, who lost a key has lost it, and who has one keeps it."""
        cases = [uuid4() for _ in range(8)]
        for case in cases:
            await keyring.create_keys(case, THBD, BOTH)
        fate = st.sampled_from([left_alone, taken_back, destroyed])
        fates = data.draw(st.lists(fate, min_size=8, max_size=8))
        store, root = keyring.keystore, keyring.root
        await rotation.add_version(store, root, THBD)

        async def rewrap() -> None:
            while await rotation.rewrap(store, root, THBD, batch=3):
                pass

        met = (meet(keyring, case) for case, meet in zip(cases, fates, strict=True))
        await asyncio.gather(rewrap(), *met)

        left = [case for case in cases if await has_keys(keyring, case)]
        assert left == [c for c, fate in zip(cases, fates, strict=True) if fate is left_alone]


async def left_alone(keyring: Keyring, case: UUID) -> None:
    del keyring, case


async def taken_back(keyring: Keyring, case: UUID) -> None:
    await keyring.revoke_keys(case, THBD)


async def destroyed(keyring: Keyring, case: UUID) -> None:
    await keyring.destroy_keys(case)


async def has_keys(keyring: Keyring, case: UUID) -> bool:
    try:
        await keyring.open_keys(case, BOTH, THBD)
    except NotFoundError:
        return False
    return True


class TestCommand:
    def run(self, keystore: ServiceDatabase, folder: Path, *options: str) -> str:
        environment = {
            "KOMUNA_ISSUER": "https://login.example.org",
            "KOMUNA_JWKS_URL": "https://login.example.org/keys",
            "KOMUNA_DATABASE_URL": "postgresql+asyncpg://nobody@127.0.0.1:1/komuna",
            "KOMUNA_KEYSTORE_URL": keystore.url,
            "KOMUNA_CURSOR_KEY": CURSOR_KEY.get_secret_value(),
            "KOMUNA_BLIND_INDEX_KEY": BLIND_INDEX_KEY.get_secret_value(),
            "KOMUNA_KEYSTORE_ROOT_KEY": ROOT_KEY.get_secret_value(),
        }
        command = [sys.executable, "-m", "komuna_referrals.rotate_keys", *options]
        done = subprocess.run(
            command,
            env=environment,
            cwd=folder,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout

    async def test_finishes_what_was_interrupted(
        self, keyring: Keyring, keystore: ServiceDatabase, cases: list[UUID], tmp_path: Path
    ) -> None:
        assert cases
        await rotation.add_version(keyring.keystore, keyring.root, THBD)

        async with as_owner(keystore) as owner:
            await owner.execute("update institution_key set created_at = now() - interval '1 hour'")

        said = await asyncio.to_thread(self.run, keystore, tmp_path, "--finish")

        assert said == "Wrapped anew: 12 keys.\n"
        assert await kept_versions(keystore) == [2]
