"""A sealed value opens in its place and nowhere else, whatever is done to it."""

import os
from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import given
from hypothesis import strategies as st

from komuna_referrals.sealing import (
    DataKey,
    FieldClass,
    Place,
    SealBrokenError,
    seal,
    unseal,
)

PLACE = Place("person", "first_name", UUID("6f1e4c0e-8a3b-4d52-9a35-0e6c8d2b7f11"), 3)
KEY = DataKey(UUID("0b9a2f64-55e1-4f0a-8a26-c1d4b8a9e702"), FieldClass.IDENTITY, bytes(range(32)))
HEAD, NONCE = 2 + 16, 12

names = st.text("abcdefghijklmnopqrstuvwxyz_", min_size=1, max_size=20)
places = st.builds(
    Place,
    table=names,
    column=names,
    row_id=st.uuids(),
    row_version=st.integers(0, 2**63 - 1),
)
texts = st.binary(max_size=6_000)


class TestSeal:
    @given(texts, places)
    def test_is_undone_by_unseal(self, text: bytes, place: Place) -> None:
        assert unseal(KEY, seal(KEY, text, place), place) == text

    def test_is_different_every_time(self) -> None:
        assert len({seal(KEY, b"Arta", PLACE) for _ in range(50)}) == 50

    @given(st.binary(max_size=31), st.binary(max_size=31))
    def test_gives_short_texts_one_length(self, one: bytes, other: bytes) -> None:
        assert len(seal(KEY, one, PLACE)) == len(seal(KEY, other, PLACE)) == HEAD + NONCE + 32 + 16

    def test_is_what_the_decision_record_says(self) -> None:
        """Read with bare AES and GCM, by the words of docs/decisions/0016 and none of our code."""
        sealed = seal(KEY, b"Arta Krasniqi", PLACE)

        assert sealed[:2] == b"\x01\x01"
        assert UUID(bytes=sealed[2:18]) == KEY.id
        nonce, text, tag = sealed[18:30], sealed[30:-16], sealed[-16:]
        opener = Cipher(algorithms.AES(KEY.secret), modes.GCM(nonce, tag)).decryptor()
        for part in (
            b"referrals",
            b"person",
            b"first_name",
            PLACE.row_id.bytes,
            (3).to_bytes(8, "big"),
            b"\x01",
        ):
            opener.authenticate_additional_data(len(part).to_bytes(4, "big") + part)
        opened = opener.update(text) + opener.finalize()
        assert opened == b"Arta Krasniqi\x80" + bytes(32 - 14)

    def test_opens_what_was_sealed_when_the_format_was_fixed(self) -> None:
        kept = bytes.fromhex(
            "01010b9a2f6455e14f0a8a26c1d4b8a9e702"
            "000102030405060708090a0b"
            "146aa669a09601b00d41978bb1e9786d83d68734f07b5f7c3867e5851d6900b2"
            "17e11b7819fc74ee32f0f3edb6e239a4"
        )

        assert unseal(KEY, kept, PLACE) == "Shpresë".encode()


class TestUnseal:
    @given(texts, places, places)
    def test_refuses_another_place(self, text: bytes, place: Place, other: Place) -> None:
        if place == other:
            return
        with pytest.raises(SealBrokenError):
            unseal(KEY, seal(KEY, text, place), other)

    @pytest.mark.parametrize(
        "moved",
        [
            replace(PLACE, table="case_account"),
            replace(PLACE, column="last_name"),
            replace(PLACE, row_id=uuid4()),
            replace(PLACE, row_version=2),
            replace(PLACE, row_version=4),
            # The same bytes in a row, cut elsewhere.
            replace(PLACE, table="personfirst", column="_name"),
        ],
    )
    def test_refuses_what_was_moved_or_is_older(self, moved: Place) -> None:
        with pytest.raises(SealBrokenError):
            unseal(KEY, seal(KEY, b"Arta", moved), PLACE)

    @given(st.data(), texts)
    def test_refuses_any_changed_byte(self, data: st.DataObject, text: bytes) -> None:
        sealed = bytearray(seal(KEY, text, PLACE))
        at = data.draw(st.integers(0, len(sealed) - 1))
        sealed[at] ^= data.draw(st.integers(1, 255))

        with pytest.raises(SealBrokenError):
            unseal(KEY, bytes(sealed), PLACE)

    @pytest.mark.parametrize("at", [0, 1, 2, 17, 18, 29, 30, -1])
    def test_refuses_a_change_of_each_part(self, at: int) -> None:
        sealed = bytearray(seal(KEY, b"Arta", PLACE))
        sealed[at] ^= 1

        with pytest.raises(SealBrokenError):
            unseal(KEY, bytes(sealed), PLACE)

    @given(st.data())
    def test_refuses_what_was_cut_or_lengthened(self, data: st.DataObject) -> None:
        sealed = seal(KEY, b"Arta", PLACE)
        cut = sealed[: data.draw(st.integers(0, len(sealed) - 1))]
        longer = sealed + data.draw(st.binary(min_size=1, max_size=40))

        for changed in (cut, longer):
            with pytest.raises(SealBrokenError):
                unseal(KEY, changed, PLACE)

    def test_refuses_another_key_that_says_it_is_the_same(self) -> None:
        other = replace(KEY, secret=os.urandom(32))

        with pytest.raises(SealBrokenError):
            unseal(other, seal(KEY, b"Arta", PLACE), PLACE)

    def test_refuses_the_same_key_under_another_id(self) -> None:
        with pytest.raises(SealBrokenError):
            unseal(replace(KEY, id=uuid4()), seal(KEY, b"Arta", PLACE), PLACE)

    def test_says_nothing_of_what_it_could_not_open(self) -> None:
        with pytest.raises(SealBrokenError) as refused:
            unseal(KEY, seal(KEY, b"Arta", PLACE)[:-1], PLACE)

        assert refused.value.__cause__ is None
        assert "Arta" not in f"{refused.value!r}{refused.value}"


class TestDataKey:
    def test_shows_its_bytes_in_no_text(self) -> None:
        for text in (repr(KEY), str(KEY), f"{KEY}", f"{[KEY]!r}"):
            assert KEY.secret.hex() not in text
            assert repr(KEY.secret)[2:20] not in text
            assert "secret" not in text
