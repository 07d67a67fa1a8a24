"""From cells to figures: sums of what is there, ratios of sums, and nothing made of what is not."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from komuna_indicators.forms.rules import Cell, Entry, Form, Total
from komuna_indicators.observations.rules import InputRole, Reason, Status, agrees
from komuna_indicators.publications.rules import (
    Figure,
    Figures,
    Ratio,
    Told,
    make_figures,
    percentage,
)

PLACES = ("a", "b", "c", "d")
NOT_RECEIVED = (Status.NOT_RECEIVED, Reason.NOT_RECEIVED)
CANNOT_EXIST = (Status.CANNOT_EXIST, Reason.CANNOT_EXIST)
SHARE = Ratio(("share", "_T"), ("posts", "F"), ("posts", "_T"), 1)


def form(cell: str | None = "all") -> Form:
    """A form of women, men and, where it is asked, all."""
    codes = {"women": "F", "men": "M"} | ({cell: "_T"} if cell else {})
    cells = {
        code: Cell(code, "posts", {"sex": sex}, sex, code != cell, {}, {}, "persons", 0)
        for code, sex in codes.items()
    }
    total = Total("posts", "_T", ("women", "men"), cell)
    return Form("form", "1.0.0", {}, {}, "flow", "half_year", cells, (total,))


def entry(cell: str) -> st.SearchStrategy[Entry]:
    """What somebody may say about a cell: a value, or why there is none."""
    values = st.integers(0, 50).map(Decimal)
    sure = st.sampled_from([None, Status.PROVISIONAL, Status.ESTIMATED])
    told = st.builds(lambda value, status: Entry(cell, value, status), values, sure)
    return told | st.sampled_from(
        [Entry(cell, None, *NOT_RECEIVED), Entry(cell, None, *CANNOT_EXIST)]
    )


@st.composite
def reports(draw: st.DrawFn) -> Mapping[str, Told]:
    """Reports of some places, each about both cells; the total is told where it is known."""
    found = {}
    for place in draw(st.sets(st.sampled_from(PLACES))):
        entries = {cell: draw(entry(cell)) for cell in ("women", "men")}
        values = [one.value for one in entries.values()]
        if None not in values and draw(st.booleans()):
            entries["all"] = Entry("all", sum(filter(None, values), Decimal(0)))
        found[place] = Told(uuid4(), entries)
    return found


def values(made: Figures, indicator: str, codes: str) -> list[Decimal]:
    found = (made[indicator, place, codes].value for place in PLACES)
    return [value for value in found if value is not None]


def told(women: int | None, men: int | None, **more: int) -> Told:
    """A report of women and men; None is not received."""
    given = {"women": women, "men": men, **more}
    entries = {
        cell: Entry(cell, Decimal(value)) if value is not None else Entry(cell, None, *NOT_RECEIVED)
        for cell, value in given.items()
    }
    return Told(UUID(int=1), entries)


class TestMakeFigures:
    @given(reports())
    def test_country_is_the_sum_of_its_parts(self, given: Mapping[str, Told]) -> None:
        made = make_figures(form(), [SHARE], PLACES, given)

        for codes in ("F", "M", "_T"):
            country, parts = made["posts", "_T", codes], values(made, "posts", codes)
            assert country.value == (sum(parts, Decimal(0)) if parts else None)
            assert {place for _, place in country.inputs} == {
                ("posts", place, codes)
                for place in PLACES
                if made["posts", place, codes].value is not None
            }

    @given(reports())
    def test_total_of_a_place_is_the_sum_of_its_cells(self, given: Mapping[str, Told]) -> None:
        made = make_figures(form(), [], PLACES, given)

        for place in given:
            parts = [made["posts", place, codes].value for codes in ("F", "M")]
            if None not in parts:
                assert made["posts", place, "_T"].value == sum(filter(None, parts), Decimal(0))

    @given(reports())
    def test_ratio_is_of_the_sums_of_whoever_told_both(self, given: Mapping[str, Told]) -> None:
        made = make_figures(form(), [SHARE], PLACES, given)
        both = [
            (made["posts", place, "F"].value, made["posts", place, "_T"].value) for place in PLACES
        ]
        known = [(part, whole) for part, whole in both if part is not None and whole is not None]
        part, whole = (sum((pair[at] for pair in known), Decimal(0)) for at in (0, 1))

        country = made["share", "_T", "_T"]

        assert country.value == (percentage(part, whole, 1) if whole else None)
        if known:
            assert (country.numerator, country.denominator) == (part, whole)

    @given(reports())
    def test_coverage_counts_answers_and_tells_when_it_is_not_whole(
        self, given: Mapping[str, Told]
    ) -> None:
        made = make_figures(form(), [SHARE], PLACES, given)

        for (_, place, _), figure in made.items():
            assert (figure.coverage is not None) == (place == "_T")
            if figure.coverage is not None:
                assert 0 <= figure.coverage.count <= figure.coverage.of == len(PLACES)
                if figure.value is not None:
                    is_whole = figure.coverage.is_whole
                    assert (figure.status is Status.LOW_RELIABILITY) == (not is_whole)

    @given(reports())
    def test_every_figure_has_a_value_or_a_reason(self, given: Mapping[str, Told]) -> None:
        for figure in make_figures(form(), [SHARE], PLACES, given).values():
            has_value = figure.value is not None
            assert agrees(has_value=has_value, status=figure.status, reason=figure.reason)

    @given(reports())
    def test_rests_only_on_what_comes_before(self, given: Mapping[str, Told]) -> None:
        made = list(make_figures(form(), [SHARE], PLACES, given).values())

        before: set[tuple[str, str, str]] = set()
        for figure in made:
            assert {place for _, place in figure.inputs} <= before
            before.add(figure.place)

    @given(reports(), st.sampled_from(PLACES))
    def test_a_zero_that_goes_missing_changes_coverage_and_no_sum(
        self, given: Mapping[str, Told], place: str
    ) -> None:
        with_zero = {**given, place: told(0, 0)}
        without = {name: one for name, one in given.items() if name != place}
        some, fewer = (
            make_figures(form(), [], PLACES, one)["posts", "_T", "F"]
            for one in (with_zero, without)
        )

        assert some.coverage is not None
        assert fewer.coverage is not None
        assert some.coverage.count == fewer.coverage.count + 1
        assert (some.value or 0) == (fewer.value or 0)


class TestMissing:
    def test_a_silent_place_has_a_reason(self) -> None:
        made = make_figures(form(), [SHARE], PLACES, {})

        assert {(one.value, one.status, one.reason) for one in made.values()} == {
            (None, *NOT_RECEIVED)
        }

    @pytest.mark.parametrize(
        ("report", "total"),
        [
            (told(3, None), None),
            (told(3, 4), 7),
            (told(3, None, all=9), 9),
            (told(None, None), None),
        ],
    )
    def test_a_total_needs_all_parts_or_is_told(self, report: Told, total: int | None) -> None:
        made = make_figures(form(), [], ["a"], {"a": report})

        assert made["posts", "a", "_T"].value == total

    def test_a_share_of_nobody_cannot_exist(self) -> None:
        made = make_figures(form(None), [SHARE], ["a"], {"a": told(0, 0)})

        share = made["share", "a", "_T"]
        assert (share.value, share.status) == (None, Status.CANNOT_EXIST)
        assert share.denominator == 0

    @pytest.mark.parametrize(("silent", "why"), [((), CANNOT_EXIST), (("b",), NOT_RECEIVED)])
    def test_a_share_of_nobody_so_far_is_awaited(
        self, silent: Sequence[str], why: tuple[Status, Reason]
    ) -> None:
        made = make_figures(form(None), [SHARE], ["a", *silent], {"a": told(0, 0)})

        share = made["share", "_T", "_T"]
        assert (share.value, share.status, share.reason) == (None, *why)

    def test_what_cannot_exist_is_not_awaited(self) -> None:
        nobody = Told(
            UUID(int=1), {one: Entry(one, None, *CANNOT_EXIST) for one in ("women", "men")}
        )

        made = make_figures(form(None), [], ["a", "b"], {"a": nobody, "b": told(1, 2)})

        women = made["posts", "_T", "F"]
        assert women.value == 1
        assert women.status is Status.NORMAL
        assert women.coverage is not None
        assert women.coverage.is_whole

    def test_ratios_are_never_averaged(self) -> None:
        made = make_figures(form(None), [SHARE], ["a", "b"], {"a": told(1, 0), "b": told(0, 3)})

        assert [made["share", place, "_T"].value for place in ("a", "b", "_T")] == [100, 0, 25]
        assert roles(made["share", "a", "_T"]) == [InputRole.NUMERATOR, InputRole.DENOMINATOR]


def roles(figure: Figure) -> Sequence[InputRole]:
    return [role for role, _ in figure.inputs]
