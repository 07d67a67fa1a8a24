"""What a row model refuses, in codes that name no value."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from pydantic import Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError
from sqlalchemy.ext.asyncio import AsyncSession

from komuna_shared.formats import Media
from komuna_shared.formats.reading import RawRow
from komuna_shared.imports import Collection, Counts, RowModel
from komuna_shared.imports.rows import Reader, columns_of, key_of, problems_of
from komuna_shared.imports.sentences import SENTENCES, sentence
from komuna_shared.languages import is_translated
from tests.shared.notes.tables import Mood


class Figure(RowModel):
    code: str = Field(max_length=5)
    share: Decimal | None
    count: int = Field(default=0, ge=0)
    on: date | None = None
    mood: Mood = Mood.GLAD
    inner: dict[str, int] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _is_not_unlucky(self) -> "Figure":
        if self.count == 13:
            raise PydanticCustomError(
                "unlucky", "13", {"column": "count", "detail": "Thirteen is not counted."}
            )
        return self


async def apply(_: AsyncSession, __: Any, ___: UUID) -> Counts:
    return Counts()


FIGURES = Collection("figures", Figure, apply, frozenset(), key=("code", "on"))


def judge(tmp_path: Any, body: str, media: Media = Media.CSV) -> list[tuple[int, str, str]]:
    path = tmp_path / "file"
    path.write_text(body)
    batch = Reader(path, media, FIGURES).read()
    assert batch is not None
    return [(one.row, one.column, one.code) for one in batch.problems]


class TestReader:
    @pytest.mark.parametrize(
        ("cells", "column", "code"),
        [
            ('a,"25,2",,,', "share", "decimal_comma"),
            ('a,"1.025,20",,,', "share", "decimal_comma"),
            ("a,much,,,", "share", "not_a_number"),
            (",1,,,", "code", "missing_value"),
            ("a,1,1.5,,", "count", "not_a_number"),
            ('a,1,"1,5",,', "count", "decimal_comma"),
            ("a,1,-1,,", "count", "out_of_range"),
            ("a,1,1,31.12.2020,", "on", "not_a_date"),
            ("a,1,1,2021-02-29,", "on", "not_a_date"),
            ("a,1,1,,merry", "mood", "unknown_code"),
            ("abcdef,1,1,,", "code", "too_long"),
            ("a,1,13,,", "count", "unlucky"),
            ("a,NaN,1,,", "share", "not_a_number"),
        ],
    )
    def test_points_at_row_and_column(
        self, tmp_path: Any, cells: str, column: str, code: str
    ) -> None:
        body = f"code,share,count,on,mood\nok,1,1,2020-01-01,glad\n{cells}\n"

        assert judge(tmp_path, body) == [(3, column, code)]

    @pytest.mark.parametrize(
        ("message", "detail"),
        [("The file is empty.", "The file is empty."), ("Arta is wrong.", "")],
    )
    def test_keeps_a_sentence_of_ours_and_no_other(self, message: str, detail: str) -> None:
        class Odd(RowModel):
            code: str

            @model_validator(mode="after")
            def _refuse(self) -> "Odd":
                raise PydanticCustomError("odd", message)

        with pytest.raises(ValidationError) as refused:
            Odd(code="a")
        [problem] = problems_of(refused.value, RawRow(2, {"code": "a"}), columns_of(Odd))

        assert (problem.code, problem.column, problem.detail) == ("odd", "", detail)

    def test_lets_defaults_answer_for_blanks_and_keeps_the_rest_blank(self, tmp_path: Any) -> None:
        (tmp_path / "file").write_text("code,share,count\na,,\n")
        batch = Reader(tmp_path / "file", Media.CSV, FIGURES).read()

        assert batch is not None
        assert batch.rows[0].value == Figure(code="a", share=None, count=0)

    def test_names_foreign_columns_by_their_place(self, tmp_path: Any) -> None:
        assert judge(tmp_path, '{"code": "a", "share": 1, "Arta": 5}', Media.NDJSON) == [
            (1, "C", "unknown_column")
        ]

    def test_never_names_a_key_of_a_nested_value(self, tmp_path: Any) -> None:
        line = '{"code": "a", "share": 1, "inner": {"Arta": "x"}}'

        assert judge(tmp_path, line, Media.NDJSON) == [(1, "inner", "not_a_number")]

    def test_finds_every_problem_of_a_row(self, tmp_path: Any) -> None:
        body = "code,share,count,on,mood\n,x,y,z,w\n"

        assert {code for _, _, code in judge(tmp_path, body)} == {
            "missing_value",
            "not_a_number",
            "not_a_date",
            "unknown_code",
        }


class TestKeyOf:
    def test_joins_the_fields_that_must_differ(self) -> None:
        one = Figure(code="a", share=None, on=date(2020, 1, 1))

        assert key_of(FIGURES, one) == '["a","2020-01-01"]'
        assert key_of(FIGURES, one) != key_of(FIGURES, one.model_copy(update={"on": None}))


class TestColumnsOf:
    def test_asks_for_columns_without_a_default(self) -> None:
        assert columns_of(Figure).required == {"code", "share"}


class TestSentence:
    def test_says_something_of_every_code(self) -> None:
        assert sentence("decimal_comma") != sentence("no_such_code") == SENTENCES["invalid_value"]

    @pytest.mark.parametrize("code", sorted(SENTENCES))
    def test_is_there_in_every_language(self, code: str) -> None:
        assert is_translated(SENTENCES[code])
