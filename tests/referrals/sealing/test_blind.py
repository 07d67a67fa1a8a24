"""A person is found by a digest that names nobody."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from komuna_referrals.sealing.blind import BITS, BlindIndex

ROOT = bytes(range(32))
INDEX = BlindIndex(ROOT)


class TestName:
    @pytest.mark.parametrize(
        ("first", "last"),
        [
            ("Shpresa", "Hoxha"),
            ("Špresa", "Hodža"),
            ("Шпреса", "Хоџа"),
            ("spresa", "HODZA"),
            # Whoever wrote it down took one for the other.
            ("Hoxha", "Shpresa"),
        ],
    )
    def test_is_one_for_all_spellings(self, first: str, last: str) -> None:
        assert INDEX.name(first, last, 1999) == INDEX.name("Shpresa", "Hoxha", 1999)

    def test_depends_on_each_part(self) -> None:
        names = [("Arta", "Gashi", 1999), ("Arta", "Gashi", 2000), ("Arta", "Berisha", 1999)]
        names += [("Besa", "Gashi", 1999), ("ArtaG", "ashi", 1999)]

        assert len({INDEX.name(*one) for one in names}) == len(names)

    @given(st.text(max_size=30), st.text(max_size=30), st.integers(1900, 2030))
    def test_has_one_length(self, first: str, last: str, year: int) -> None:
        assert len(INDEX.name(first, last, year)) == 2


class TestDigest:
    def test_is_shared_by_as_many_as_the_page_says(self) -> None:
        """As many values as there are marks meet one other each, within what chance allows."""
        found = Counter(INDEX.personal_number(f"{number:010}") for number in range(2**BITS))

        assert BITS == 16
        met = sum(count * (count - 1) for count in found.values()) / 2**BITS
        assert 0.95 < met < 1.05

    def test_has_a_key_of_its_own_for_each_field(self) -> None:
        values = [f"+383{number}" for number in range(44_100_000, 44_100_200)]

        same = sum(INDEX.telephone(one) == INDEX.personal_number(one) for one in values)

        assert same < 3

    @pytest.mark.parametrize("other", [BlindIndex(ROOT, "linkage"), BlindIndex(bytes(32))])
    def test_has_other_keys_for_other_purposes_and_roots(self, other: BlindIndex) -> None:
        values = [f"{number:010}" for number in range(200)]

        same = sum(INDEX.personal_number(one) == other.personal_number(one) for one in values)

        assert same < 3

    def test_stays_what_it_was_when_the_first_was_stored(self) -> None:
        assert INDEX.name("Shpresa", "Hoxha", 1999).hex() == "ad10"
        assert INDEX.telephone("+38344123456").hex() == "16c4"
        assert INDEX.personal_number("1234567890").hex() == "add3"


def test_the_root_is_in_no_text() -> None:
    assert "root" not in repr(INDEX)
