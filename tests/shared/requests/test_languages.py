"""Languages: whose words, and all of them."""

import importlib
import pkgutil
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import komuna_shared
from komuna_shared.errors import ServiceError
from komuna_shared.imports.sentences import SENTENCES
from komuna_shared.languages import (
    LANGUAGES,
    is_translated,
    label,
    negotiate,
    to_cyrillic,
    translate,
)
from komuna_shared.problems import FIELD_SENTENCES, OTHER_SENTENCE, sentence_of

for module in pkgutil.walk_packages(komuna_shared.__path__, "komuna_shared."):
    importlib.import_module(module.name)


def kinds(kind: type[ServiceError] = ServiceError) -> Iterator[type[ServiceError]]:
    if kind.__module__.startswith("komuna_shared"):
        yield kind
    for narrower in kind.__subclasses__():
        yield from kinds(narrower)


class TestSentences:
    @pytest.mark.parametrize("kind", list(kinds()), ids=lambda kind: kind.__name__)
    def test_of_an_error_exist_in_every_language(self, kind: type[ServiceError]) -> None:
        assert is_translated(kind.title)
        assert is_translated(kind.detail)

    @pytest.mark.parametrize(
        "sentence", sorted({*FIELD_SENTENCES.values(), *SENTENCES.values(), OTHER_SENTENCE})
    )
    def test_about_a_field_or_a_row_exist_in_every_language(self, sentence: str) -> None:
        assert is_translated(sentence)

    def test_keep_their_placeholders(self) -> None:
        sentence = "The body of this request may have at most {limit} bytes."

        for language in LANGUAGES:
            assert "262144" in translate(sentence, language, limit=262144)

    @pytest.mark.parametrize(
        ("code", "sentence"),
        [
            ("int_parsing", "This is not a whole number."),
            ("uuid_parsing", "This is not a `UUID`."),
            ("date_from_datetime_parsing", "This is not a date like `2026-11-21`."),
            ("missing", "This is required."),
            ("string_type", "This is not text."),
            ("dict_type", "This is not an object."),
            ("value_error", "This is not accepted here."),
        ],
    )
    def test_explain_what_pydantic_found(self, code: str, sentence: str) -> None:
        assert sentence_of(code) == sentence


class TestNegotiate:
    @pytest.mark.parametrize(
        ("header", "lang", "expected"),
        [
            (None, None, "sq"),
            ("", None, "sq"),
            ("*", None, "sq"),
            ("sr", None, "sr-Latn"),
            ("sr-RS", None, "sr-Latn"),
            ("SR-CYRL", None, "sr-Cyrl"),
            ("sr-Cyrl-RS-x-private", None, "sr-Cyrl"),
            ("en-US, sq;q=0.9", None, "en"),
            ("sq;q=0.1, en;q=0.2", None, "en"),
            ("en;q=0, sr", None, "sr-Latn"),
            ("en;q=zero, sr", None, "sr-Latn"),
            ("fr, de;q=0.9, en;q=0.1", None, "en"),
            ("en", "sr-Cyrl", "sr-Cyrl"),
            ("en", "tlh", "en"),
        ],
    )
    def test_looks_up(self, header: str | None, lang: str | None, expected: str) -> None:
        assert negotiate(header, lang) == expected

    @settings(deadline=None)
    @given(st.text(max_size=200))
    def test_always_answers(self, header: str) -> None:
        assert negotiate(header) in LANGUAGES


class TestLabel:
    def test_says_which_language_it_fell_back_to(self) -> None:
        names = {"sq": "Prishtinë", "sr-Latn": "Priština"}

        assert label(names, "sq") == ("Prishtinë", "sq")
        assert label(names, "en") == ("Prishtinë", "sq")
        assert label(names, "sr-Cyrl") == ("Приштина", "sr-Cyrl")
        assert label({"fr": "Pristina"}, "en") == ("Pristina", "fr")


class TestToCyrillic:
    @pytest.mark.parametrize(
        ("latin", "cyrillic"),
        [
            ("Leposavić", "Лепосавић"),
            ("Ljubav, LJUBAV i njen džep", "Љубав, ЉУБАВ и њен џеп"),
            ("Đakovica", "Ђаковица"),
            ("injekcija, konjunktura, nadživeti", "инјекција, конјунктура, надживети"),
            ("Pošaljite `If-Match` za {limit}", "Пошаљите `If-Match` за {limit}"),
        ],
    )
    def test_writes(self, latin: str, cyrillic: str) -> None:
        assert to_cyrillic(latin) == cyrillic
