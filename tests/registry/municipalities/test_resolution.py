"""What a spelling or a code means on a day."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from komuna_registry.municipalities.resolution import (
    Code,
    Index,
    Reason,
    Spelling,
    Status,
    Warned,
    build_index,
    resolve,
)
from komuna_registry.municipalities.rules import AliasKind
from komuna_registry.periods import presence

NOW = date(2026, 11, 21)
SOUTH, NORTH = presence("..1999", None), presence("2013", None)
_SPELLINGS = [
    Spelling("mitrovice", "Mitrovica", AliasKind.DOCUMENT, SOUTH),
    Spelling("mitrovice-veriore", "Mitrovica", AliasKind.OTHER, NORTH),
    Spelling("mitrovice-veriore", "North Mitrovica", AliasKind.CANONICAL, NORTH),
    Spelling("obiliq", "Obiliq", AliasKind.CANONICAL, SOUTH),
    Spelling("obiliq", "Oblic", AliasKind.DAMAGED, SOUTH),
    Spelling("partesh", "Parteš", AliasKind.CANONICAL, SOUTH),
    Spelling("partesh", "Partes", AliasKind.DAMAGED, SOUTH),
    Spelling("viti", "Viti", AliasKind.CANONICAL, SOUTH),
    Spelling("viti", "Vitina", AliasKind.CANONICAL, SOUTH),
]
_CODES = [
    Code("junik", "kas-2011", "33", is_verified=True),
    Code("hani-i-elezit", "kas-2024-order", "33", is_verified=True),
    Code("viti", "kas-2011", "06", is_verified=True),
    Code("viti", "treasury", "657", is_verified=False),
]
_SLUGS = {one.slug for one in _SPELLINGS} | {one.slug for one in _CODES}


def index() -> Index:
    existence = dict.fromkeys(_SLUGS, SOUTH) | {"mitrovice-veriore": NORTH}
    return build_index(existence, _SPELLINGS, _CODES)


class TestResolve:
    def test_finds_a_name_however_it_is_spelled(self) -> None:
        found = resolve(index(), " OBILIQ ", scheme=None, on=NOW)

        assert (found.status, found.slug, found.warnings) == (Status.MATCHED, "obiliq", ())

    def test_warns_of_a_damaged_spelling(self) -> None:
        assert resolve(index(), "Oblic", scheme=None, on=NOW).warnings == (Warned.DAMAGED_SPELLING,)

    def test_warns_of_the_damaged_one_of_two_equal_spellings_only(self) -> None:
        assert resolve(index(), "Partes", scheme=None, on=NOW).warnings
        assert not resolve(index(), "Parteš", scheme=None, on=NOW).warnings

    def test_finds_a_pair_whose_parts_mean_the_same(self) -> None:
        assert resolve(index(), "Viti/Vitina", scheme=None, on=NOW).slug == "viti"

    def test_does_not_choose_between_the_parts_of_a_pair(self) -> None:
        found = resolve(index(), "Viti/Obiliq", scheme=None, on=NOW)

        assert found.status is Status.AMBIGUOUS
        assert {one.slug for one in found.candidates} == {"viti", "obiliq"}

    def test_tells_a_shared_name_by_the_day(self) -> None:
        before = resolve(index(), "Mitrovica", scheme=None, on=date(2012, 12, 31))
        after = resolve(index(), "Mitrovica", scheme=None, on=date(2014, 1, 1))

        assert before.slug == "mitrovice"
        assert (after.status, after.slug) == (Status.AMBIGUOUS, None)
        assert after.reason is Reason.SHARED_NAME
        assert [one.slug for one in after.candidates] == ["mitrovice", "mitrovice-veriore"]

    def test_warns_of_a_municipality_that_did_not_exist(self) -> None:
        found = resolve(index(), "North Mitrovica", scheme=None, on=date(2011, 6, 30))

        assert found.warnings == (Warned.NOT_IN_EXISTENCE,)

    def test_refuses_a_bare_code_of_two_lists_and_names_both(self) -> None:
        found = resolve(index(), "33", scheme=None, on=NOW)

        assert (found.status, found.reason) == (Status.AMBIGUOUS, Reason.CODE_WITHOUT_SCHEME)
        assert {(one.slug, one.scheme) for one in found.candidates} == {
            ("junik", "kas-2011"),
            ("hani-i-elezit", "kas-2024-order"),
        }

    def test_finds_a_code_by_its_scheme(self) -> None:
        assert resolve(index(), "33", scheme="kas-2011", on=NOW).slug == "junik"

    def test_finds_a_code_without_its_zero(self) -> None:
        assert resolve(index(), "6", scheme=None, on=NOW).slug == "viti"

    def test_takes_an_unverified_code_only_with_its_scheme_and_warns(self) -> None:
        assert resolve(index(), "657", scheme=None, on=NOW).status is Status.NOT_FOUND
        assert resolve(index(), "657", scheme="treasury", on=NOW).warnings == (
            Warned.UNVERIFIED_CODE,
        )

    def test_offers_the_nearest_names_for_an_unknown_one(self) -> None:
        found = resolve(index(), "Obilisht", scheme=None, on=NOW)

        assert (found.status, found.reason) == (Status.NOT_FOUND, Reason.UNKNOWN_NAME)
        assert found.candidates[0].slug == "obiliq"

    def test_offers_nothing_for_what_is_like_nothing(self) -> None:
        assert resolve(index(), "Zürich", scheme=None, on=NOW).candidates == ()

    @given(st.sampled_from(_SPELLINGS), st.sampled_from(["upper", "lower", "title"]))
    def test_never_finds_another_than_the_one_so_spelled(self, one: Spelling, case: str) -> None:
        found = resolve(index(), getattr(one.text, case)(), scheme=None, on=NOW)

        named = {other.slug for other in _SPELLINGS if other.text.lower() == one.text.lower()}
        assert {found.slug} == named or {each.slug for each in found.candidates} == named

    @given(st.text(max_size=40))
    def test_answers_every_text(self, text: str) -> None:
        found = resolve(index(), text, scheme=None, on=NOW)

        assert (found.slug is not None) == (found.status is Status.MATCHED)
