"""JSON read strictly."""

import json
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from komuna_shared.errors import BadRequestError
from komuna_shared.strict_json import parse

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"])),
            inner,
            max_size=3,
        )
    ),
    max_leaves=10,
)


class TestParse:
    @settings(deadline=None)
    @given(VALUES)
    def test_reads_what_json_can_say(self, value: Any) -> None:
        assert parse(orjson.dumps(value)) == value
        assert parse(json.dumps(value).encode()) == value

    @pytest.mark.parametrize(
        ("body", "code"),
        [
            (b'{"a": 1, "a": 1}', "duplicate_key"),
            (b'[{"b": {"a": 1, "a": 2}}]', "duplicate_key"),
            (b'{"a": 1, "\\u0061": 2}', "duplicate_key"),
            (b"NaN", "not_a_number"),
            (b"[Infinity]", "not_a_number"),
            (b"[-Infinity]", "not_a_number"),
            (b"1e400", "not_a_number"),
            (b"[" * 17 + b"]" * 17, "too_deep"),
            (b"[" * 100_000, "too_deep"),
            (b"[" * 15 + b'{"a":{"b":1}}' + b"]" * 15, "too_deep"),
            (b"", "malformed_json"),
            (b"{'a': 1}", "malformed_json"),
            (b"[1,]", "malformed_json"),
            (b"[1] [2]", "malformed_json"),
            (b"\xef\xbb\xbf{}", "malformed_json"),
            (b'"\xe9"', "malformed_json"),
            (b'"\\ud83d"', "malformed_json"),
            (b'{"\\u0000": 1}', "malformed_json"),
            (b"1" * 5000, "malformed_json"),
        ],
        ids=lambda value: str(value)[:30],
    )
    def test_refuses(self, body: bytes, code: str) -> None:
        with pytest.raises(BadRequestError) as refused:
            parse(body)

        assert refused.value.code == code

    @pytest.mark.parametrize(
        ("body", "value"),
        [
            (b'"\\ud83d\\ude00"', "😀"),
            (b'"\\\\u0000"', "\\u0000"),
            (b'["' + b"[" * 40 + b'"]', ["[" * 40]),
            (b"[" * 16 + b"]" * 16, [[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]),
        ],
        ids=lambda value: str(value)[:30],
    )
    def test_accepts_what_only_looks_bad(self, body: bytes, value: Any) -> None:
        assert parse(body) == value
