"""One definition: the JSON schema of a form says what its validation says."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import jsonschema
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from komuna_indicators.forms.definition import json_schema
from komuna_indicators.forms.rules import GREATEST, Cell, Entry, Form, judge
from komuna_indicators.names import TAGS
from komuna_indicators.observations.rules import Reason, Status
from komuna_indicators.submissions.schemas import CellIn

CODES = ("women", "men", "share", "all")
CELLS = TypeAdapter(list[CellIn])
LONG = "x" * 1001


def cell(code: str, *, decimals: int = 0, is_required: bool = True) -> Cell:
    names = dict.fromkeys(TAGS, code)
    return Cell(code, code, {}, "", is_required, names, names, "persons", decimals)


FORM = Form(
    code="form",
    version="1.0.0",
    names={},
    instructions={},
    dataflow="flow",
    periodicity="half_year",
    cells={
        "women": cell("women"),
        "men": cell("men"),
        "share": cell("share", decimals=1),
        "all": cell("all", is_required=False),
    },
    totals=(),
)
SCHEMA = jsonschema.Draft202012Validator(json_schema(FORM))

numbers = st.sampled_from([0, 1, 7, GREATEST, GREATEST + 1, -1, 1.5, 0.25, 2.0, "3", True, None])
statuses = st.sampled_from([*(one.value for one in Status), None, "no-such"])
reasons = st.sampled_from([*(one.value for one in Reason), None])
Says = st.SearchStrategy[dict[str, Any]]
sound: Says = st.fixed_dictionaries({"value": st.integers(0, 9)})
silent: Says = st.sampled_from(
    [
        {"value": None, "status": "O", "reason": "not_received"},
        {"value": None, "status": "M", "reason": "cannot_exist"},
        {"status": "L", "reason": "not_in_source"},
    ]
)
wild: Says = st.fixed_dictionaries(
    {"value": numbers},
    optional={
        "status": statuses,
        "reason": reasons,
        "comment": st.sampled_from(["why", None, LONG]),
        "else": st.just(1),
    },
)


@st.composite
def filled(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Cells as somebody may send them: mostly right, with a slip here and there."""
    codes = list(CODES)
    if draw(st.booleans()):
        codes = draw(st.lists(st.sampled_from([*CODES, "no-such"]), max_size=6))
    slips = draw(st.integers(0, 1))
    told = []
    for place, code in enumerate(codes):
        says: dict[str, Any] = draw(wild if place < slips else sound | silent)
        told.append({"cell": code, **says})
    return told


def accepts(sent: list[dict[str, Any]]) -> bool:
    """Say whether the API takes the cells, by its body and by the rules of the form."""
    try:
        read = CELLS.validate_python(sent)
    except ValidationError:
        return False
    return not judge(FORM, [Entry(**one.model_dump()) for one in read])


class TestJsonSchema:
    def test_is_a_schema(self) -> None:
        jsonschema.Draft202012Validator.check_schema(json_schema(FORM))

    @given(filled())
    def test_accepts_exactly_what_the_validation_accepts(self, sent: list[dict[str, Any]]) -> None:
        assert SCHEMA.is_valid(sent) == accepts(sent)

    def test_accepts_a_report(self) -> None:
        sent = [{"cell": code, "value": 1} for code in CODES[:3]]

        assert SCHEMA.is_valid(sent)
        assert accepts(sent)

    def test_never_takes_silence_for_a_report(self) -> None:
        form = replace(FORM, cells={"all": FORM.cells["all"]})

        assert not jsonschema.Draft202012Validator(json_schema(form)).is_valid([])
        assert [one.code for one in judge(form, [])] == ["missing_cell"]
        assert judge(form, [Entry("all", Decimal(0))]) == []

    @given(st.decimals(0, 100, places=1))
    def test_takes_as_many_decimals_as_the_indicator_has(self, value: Decimal) -> None:
        problems = judge(FORM, [Entry("share", value), Entry("women", value)])
        precise = {one.cell for one in problems if one.code == "too_precise"}

        assert precise == (set() if value == value.to_integral_value() else {"women"})
