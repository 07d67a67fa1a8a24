"""What may be said of a person together, and which class each field is of."""

from datetime import date

import pytest

from komuna_referrals.people import rules
from komuna_referrals.people.models import Person
from komuna_referrals.people.schemas import PersonIn, PersonOut


class TestFields:
    def test_are_those_of_the_table_and_of_what_is_sent_and_told(self) -> None:
        named = [field for fields in rules.FIELDS.values() for field in fields]

        assert len(named) == len(set(named))
        assert set(named) == set(PersonIn.model_fields)
        assert set(named) == set(PersonOut.model_fields) - {"case_id", "classes", "version"}
        assert set(named) == set(Person.__table__.columns.keys()) - {
            "case_id",
            "version",
            "written_at",
        }


class TestBirthYear:
    @pytest.mark.parametrize(
        ("year", "day", "found"),
        [
            (None, None, None),
            (1999, None, 1999),
            (None, date(1999, 4, 2), 1999),
            (1999, date(1999, 4, 2), 1999),
        ],
    )
    def test_is_the_year_of_the_date(
        self, year: int | None, day: date | None, found: int | None
    ) -> None:
        assert rules.birth_year(year, day) == found

    def test_refuses_two_that_disagree(self) -> None:
        with pytest.raises(rules.BirthError):
            rules.birth_year(1998, date(1999, 4, 2))
