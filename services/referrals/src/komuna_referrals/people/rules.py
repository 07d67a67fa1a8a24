"""Which fields of a person belong to which class, and what may be said together."""

from datetime import date

from komuna_shared.errors import ConflictError, FieldError, RuleError

FIELDS: dict[str, tuple[str, ...]] = {
    "A": (
        "first_name",
        "last_name",
        "birth_year",
        "birth_date",
        "personal_number",
        "citizenships",
    ),
    "B": ("telephone", "address"),
}
"""The fields of a person by their class: who they are, and where they are reached."""


class BirthError(RuleError):
    """Two statements about the birth disagree."""

    code = "birth_contradiction"
    detail = "The year of birth is not the year of the date of birth."


class EmptyPersonError(RuleError):
    """Nothing is said about the person."""

    code = "person_empty"
    detail = "Send at least one field of the person."


class SearchError(RuleError):
    """The question is not about one thing that people are found by."""

    code = "match_question"
    detail = (
        "Ask by `first_name`, `last_name` and `birth_year`, by `telephone`, or by "
        "`personal_number`: one of the three."
    )


class PersonExistsError(ConflictError):
    """The case has a person already."""

    code = "person_exists"
    detail = "This case has a person already: send the `ETag` that you read as `If-Match`."


def birth_year(year: int | None, day: date | None) -> int | None:
    """Return the year of birth, or raise where the two statements disagree."""
    if year is not None and day is not None and day.year != year:
        raise BirthError(errors=(FieldError("/birth_year", BirthError.code),))
    return year if day is None else day.year
