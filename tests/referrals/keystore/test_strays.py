"""Keys that an institution was given and has no use for are taken back, and no others."""

from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import pytest

from komuna_referrals.keystore.jobs import sweeping
from komuna_referrals.keystore.operations import Keyring
from komuna_referrals.keystore.strays import sweep_strays
from komuna_referrals.sealing import FieldClass
from komuna_shared.database import Database
from komuna_shared.errors import NotFoundError
from tests.databases import ServiceDatabase
from tests.referrals.conftest import Plant, as_owner
from tests.referrals.team import Team, team

__all__ = ["team"]

BOTH = (FieldClass.IDENTITY, FieldClass.CONTACT)
THBD, VAAO, ISF = "thbd", "vaao", "isf"


@pytest.fixture
async def data(database: ServiceDatabase) -> AsyncIterator[Database]:
    """The data as the worker enters it."""
    opened = Database(database.worker_url, service="referrals")
    yield opened
    await opened.close()


async def age(keystore: ServiceDatabase, *, hours: float = 25) -> None:
    """Let every key that is held now have been given some hours ago."""
    async with as_owner(keystore) as owner:
        await owner.execute(
            "update wrapped_key set created_at = now() - $1::interval", timedelta(hours=hours)
        )


async def holds(keyring: Keyring, case: UUID, institution: str) -> bool:
    try:
        await keyring.open_keys(case, [FieldClass.IDENTITY], institution)
    except NotFoundError:
        return False
    return True


class TestSweep:
    async def test_takes_back_what_an_acceptance_that_failed_had_handed_over(
        self, team: Team, database: ServiceDatabase, keystore: ServiceDatabase, data: Database
    ) -> None:
        case = await team.open_case()
        await team.consent(case)
        which = await team.send(case)
        async with as_owner(database) as owner:
            await owner.execute(
                "alter table audit_event add constraint full_up check "
                "(action <> 'referral.accepted')"
            )
        assert (await team.accept(which)).status_code == 503
        keyring = team.api.state.keyring
        assert await holds(keyring, UUID(case), ISF)
        await age(keystore)

        assert await sweep_strays(keyring.keystore, data) == 1

        held = {one: await holds(keyring, UUID(case), one) for one in (THBD, VAAO, ISF)}
        assert held == {THBD: True, VAAO: True, ISF: False}
        # Whoever accepts then is given them anew.
        async with as_owner(database) as owner:
            await owner.execute("alter table audit_event drop constraint full_up")
        said = {"responsible": "x", "handover": "in_person", "meet_at": "2026-11-23T09:00:00Z"}
        assert (await team.move(ISF, which, "accepted", **said)).status_code == 201
        assert (await team.get(ISF, f"/cases/{case}/person")).status_code == 200

    async def test_leaves_what_was_handed_over_today(
        self, keyring: Keyring, keystore: ServiceDatabase, data: Database, plant_case: Plant
    ) -> None:
        case = await plant_case(THBD)
        await keyring.create_keys(case, THBD, BOTH)
        await keyring.share_keys(case, BOTH, THBD, ISF)
        await age(keystore)
        # Handed over once more: an acceptance that has not said yet that it is one.
        await keyring.share_keys(case, BOTH, THBD, ISF)

        assert await sweep_strays(keyring.keystore, data) == 0

        assert await holds(keyring, case, ISF)

    async def test_leaves_everybody_who_sees_the_case(
        self, keyring: Keyring, keystore: ServiceDatabase, data: Database, plant_case: Plant
    ) -> None:
        case = await plant_case(THBD, partners=(VAAO,))
        await keyring.create_keys(case, THBD, BOTH)
        await keyring.share_keys(case, BOTH, THBD, VAAO)
        await age(keystore)

        assert await sweep_strays(keyring.keystore, data) == 0

        assert all([await holds(keyring, case, one) for one in (THBD, VAAO)])

    async def test_never_takes_the_last_one(
        self,
        keyring: Keyring,
        keystore: ServiceDatabase,
        database: ServiceDatabase,
        data: Database,
        plant_case: Plant,
    ) -> None:
        case, other = await plant_case(THBD), await plant_case(VAAO)
        for one, owner_of in ((case, THBD), (other, THBD)):
            await keyring.create_keys(one, owner_of, BOTH)
        async with as_owner(database) as owner:
            # Nobody sees one; who sees the other has no key of it. Neither is a reason to lose it.
            await owner.execute("delete from case_access where case_id = $1", case)
        await age(keystore)

        assert await sweep_strays(keyring.keystore, data) == 0

        assert await holds(keyring, case, THBD)
        assert await holds(keyring, other, THBD)

    async def test_is_what_the_nightly_job_does(
        self, keyring: Keyring, keystore: ServiceDatabase, data: Database, plant_case: Plant
    ) -> None:
        case = await plant_case(THBD)
        await keyring.create_keys(case, THBD, BOTH)
        await keyring.share_keys(case, BOTH, THBD, ISF)
        await age(keystore)

        await sweeping(keystore.url).handler(data, {})

        assert not await holds(keyring, case, ISF)
        assert await holds(keyring, case, THBD)
