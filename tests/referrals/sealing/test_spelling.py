"""The spellings of one name are one; most different names stay different."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from komuna_referrals.sealing.spelling import fold_name, fold_number, fold_telephone

SAME = [
    ("Shpresa", "Špresa", "Шпреса", "SPRESA", "Shpresa "),
    ("Hoxha", "Hodža", "Хоџа", "Hodza", "HOXHA"),
    ("Thaçi", "Tači", "Тачи", "Thaci", "Taqi"),
    ("Gjorgjeviq", "Đorđević", "Djordjevic", "Ђорђевић", "Gjorgjevic"),
    ("Krasniqi", "Krasnići", "Красници", "Krasnici"),
    ("Xhemajl", "Džemajl", "Џемајл", "Džemail"),
    ("Luljeta", "Ljuljeta", "Љуљета"),
    ("Rexhepi", "Redžepi", "Реџепи", "Redzepi"),
    ("Ana-Maria", "Ana Maria", "AnaMarija"),
    ("Ymer", "Imer", "Имер"),
    ("Zenelë", "Zenele"),
    ("O'Hara", "O\N{RIGHT SINGLE QUOTATION MARK}Hara", "Ohara"),
]
# What a reader would call two names.
DIFFERENT = [
    ("Arta", "Arben"),
    ("Krasniqi", "Kelmendi"),
    ("Jovanović", "Petrović"),
    ("Besa", "Beta"),
    ("Милица", "Марица"),
]


class TestFoldName:
    @pytest.mark.parametrize("spellings", SAME, ids=lambda one: str(one[0]))
    def test_makes_one_of_the_spellings_of_a_name(self, spellings: tuple[str, ...]) -> None:
        assert len({fold_name(one) for one in spellings}) == 1

    @pytest.mark.parametrize(("one", "other"), DIFFERENT)
    def test_keeps_different_names_apart(self, one: str, other: str) -> None:
        assert fold_name(one) != fold_name(other)

    @given(st.text(max_size=40))
    def test_does_not_mind_how_letters_are_composed(self, name: str) -> None:
        forms = {fold_name(unicodedata.normalize(form, name)) for form in ("NFC", "NFD")}

        assert len(forms) == 1

    @given(st.text("abcčćdđefghijklmnoprsštuvzžëçABÇË -'", max_size=40))
    def test_does_not_mind_capitals_and_blanks(self, name: str) -> None:
        assert fold_name(f" {name.upper()} ") == fold_name(name)


class TestFoldTelephone:
    @pytest.mark.parametrize(
        "number", ["+38344123456", "+383 44 123-456", "00383 44 123 456", "044 123 456", "44123456"]
    )
    def test_makes_one_of_the_spellings_of_a_number(self, number: str) -> None:
        assert fold_telephone(number) == "+38344123456"

    def test_keeps_the_country(self) -> None:
        assert fold_telephone("+381 44 123 456") != fold_telephone("+383 44 123 456")


def test_a_personal_number_is_its_letters_and_digits() -> None:
    assert fold_number(" 12 34-567.890 ") == fold_number("1234567890")
