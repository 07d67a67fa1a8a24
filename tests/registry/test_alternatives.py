"""What documents tell of fields that belong together is what the models check."""

from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, TypeAdapter, ValidationError

from komuna_registry import periods
from komuna_registry.activities.writing import ActivityChangeIn, ParticipantsIn, PartyIn
from komuna_registry.facilities.writing import FacilityChangeIn, FacilityIn, FindingIn
from komuna_registry.fields import ImpreciseDate
from komuna_registry.offices.inputs import OfficeIn
from komuna_shared.errors import RuleError

ACT = {"number": "1", "issued_on": "2026-03-02", "title": "Vendim"}
ABSENT: Any = object()
RESTING = {"act": ACT, "source": "kwn-2025", "locator": "p. 3"}
OFFICE = {"kind": "mayor", "names": {"sq": "Kryetari"}, "act": ACT}
FACILITY = {"municipality": "viti", "kind": "public", "names": {"sq": "Biblioteka"}}
IMPOSSIBLE = {True: {"imprecise_date"}, False: set[str]()}
DATES = TypeAdapter(ImpreciseDate)

CASES: list[tuple[type[BaseModel], dict[str, Any], dict[str, Any]]] = [
    (OfficeIn, OFFICE, {"municipality": "viti", "institution": "ogg"}),
    (PartyIn, {"part": "organiser"}, {"institution": "ogg", "municipality": "viti", "name": "x"}),
    (ParticipantsIn, {}, {"persons": 3, "status": "missing_not_reported"}),
    (ParticipantsIn, {"status": "actual"}, {"persons": 3}),
    (FindingIn, {"result": "met"}, {"criterion": "ramp", "barrier": "Steps"}),
    (FacilityIn, FACILITY, RESTING),
    (FacilityChangeIn, {}, RESTING),
    (ActivityChangeIn, {}, RESTING),
]


def refusal(text: str) -> str | None:
    try:
        periods.parse(text)
    except RuleError as error:
        return error.code
    return None


def has_impossible_day(text: str) -> bool:
    days = [one[8:] for one in text.split("..")]
    return any(one in {"29", "30", "31"} for one in days) or "0000" in text


def is_taken(model: type[BaseModel], body: dict[str, Any]) -> bool:
    try:
        model.model_validate(body)
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize(("model", "whole", "choices"), CASES, ids=lambda one: str(one)[:40])
@given(data=st.data())
def test_the_document_and_the_model_agree(
    data: st.DataObject, model: type[BaseModel], whole: dict[str, Any], choices: dict[str, Any]
) -> None:
    schema = jsonschema.Draft202012Validator(model.model_json_schema())
    sent = {
        name: data.draw(st.sampled_from([value, None, ABSENT]), label=name)
        for name, value in choices.items()
    }
    body = whole | {name: value for name, value in sent.items() if value is not ABSENT}

    assert schema.is_valid(body) == is_taken(model, body)


@given(text=st.from_regex(periods.PATTERN, fullmatch=True))
def test_what_has_the_form_of_a_date_is_refused_only_as_no_day_or_order(text: str) -> None:
    assert refusal(text) in ({None, "period_order"} | IMPOSSIBLE[has_impossible_day(text)])


@given(
    first=st.dates(),
    forms=st.tuples(st.sampled_from([4, 7, 10]), st.sampled_from([0, 4, 7, 10])),
    other=st.dates(),
)
def test_every_date_has_the_form(first: Any, forms: tuple[int, int], other: Any) -> None:
    begin, end = (one.isoformat()[:form] for one, form in zip((first, other), forms, strict=True))
    text = f"{begin}..{end}" if end else begin
    schema = jsonschema.Draft202012Validator(DATES.json_schema())

    assert schema.is_valid(text)


@pytest.mark.parametrize("text", ["soon", "2005-13", "2005-1", "2005..", "٢٠٠٥", "2005-06-30T00"])
def test_what_is_no_date_is_refused_by_document_and_model(text: str) -> None:
    with pytest.raises(ValidationError):
        DATES.validate_python(text)
    assert not jsonschema.Draft202012Validator(DATES.json_schema()).is_valid(text)
