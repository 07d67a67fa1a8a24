"""Whether a service may say that it is ready: it can open what is there."""

from dataclasses import replace
from uuid import uuid4

from komuna_referrals.keystore.operations import Keyring, is_ready
from komuna_referrals.sealing import FieldClass
from tests.databases import BLIND_INDEX_KEY
from tests.referrals.keystore.conftest import root_of


class TestReady:
    async def test_is_given_when_what_is_there_opens(self, keyring: Keyring) -> None:
        assert await is_ready(keyring)
        await keyring.create_keys(uuid4(), "thbd", [FieldClass.IDENTITY])
        assert await is_ready(keyring)

    async def test_is_refused_with_another_root_key(self, keyring: Keyring) -> None:
        await keyring.create_keys(uuid4(), "thbd", [FieldClass.IDENTITY])
        assert not await is_ready(replace(keyring, root=root_of(BLIND_INDEX_KEY)))
