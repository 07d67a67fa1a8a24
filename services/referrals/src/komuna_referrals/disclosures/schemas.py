"""What the owner of a case is told of who saw what of it."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from komuna_referrals.consents.rules import DataClass

from .rules import DisclosureBasis, DisclosureKind


class DisclosureOut(BaseModel):
    """One disclosure: who, for whom, what, what for, and what it rested on."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    kind: DisclosureKind = Field(description="`shared` when keys were handed over.")
    subject: str = Field(
        description="Issuer and subject of who saw it.",
        examples=["http://127.0.0.1:8100|persona:shelter_intake:isf"],
    )
    institution: str = Field(examples=["isf"])
    roles: list[str] = Field(examples=[["shelter_intake"]])
    purpose: str | None = Field(examples=["assistance"])
    classes: list[DataClass]
    fields: list[str] = Field(examples=[["first_name", "last_name"]])
    basis: DisclosureBasis
    consent_id: UUID | None
    referral_id: UUID | None
    state: str | None = Field(
        description="Where the referral stood, or the case without one.", examples=["accepted"]
    )
    disclosed_at: datetime
