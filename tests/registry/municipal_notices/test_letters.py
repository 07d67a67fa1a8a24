"""The letter to a mayor, read back out of its PDF."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

import komuna_registry
from komuna_registry.municipal_notices.letters import Letter, find_language, write_letter
from komuna_registry.municipal_notices.rules import SubjectKind
from komuna_shared.languages import LANGUAGES, add_catalogue

from .conftest import TEXTS, read_pdf

NUMBER = UUID("0197a3c0-7d1e-7c6f-a6e6-c69e8470ada1")
URL = "https://komuna.example.org"
LETTER = Letter(
    notice=NUMBER,
    subject_kind=SubjectKind.ESTABLISH_MECHANISM,
    kind={"sq": "Ekipi për fëmijë", "sr-Latn": "Tim za decu", "en": "Children's team"},
    municipality={"sq": "Gjakovë", "sr-Latn": "Đakovica", "en": "Gjakova"},
    sender={"sq": "Zyra", "sr-Latn": "Kancelarija Ljiljan", "en": "Office"},
    subjects=None,
    texts=TEXTS,
    due_on=date(2026, 12, 31),
    written_at=datetime(2026, 11, 16, 8, tzinfo=UTC),
)
WORDS = {
    "sq": ["Zyra", "Kryetarit të komunës", "Gjakovë", "Themelimi i mekanizmit: Ekipi për fëmijë"],
    "sr-Latn": ["Kancelarija Ljiljan", "Predsedniku opštine", "Đakovica", "Tim za decu"],
    "sr-Cyrl": ["Канцеларија Љиљан", "Председнику општине", "Ђаковица", "Тим за децу"],
    "en": ["Office", "To the mayor", "Gjakova", "Establishment of a mechanism: Children's team"],
}
# What could be markup, and letters of every reader's alphabet that the fonts hold.
SIGNS = st.text(st.sampled_from("ëçĐđžšćчљњџђЂ #*_$\\{}[]<>@`=-+/()\"'“”~ab1"), max_size=60)


@pytest.fixture(scope="module", autouse=True)
def catalogue() -> None:
    add_catalogue(Path(komuna_registry.__file__).parent / "locale")


def written(letter: Letter, language: str) -> str:
    return read_pdf(write_letter(letter, language, public_url=URL))


class TestWriteLetter:
    @pytest.mark.parametrize("language", LANGUAGES)
    def test_speaks_the_language_with_every_letter_of_it(self, language: str) -> None:
        said = written(LETTER, language)

        for word in (*WORDS[language], "31.12.2026", "16.11.2026", str(NUMBER)):
            assert word in said
        for other in set(LANGUAGES) - {language}:
            assert WORDS[other][1] not in said

    @pytest.mark.parametrize("subject", SubjectKind)
    @pytest.mark.parametrize("kind", [LETTER.kind, None])
    def test_says_for_each_kind_what_is_asked_for(
        self, subject: SubjectKind, kind: dict[str, str] | None
    ) -> None:
        subjects = TEXTS if subject is SubjectKind.OTHER else None
        said = written(replace(LETTER, subject_kind=subject, kind=kind, subjects=subjects), "en")

        assert "{" not in said
        assert "by 31.12.2026" in said

    def test_has_the_same_bytes_each_time(self) -> None:
        first, second = (write_letter(LETTER, "sr-Cyrl", public_url=URL) for _ in range(2))

        assert first == second
        assert b"/CreationDate(D:20261116080000" in first
        assert first != write_letter(LETTER, "sr-Latn", public_url=URL)

    def test_is_dated_by_the_day_where_it_is_read(self) -> None:
        late = datetime(2026, 11, 15, 23, 30, tzinfo=UTC)

        assert "16.11.2026" in written(replace(LETTER, written_at=late), "en")

    @given(SIGNS)
    def test_takes_no_word_for_markup(self, words: str) -> None:
        # Two letters that stand by themselves, so that nothing is left of the shape of the line.
        said = written(replace(LETTER, texts={"sq": f"Q {words} Q"}), "sq")

        start = said.index(" Q ")
        found = said[start : said.rindex(" Q ") + 3]
        assert found.replace(" ", "").replace("­", "") == f"Q{words}Q".replace(" ", "")


class TestFindLanguage:
    @pytest.mark.parametrize(
        ("texts", "wanted", "own", "found"),
        [
            (None, "sr-Cyrl", "sq", "sr-Cyrl"),
            (TEXTS, "sr-Cyrl", "sq", "sr-Cyrl"),
            (TEXTS, "en", "sq", "en"),
            ({"sq": "Po."}, "en", "sq", "sq"),
            ({"sr-Latn": "Da."}, "sq", "sr-Latn", "sr-Latn"),
            ({"sq": "Po.", "sr-Latn": "Da."}, "en", "sr-Latn", "sr-Latn"),
            ({"sq": "Po.", "sr-Latn": "Da."}, "en", "sq", "sq"),
        ],
    )
    def test_is_one_in_which_everything_is_written(
        self, texts: dict[str, str] | None, wanted: str, own: str, found: str
    ) -> None:
        letter: Any = replace(LETTER, texts=texts)

        assert find_language(letter, wanted, own) == found
