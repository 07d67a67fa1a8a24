"""What is taken for a key, and what is refused."""

import base64
import secrets

import pytest
from hypothesis import given
from hypothesis import strategies as st

from komuna_referrals.root_keys import read_root_key
from komuna_referrals.settings import Settings, WorkerSettings
from komuna_shared.settings import UnsafeSettingsError
from tests.databases import BLIND_INDEX_KEY, CURSOR_KEY, ROOT_KEY


def encoded(key: bytes) -> str:
    return base64.urlsafe_b64encode(key).decode().rstrip("=")


class TestReadRootKey:
    def test_takes_what_our_commands_make(self) -> None:
        for _ in range(1_000):
            made = secrets.token_urlsafe(32)
            assert encoded(read_root_key("KOMUNA_X", made)) == made

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "change-me",
            secrets.token_urlsafe(31),
            secrets.token_urlsafe(33),
            secrets.token_hex(32),
            secrets.token_urlsafe(32) + "=",
            f" {secrets.token_urlsafe(32)}",
            f"{secrets.token_urlsafe(32)}\n",
            secrets.token_urlsafe(32)[:-1] + "!",
            "A" * 43,
            # 43 characters that stand for more bits than 32 bytes have.
            ROOT_KEY.get_secret_value()[:-1] + "B",
            encoded(bytes(32)),
            encoded(bytes(range(32))),
            encoded(bytes(range(0, 64, 2))),
            encoded(bytes(range(16)) * 2),
            encoded(b"correct horse battery staple 123"),
        ],
        # A random key in a name would make every process find other tests.
        ids=lambda text: f"{len(text)}-characters",
    )
    def test_refuses_what_is_short_regular_or_spelled_otherwise(self, text: str) -> None:
        with pytest.raises(UnsafeSettingsError, match="KOMUNA_X") as refused:
            read_root_key("KOMUNA_X", text)
        assert len(text) < 8 or text not in str(refused.value)

    @given(st.text(max_size=60))
    def test_refuses_any_text_that_is_no_key(self, text: str) -> None:
        with pytest.raises(UnsafeSettingsError):
            read_root_key("KOMUNA_X", text)


class TestSettings:
    @pytest.mark.parametrize("name", ["keystore_root_key", "blind_index_key"])
    def test_refuse_a_weak_key_and_none(self, settings: Settings, name: str) -> None:
        values = settings.model_dump()

        with pytest.raises(ValueError, match=f"KOMUNA_{name.upper()}"):
            Settings(**values | {name: "a key that somebody made up, 43 characters!"})
        with pytest.raises(ValueError, match=name):
            Settings(**{one: value for one, value in values.items() if one != name})

    @pytest.mark.parametrize(
        "same",
        [
            {"blind_index_key": ROOT_KEY},
            {"cursor_key": ROOT_KEY},
            {"cursor_key": BLIND_INDEX_KEY},
        ],
    )
    def test_refuse_one_key_for_two_uses(self, settings: Settings, same: dict[str, str]) -> None:
        assert CURSOR_KEY not in same.values()
        with pytest.raises(ValueError, match="another use"):
            Settings(**settings.model_dump() | same)

    def test_show_no_key(self, settings: Settings) -> None:
        for secret in (ROOT_KEY, BLIND_INDEX_KEY):
            assert secret.get_secret_value() not in f"{settings!r}{settings}"
        assert repr(settings.root_key) not in repr(settings)

    def test_of_the_worker_hold_none_of_them(self) -> None:
        assert not {"keystore_root_key", "blind_index_key"} & set(WorkerSettings.model_fields)
