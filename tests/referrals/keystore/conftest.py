"""A keystore of its own for each test, and the keyring that opens it."""

from collections.abc import AsyncIterator

import pytest
from pydantic import SecretStr

from komuna_referrals.keystore.operations import Keyring
from komuna_referrals.root_keys import read_root_key
from komuna_shared.database import Database
from tests.databases import ROOT_KEY, ServiceDatabase, database_fixture

keystore = database_fixture("keystore_referrals", "komuna_referrals.keystore")


def root_of(secret: SecretStr) -> bytes:
    return read_root_key("KOMUNA_KEYSTORE_ROOT_KEY", secret.get_secret_value())


@pytest.fixture
async def keyring(keystore: ServiceDatabase) -> AsyncIterator[Keyring]:
    opened = Database(keystore.url, pool_size=5, service="referrals_keystore")
    yield Keyring(opened, root_of(ROOT_KEY))
    await opened.close()
