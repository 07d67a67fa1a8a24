"""The row that a contact comes in and goes out as, in a file and from a screen."""

from typing import Any, Self
from uuid import UUID

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from komuna_registry.fields import Code, Locator
from komuna_registry.rows import FileRow, check_order

from .fields import Email, Languages, Telephone, Words, WrittenDate
from .rules import SOURCE_NEEDED


class ContactRow(FileRow):
    """A contact as somebody writes it: the municipality in any spelling, the kind by any name.

    `id` is that of the contact to be changed; without one, name and position say which it is.
    """

    id: UUID | None = None
    municipality: Words | None = None
    institution: Code | None = None
    kind: Words | None = None
    position: Words | None = None
    office: Code | None = None
    name: Words
    email: Email | None = None
    telephone: Telephone | None = None
    languages: Languages = Field(default_factory=list)
    valid_from: WrittenDate | None = None
    valid_until: WrittenDate | None = None
    source: Code | None = None
    locator: Locator | None = None
    is_synthetic: bool | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        if (self.municipality is None) == (self.institution is None):
            raise PydanticCustomError(
                "one_owner",
                "A contact belongs to one municipality or one institution.",
                {"column": "municipality"},
            )
        if self.kind is None and self.position is None:
            raise PydanticCustomError(
                "missing_value",
                "Say what this person does: a kind of office, or words of your own.",
                {"column": "kind"},
            )
        if self.email is None and self.telephone is None:
            raise PydanticCustomError(
                "missing_value",
                "An e-mail address or a telephone number is needed.",
                {"column": "email"},
            )
        if (self.source is None) != (self.locator is None):
            missing = "source" if self.source is None else "locator"
            raise PydanticCustomError("missing_value", SOURCE_NEEDED, {"column": missing})
        check_order(self.valid_from, self.valid_until)
        return self


COLUMNS = tuple(ContactRow.model_fields)


def as_row(stored: Any) -> dict[str, Any]:
    """Return the cells of a stored contact."""
    return {name: stored[name] for name in COLUMNS}
