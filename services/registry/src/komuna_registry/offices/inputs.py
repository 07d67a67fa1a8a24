"""What callers send about offices, and about who holds them."""

from typing import Annotated, Any, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    TypeAdapter,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    model_validator,
)
from pydantic.config import JsonDict
from pydantic_core import PydanticCustomError

from komuna_registry.alternatives import one_of
from komuna_registry.fields import Code, ImpreciseDate
from komuna_registry.names import NamesChangeIn, NamesIn
from komuna_registry.sources.acts import ActIn

from .rules import Sex

Seats = Annotated[int, Field(ge=1, le=500)]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Part = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(?:-[a-z0-9]+)*$", max_length=30)]

_ACT: JsonDict = {
    "number": "01-020/26",
    "issued_on": "2026-03-02",
    "title": "Vendim për emërimin e zyrtares për barazi gjinore",
    "language": "sq",
}


class OfficeIn(BaseModel):
    """An office of a municipality or of an institution; `part` tells several of a kind apart."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            **one_of(("municipality",), ("institution",)),
            "examples": [
                {
                    "kind": "gender_equality_officer",
                    "municipality": "prishtine",
                    "institution": None,
                    "part": None,
                    "names": {"sq": "Zyrtar për barazi gjinore, Prishtinë"},
                    "seats": 1,
                    "act": _ACT,
                }
            ],
        },
    )

    kind: Code
    municipality: Code | None = None
    institution: Code | None = None
    part: Part | None = Field(default=None, examples=["education"])
    names: NamesIn
    seats: Seats = 1
    act: ActIn

    @model_validator(mode="after")
    def _check_owner(self) -> Self:
        if (self.institution is None) == (self.municipality is None):
            raise PydanticCustomError(
                "one_owner", "An office belongs to one institution or one municipality."
            )
        return self


class OfficeChangeIn(BaseModel):
    """What is to be otherwise of an office; a name that is null goes."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"names": {"en": "Officer for gender equality"}}]},
    )

    names: NamesChangeIn = Field(default_factory=dict)
    seats: Seats | None = None
    act: ActIn | None = Field(default=None, description="The act that the change rests on.")


class HolderIn(BaseModel):
    """A person who was appointed; sex and community only where the act tells them."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"name": "Arta Shembull", "sex": "female"}]},
    )

    name: Name
    sex: Sex | None = None
    community: Code | None = None


def _read_holder(sent: Any, _: ValidatorFunctionWrapHandler) -> HolderIn | str:
    # Only what was meant is told: of both at once, one is always beside the point.
    return _CODE.validate_python(sent) if isinstance(sent, str) else HolderIn.model_validate(sent)


_CODE: TypeAdapter[str] = TypeAdapter(Code)


class HolderChangeIn(BaseModel):
    """What an act corrects of a holder: the name, or what is said of sex and community.

    What is not sent stays; `sex` or `community` null means that no source tells it.
    """

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"name": "Arta Shembull", "act": _ACT}]},
    )

    name: Name | None = None
    sex: Sex | None = None
    community: Code | None = None
    act: ActIn


class TenureIn(BaseModel):
    """Somebody holds a seat, by an act; `holder` is somebody new, or the code of one known."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "seat": 1,
                    "holder": {"name": "Arta Shembull", "sex": "female", "community": None},
                    "since": "2026-03-02",
                    "until": None,
                    "is_acting": False,
                    "act": _ACT,
                }
            ]
        },
    )

    seat: Seats = 1
    holder: Annotated[HolderIn | Code, WrapValidator(_read_holder)]
    since: ImpreciseDate
    until: ImpreciseDate | None = None
    is_acting: bool = False
    act: ActIn


class TenureChangeIn(BaseModel):
    """What an act changes of a tenure: its end, or what an earlier act said of it.

    What is not sent stays; `until` null means that it goes on.
    """

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "until": "2026-09-30",
                    "act": {
                        "number": "01-114/26",
                        "issued_on": "2026-09-28",
                        "title": "Vendim për përfundimin e mandatit",
                        "language": "sq",
                    },
                }
            ]
        },
    )

    since: ImpreciseDate | None = None
    until: ImpreciseDate | None = None
    is_acting: bool | None = None
    act: ActIn
