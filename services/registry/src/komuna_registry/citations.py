"""How answers name the place in a document that a statement was taken from."""

from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, Field


class Citation(BaseModel):
    """A document of `/v1/sources`, and the place in it."""

    model_config = ConfigDict(from_attributes=True)

    source: str = Field(examples=["s0"])
    locator: str = Field(examples=["L259"])


def figure_link(indicator: str, period: str) -> str:
    """Return where indicators show a published total, with its source and how it was printed."""
    query = urlencode({"indicator": indicator, "period": period}, safe="/")
    return f"/indicators/v1/observations?{query}"
