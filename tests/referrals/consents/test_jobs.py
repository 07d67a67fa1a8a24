"""Keys are taken back after an access ended, however often the job runs."""

from uuid import UUID

import orjson
import pytest

from komuna_referrals.consents.jobs import REVOKE, revoking
from komuna_referrals.sealing import FieldClass
from komuna_referrals.settings import Settings
from komuna_shared.database import Database
from komuna_shared.errors import NotFoundError
from tests.databases import ServiceDatabase
from tests.referrals.conftest import as_owner
from tests.referrals.team import Team


async def run(settings: Settings, database: ServiceDatabase, payload: dict[str, str]) -> None:
    data = Database(database.worker_url, service="referrals")
    try:
        await revoking(settings.keystore_url.get_secret_value())(data, payload)
    finally:
        await data.close()


class TestRevoking:
    async def test_takes_the_keys_back_and_leaves_the_owners(
        self, team: Team, settings: Settings, database: ServiceDatabase
    ) -> None:
        case, given, _ = await team.accepted()
        keyring = team.api.state.keyring
        await team.post("vaao", f"/consents/{given}/withdrawals")
        async with as_owner(database) as owner:
            payload = await owner.fetchval(
                "select payload from pgqueuer where entrypoint = $1", REVOKE
            )

        for _ in range(2):
            await run(settings, database, orjson.loads(payload))

        with pytest.raises(NotFoundError):
            await keyring.open_key(UUID(case), FieldClass.IDENTITY, "isf")
        assert await keyring.open_key(UUID(case), FieldClass.IDENTITY, "thbd")

    async def test_leaves_whoever_was_let_in_anew(
        self, team: Team, settings: Settings, database: ServiceDatabase
    ) -> None:
        case, given, _ = await team.accepted()
        await team.post("vaao", f"/consents/{given}/withdrawals")
        await team.consent(case)
        assert (await team.accept(await team.send(case))).status_code == 201

        await run(settings, database, {"case_id": case, "institution": "isf"})

        assert (await team.get("isf", f"/cases/{case}/person")).status_code == 200
