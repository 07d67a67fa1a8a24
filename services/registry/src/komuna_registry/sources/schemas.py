"""What callers are told about sources."""

from pydantic import BaseModel, ConfigDict

from .rules import Standing


class SourceOut(BaseModel):
    """A document that statements were taken from; what is not known of it is null."""

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={
            "examples": [
                {
                    "code": "s0",
                    "title": "Annual report January–December 2020",  # noqa: RUF001  As printed.
                    "issuer": "Division for the Advancement of Human Rights in Municipalities, "
                    "Ministry of Local Government",
                    "published_on": None,
                    "retrieved_on": None,
                    "language": "en",
                    "licence": None,
                    "url": None,
                    "standing": "primary",
                    "note": "Year of publication not stated in the text.",
                    "version": 1,
                }
            ]
        },
    )

    code: str
    title: str
    issuer: str
    published_on: str | None
    retrieved_on: str | None
    language: str
    licence: str | None
    url: str | None
    standing: Standing
    note: str | None
    version: int
