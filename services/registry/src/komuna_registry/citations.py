"""How answers name the place in a document that a statement was taken from."""

from pydantic import BaseModel, ConfigDict, Field


class Citation(BaseModel):
    """A document of `/v1/sources`, and the place in it."""

    model_config = ConfigDict(from_attributes=True)

    source: str = Field(examples=["s0"])
    locator: str = Field(examples=["L259"])
