"""How an institution was called on a day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.dialects.postgresql import Range

from komuna_registry.institutions.naming import certainty_on, names_on
from komuna_registry.institutions.rules import NameForm
from komuna_registry.periods import presence
from komuna_registry.tables import ranges

DAYS = st.dates(date(1999, 1, 1), date(2030, 1, 1))
YEARS = st.integers(1999, 2020)


@dataclass(frozen=True)
class Dated:
    """A dated name as it is stored."""

    language: str
    text: str
    certain: Range[date]
    possible: Range[date]
    form: NameForm = NameForm.NAME


def dated(text: str, since: str | None, until: str | None) -> Any:
    return Dated("en", text, **ranges(presence(since, until)))


@st.composite
def statements(draw: st.DrawFn) -> list[Any]:
    texts = draw(st.lists(st.sampled_from("abcd"), unique=True, max_size=4))
    known = []
    for text in texts:
        first, last = sorted((draw(YEARS), draw(YEARS) + 1))
        since = draw(st.sampled_from([None, str(first)]))
        until = draw(st.sampled_from([None, str(last)]))
        known.append(dated(text, since, until))
    return known


class TestNamesOn:
    def test_keeps_the_usual_name_unless_its_dates_rule_it_out(self) -> None:
        known = [dated("new", "2015", None), dated("old", None, "2015")]

        assert names_on({"en": "new"}, known, date(2011, 1, 1)) == {"en": "old"}
        assert names_on({"en": "new"}, known, date(2015, 6, 1)) == {"en": "new"}
        assert names_on({"en": "new"}, [], date(2011, 1, 1)) == {"en": "new"}

    def test_prefers_a_name_that_was_certainly_in_use(self) -> None:
        known = [dated("maybe", "2010..2014", None), dated("sure", "2001", "2014")]

        assert names_on({"en": "now"}, [*known, dated("now", "2020", None)], date(2012, 1, 1)) == {
            "en": "sure"
        }

    @given(statements(), st.sampled_from("abcde"), DAYS)
    def test_tells_a_name_of_that_day_wherever_there_is_one(
        self, known: Sequence[Any], usual: str, day: date
    ) -> None:
        found = names_on({"en": usual}, known, day)["en"]

        in_use = {one.text for one in known if certainty_on(one, day)}
        ruled_out = {one.text for one in known} - in_use
        assert found == usual or found in in_use
        if usual not in ruled_out:
            assert found == usual
        elif in_use:
            assert found in in_use
