"""How the fields of a person become sealed columns, and again fields."""

import os
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as some

from komuna_referrals.people.models import Person
from komuna_referrals.people.rules import FIELDS
from komuna_referrals.people.sealed import open_person, seal_person
from komuna_referrals.sealing import DataKey, FieldClass, SealBrokenError

CASE = UUID("6f0a2c52-6d3e-4a57-9f67-0f2f3f1d5c11")
KEYS = {
    one: DataKey(uuid4(), one, os.urandom(32)) for one in (FieldClass.IDENTITY, FieldClass.CONTACT)
}
PEOPLE = some.fixed_dictionaries(
    {
        "first_name": some.none() | some.text(min_size=1),
        "last_name": some.none() | some.text(min_size=1),
        "birth_year": some.none() | some.integers(1900, 2100),
        "birth_date": some.none() | some.dates().map(str),
        "personal_number": some.none() | some.text("0123456789", min_size=4, max_size=20),
        "citizenships": some.lists(some.sampled_from(["XK", "AL", "RS"])),
        "telephone": some.none() | some.from_regex(r"\A\+[1-9][0-9]{6,14}\Z"),
        "address": some.none() | some.text(min_size=1),
    }
)


def stored(values: dict[str, Any], *, version: int = 1) -> Person:
    return Person(case_id=CASE, version=version, **seal_person(KEYS, CASE, version, values))


class TestSealPerson:
    @given(PEOPLE)
    def test_is_undone_by_opening(self, values: dict[str, Any]) -> None:
        assert open_person(KEYS, stored(values), FIELDS) == values

    @given(PEOPLE)
    def test_hides_how_long_a_name_is(self, values: dict[str, Any]) -> None:
        columns = seal_person(KEYS, CASE, 1, values)

        sizes = {32, 64, 128, 256, 1024, 4096}
        assert {len(one) - 30 - 16 for one in columns.values() if one is not None} <= sizes

    def test_seals_the_same_name_differently_each_time(self) -> None:
        first, second = (seal_person(KEYS, CASE, 1, {"first_name": "Filane"}) for _ in range(2))

        assert first["first_name"] != second["first_name"]


class TestOpenPerson:
    def test_opens_only_the_classes_asked_for(self) -> None:
        person = stored({"first_name": "Filane", "telephone": "+38344000000"})
        only = {FieldClass.CONTACT: KEYS[FieldClass.CONTACT]}

        assert open_person(only, person, ["B"]) == {"telephone": "+38344000000", "address": None}

    def test_refuses_a_value_of_an_older_version(self) -> None:
        person = stored({"first_name": "Filane"}, version=1)
        person.version = 2

        with pytest.raises(SealBrokenError):
            open_person(KEYS, person, ["A"])

    def test_refuses_a_value_of_another_field(self) -> None:
        person = stored({"first_name": "Filane"})
        person.last_name = person.first_name

        with pytest.raises(SealBrokenError):
            open_person(KEYS, person, ["A"])

    def test_refuses_a_value_of_another_case(self) -> None:
        person = stored({"first_name": "Filane"})
        person.case_id = uuid4()

        with pytest.raises(SealBrokenError):
            open_person(KEYS, person, ["A"])
