"""What callers send about institutions."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from pydantic.config import JsonDict

from komuna_registry.fields import Code, ImpreciseDate
from komuna_registry.names import OfLanguages, Written
from komuna_registry.sources.acts import ActIn

OneName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]

_ACT: JsonDict = {
    "number": "05/12",
    "issued_on": "2026-03-02",
    "title": "Vendim për riorganizimin e ministrive",
    "language": "sq",
}


class InstitutionChangeIn(BaseModel):
    """Other names, by the act that tells of them; null takes one away.

    With `renamed_on` the old name ends on that day and the new one begins; without, the old one was
    never right.
    """

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "names": {"en": "Ministry of Local Government Administration"},
                    "renamed_on": "2026-03-02",
                    "act": _ACT,
                }
            ]
        },
    )

    names: Annotated[dict[Written, OneName | None], Field(min_length=1), OfLanguages]
    renamed_on: ImpreciseDate | None = None
    act: ActIn


class ClosureIn(BaseModel):
    """When an institution ended, by which act, and who took over."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"closed_on": "2026-03-02", "successor": "mflt", "act": _ACT}]
        },
    )

    closed_on: ImpreciseDate
    successor: Code | None = None
    act: ActIn
