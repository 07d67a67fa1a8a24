"""The review of a report's cells over its versions."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from komuna_indicators.submissions.rules import Decision, Review, Version, reviews

CELLS = ("a", "b", "c", "d")


@st.composite
def reports(draw: st.DrawFn) -> list[Version]:
    """A report as it may go: each version but the last is returned with questions."""
    told = st.fixed_dictionaries(dict.fromkeys(CELLS, st.integers(0, 2)))
    asked = st.frozensets(st.sampled_from(CELLS), min_size=1)
    returned = st.builds(Version, told, st.just(Decision.RETURN), asked)
    last = st.builds(Version, told, st.sampled_from([None, Decision.VERIFY]))
    return [*draw(st.lists(returned, max_size=5)), draw(last)]


def reviewed(versions: Sequence[Version]) -> list[dict[str, Review]]:
    return list(reviews(versions))


class TestReviews:
    @given(reports())
    def test_carry_an_approval_exactly_where_nothing_changed(self, versions: list[Version]) -> None:
        if len(versions) == 1 or versions[-1].decision is not None:
            return
        before, last = reviewed(versions)[-2:]

        for cell in CELLS:
            is_same = versions[-2].cells[cell] == versions[-1].cells[cell]
            is_carried = is_same and before[cell] is Review.APPROVED
            assert (last[cell] is Review.APPROVED) == is_carried

    @given(reports())
    def test_lose_no_question_until_the_cell_changes(self, versions: list[Version]) -> None:
        told = reviewed(versions)
        for number, version in enumerate(versions[:-1]):
            following = versions[number + 1]
            for cell in version.queried:
                if following.decision is None:
                    is_same = version.cells[cell] == following.cells[cell]
                    assert told[number + 1][cell] is (Review.QUERIED if is_same else Review.CHANGED)

    @given(reports())
    def test_end_with_every_cell_approved(self, versions: list[Version]) -> None:
        if versions[-1].decision is Decision.VERIFY:
            assert set(reviewed(versions)[-1].values()) == {Review.APPROVED}

    @given(reports())
    def test_begin_with_every_cell_to_review(self, versions: list[Version]) -> None:
        first = Version(versions[0].cells)

        assert set(reviewed([first])[0].values()) == {Review.TO_REVIEW}
