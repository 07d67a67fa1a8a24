"""What callers send and are told about contacts."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from pydantic.config import JsonDict

from komuna_registry.citations import Citation
from komuna_registry.fields import Code
from komuna_registry.offices.schemas import OwnerOut

from .fields import LANGUAGES

_SENT: JsonDict = {
    "municipality": "prishtine",
    "kind": "human_rights_coordinator",
    "name": "Arta Shembull",
    "email": "arta.shembull@prishtine.example",
    "telephone": "+383 38 000 101",
    "languages": ["sq", "en"],
    "valid_from": "2026-03",
}
_SHOWN: JsonDict = {
    "id": "0197a3c0-7d1e-7c6f-a6e6-c69e8470ada1",
    "owner": {
        "kind": "municipality",
        "code": "prishtine",
        "label": "Pristina",
        "label_language": "en",
    },
    "kind": "human_rights_coordinator",
    "kind_label": "Coordinator of the human rights unit",
    "kind_label_language": "en",
    "position": None,
    "office": None,
    "name": "Arta Shembull",
    "email": "arta.shembull@prishtine.example",
    "telephone": "+383 38 000 101",
    "languages": ["sq", "en"],
    "valid_from": "2026-03",
    "valid_until": None,
    "is_synthetic": True,
    "version": 1,
    "source": "demonstration",
    "locator": "contacts",
}
Text = Annotated[str, StringConstraints(max_length=200)]
_SPOKEN = f"Of {', '.join(LANGUAGES)}."


class _Said(BaseModel):
    """What may be said of a contact, and changed."""

    model_config = ConfigDict(extra="forbid")

    kind: Text | None = Field(None, description="Code or name of a kind of office.")
    position: Text | None = Field(None, description="In words of your own, where no kind fits.")
    office: Code | None = Field(None, description="The office that this person holds or serves.")
    email: Annotated[str, StringConstraints(max_length=254)] | None = None
    telephone: Annotated[str, StringConstraints(max_length=40)] | None = None
    languages: list[Text] = Field([], max_length=10, description=_SPOKEN)
    valid_from: Annotated[str, StringConstraints(max_length=30)] | None = None
    valid_until: Annotated[str, StringConstraints(max_length=30)] | None = None
    source: Code | None = Field(
        None, description="A document of `/v1/sources`; the list you keep here unless given."
    )
    locator: Text | None = None


class ContactIn(_Said):
    """A new contact of a municipality, in any spelling, or of an institution."""

    model_config = ConfigDict(json_schema_extra={"examples": [_SENT]})

    municipality: Text | None = None
    institution: Code | None = None
    name: Text


class ContactChangeIn(_Said):
    """What changes of a contact; null takes a value away, what is left out stays."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"telephone": "+383 38 000 102", "valid_until": "2027"}]}
    )

    name: Text = ""


class ContactSearchIn(BaseModel):
    """A name, or a part of it; how it is spelt does not matter."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"name": "Shembull"}]}
    )

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=200)]


class ContactOut(Citation):
    """How to reach somebody at work; dates keep the precision of the source."""

    model_config = ConfigDict(json_schema_extra={"examples": [_SHOWN]})

    id: UUID
    owner: OwnerOut
    kind: str | None = Field(description="The kind of office that they hold; null for another.")
    kind_label: str | None
    kind_label_language: str | None
    position: str | None
    office: str | None
    name: str
    email: str | None
    telephone: str | None = Field(description="As it was written.")
    languages: list[str] = Field(description=_SPOKEN)
    valid_from: str | None
    valid_until: str | None
    is_synthetic: bool
    version: int


class ContactsFoundOut(BaseModel):
    """The contacts that were found, by name; at most fifty."""

    items: list[ContactOut]
