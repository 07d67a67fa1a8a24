"""Names compared and put in order."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from komuna_registry.naming import alphabetical, findable, normalise, trigrams


class TestNormalise:
    @pytest.mark.parametrize(
        ("text", "normalised"),
        [
            ("Prishtinë/Priština", "prishtine pristina"),
            ("Đakovica", "djakovica"),
            ("  FUSHË-KOSOVË ", "fushe kosove"),
            ("MITROVICĚ", "mitrovice"),
            ("Mamuşa", "mamusa"),
            ("Приштина", "приштина"),
        ],
    )
    def test_forgets_marks_case_and_signs(self, text: str, normalised: str) -> None:
        assert normalise(text) == normalised

    @given(st.text(max_size=60))
    def test_changes_nothing_a_second_time(self, text: str) -> None:
        assert normalise(normalise(text)) == normalise(text)

    @given(st.text(alphabet="abcçdëgjšžčćđ", min_size=1, max_size=30))
    def test_does_not_see_capitals(self, text: str) -> None:
        assert normalise(text.upper()) == normalise(text)


class TestAlphabetical:
    def test_keeps_the_albanian_alphabet(self) -> None:
        letters = "a b c ç d dh e ë f g gj h i j k l ll m n nj o p q r rr s sh t th u v x xh y z zh"

        assert sorted(set(letters.split()), key=alphabetical) == letters.split()

    def test_puts_digraphs_after_their_first_letter(self) -> None:
        names = ["Shtime", "Suharekë", "Skenderaj", "Gllogoc", "Gjilan", "Graçanicë", "Gjakovë"]

        assert sorted(names, key=alphabetical) == [
            "Gllogoc",
            "Graçanicë",
            "Gjakovë",
            "Gjilan",
            "Skenderaj",
            "Suharekë",
            "Shtime",
        ]

    @given(st.text(max_size=40))
    def test_has_a_key_for_every_text(self, text: str) -> None:
        assert alphabetical(text).isascii()


class TestTrigrams:
    def test_cuts_as_postgres_does(self) -> None:
        assert trigrams("viti") == {"  v", " vi", "vit", "iti", "ti "}


class TestFindable:
    def test_is_no_longer_than_its_column_whatever_the_letters_become(self) -> None:
        assert findable(["Gjakovë", "Đakovica"], 500) == "gjakove djakovica"
        assert len(findable(["\ufdfa" * 300], 500)) == 500
