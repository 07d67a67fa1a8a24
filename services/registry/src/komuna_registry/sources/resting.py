"""What a statement that somebody writes rests on: an act of theirs, or a source that is known."""

from typing import Self

from pydantic import BaseModel, Field, model_validator
from pydantic_core import PydanticCustomError
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from komuna_registry.alternatives import one_of
from komuna_registry.citations import Citation
from komuna_registry.fields import Code, Locator
from komuna_shared.errors import FieldError, RuleError

from .acts import ActIn, record_act
from .models import Source

# What documents tell of the two models below.
RESTED = one_of(("act",), ("source", "locator"))
RESTING = one_of((), ("act",), ("source", "locator"))


class SourceUnknownError(RuleError):
    """The source that is named is not there."""

    code = "source_unknown"
    detail = "There is no source of that code; send the act instead, and it becomes one."


class RestingIn(BaseModel):
    """The document that a statement rests on: an act, or a known source with the place in it."""

    act: ActIn | None = Field(
        default=None, description="The decision, report or minutes; they become a source."
    )
    source: Code | None = Field(default=None, description="A source of `/v1/sources`, instead.")
    locator: Locator | None = Field(default=None, description="The place in that source.")

    @property
    def is_silent(self) -> bool:
        """Say whether nothing is said of a document."""
        return self.act is None and self.source is None and self.locator is None

    @model_validator(mode="after")
    def _check_one(self) -> Self:
        if self.act is not None and (self.source is not None or self.locator is not None):
            raise PydanticCustomError("one_source", "Send an act or a source, not both.")
        if (self.source is None) != (self.locator is None):
            raise PydanticCustomError("one_source", "A source needs the place in it.")
        return self


class RestedIn(RestingIn):
    """A new statement, which cannot do without."""

    @model_validator(mode="after")
    def _check_rested(self) -> Self:
        if self.is_silent:
            raise PydanticCustomError(
                "missing_value", "Name the act or the source that this rests on."
            )
        return self


async def cite(
    session: AsyncSession, owner: str, issuer: str, resting: RestingIn, *, is_made_up: bool
) -> Citation | None:
    """Return how to cite what a statement rests on, or None where nothing is said of it."""
    if resting.act is not None:
        return await record_act(session, owner, issuer, resting.act, is_made_up=is_made_up)
    if resting.source is None or resting.locator is None:
        return None
    known = await session.scalar(select(Source.code).where(Source.code == resting.source))
    if known is None:
        raise SourceUnknownError(errors=(FieldError("/source", SourceUnknownError.code),))
    return Citation(source=resting.source, locator=resting.locator)
