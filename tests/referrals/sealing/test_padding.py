"""A length tells which bucket a text is in, and no more."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from komuna_referrals.sealing.padding import BUCKETS, PaddingError, pad, padded_length, unpad


class TestPad:
    @given(st.binary(max_size=20_000))
    def test_is_undone_by_unpad(self, text: bytes) -> None:
        assert unpad(pad(text)) == text

    @given(st.binary(max_size=20_000))
    def test_gives_few_lengths(self, text: bytes) -> None:
        length = len(pad(text))

        assert length in BUCKETS or length % BUCKETS[-1] == 0
        assert length > len(text)

    @pytest.mark.parametrize(
        ("length", "padded"),
        [(0, 32), (31, 32), (32, 64), (255, 256), (256, 1024), (4095, 4096), (4096, 8192)],
    )
    def test_keeps_one_byte_for_the_end(self, length: int, padded: int) -> None:
        assert padded_length(length) == padded

    def test_keeps_texts_that_look_padded(self) -> None:
        for text in (b"", b"\x80", b"a\x80\x00", bytes(31), b"\x80" * 32):
            assert unpad(pad(text)) == text


class TestUnpad:
    @pytest.mark.parametrize(
        "text", [b"", bytes(32), b"a" * 32, b"\x80", pad(b"a")[:-1], pad(b"a") + b"\x00" * 32]
    )
    def test_refuses_what_was_not_padded(self, text: bytes) -> None:
        with pytest.raises(PaddingError):
            unpad(text)
