"""The shapes of single values that callers send."""

from typing import Annotated

from pydantic import Field, StringConstraints

Code = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z0-9]+(?:[_-][a-z0-9]+)*$", max_length=100),
    Field(examples=["isf"]),
]
Version = Annotated[
    str, StringConstraints(pattern=r"^\d+\.\d+\.\d+$", max_length=20), Field(examples=["1.0.0"])
]
# A register number or a function. Names of people are sealed or not stored at all.
Marker = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]
Worker = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]
