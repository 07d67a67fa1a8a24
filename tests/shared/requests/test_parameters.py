"""Reading a query by one model."""

from typing import Annotated, Any

import pytest
from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field

from komuna_shared.parameters import Parameters, described


class Asked(BaseModel):
    """What these tests ask for."""

    size: int = Field(3, description="How many.")
    colour: list[str] = []
    name: Annotated[str, Field(max_length=5)] | None = None


def keep(asked: Asked) -> Asked:
    return asked


async def read(text: bytes, parameters: Parameters[Asked]) -> Any:
    return await parameters(Request({"type": "http", "query_string": text}))


class TestParameters:
    async def test_reads_each_parameter_in_its_type(self) -> None:
        asked = await read(b"size=7&colour=a&colour=b%20c&name=n", Parameters(Asked, keep))

        assert asked == Asked(size=7, colour=["a", "b c"], name="n")

    async def test_leaves_what_others_read(self) -> None:
        assert await read(b"limit=7&lang=en", Parameters(Asked, keep)) == Asked()

    async def test_gives_the_same_object_for_the_same_text(self) -> None:
        parameters = Parameters(Asked, lambda asked: [asked.size])

        assert await read(b"size=7", parameters) is await read(b"size=7", parameters)
        assert await read(b"size=8", parameters) == [8]

    @pytest.mark.parametrize(
        ("text", "place"),
        [
            (b"size=", ("query", "size")),
            (b"size=x", ("query", "size")),
            (b"name=toolong", ("query", "name")),
        ],
    )
    async def test_names_the_place_that_cannot_be_read(
        self, text: bytes, place: tuple[str, ...]
    ) -> None:
        with pytest.raises(RequestValidationError) as refused:
            await read(text, Parameters(Asked, keep))

        assert [one["loc"] for one in refused.value.errors()] == [place]

    async def test_remembers_no_refusal(self) -> None:
        turns = [ValueError("the first time")]

        def make(asked: Asked) -> Asked:
            if turns:
                raise turns.pop()
            return asked

        parameters = Parameters(Asked, make)
        with pytest.raises(ValueError, match="first"):
            await read(b"", parameters)

        assert await read(b"", parameters) == Asked()


def test_is_described_as_fastapi_would() -> None:
    parameters, schemas = described(Asked)

    assert [(one["in"], one["name"], one["required"]) for one in parameters] == [
        ("query", "size", False),
        ("query", "colour", False),
        ("query", "name", False),
    ]
    assert parameters[0]["description"] == "How many."
    assert schemas == {}
