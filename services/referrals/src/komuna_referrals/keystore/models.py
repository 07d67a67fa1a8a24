"""The tables of keys, in the keystore's own database."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from komuna_shared.database import new_metadata

Code = Annotated[str, mapped_column(Text(collation="C"))]
Wrapped = Annotated[bytes, mapped_column(LargeBinary)]
WrittenAt = Annotated[
    datetime, mapped_column(TIMESTAMP(timezone=True), server_default=text("now()"))
]
_WRAPPED = "length(wrapped) between 32 and 256"


class KeystoreBase(DeclarativeBase):
    """What the keystore's mapped classes descend from; none of them is ever among the data.

    A row is written once and destroyed once: the application role may not change any.
    """

    metadata = new_metadata()


class InstitutionKey(KeystoreBase):
    """One version of an institution's key, wrapped by the root key; the highest one wraps."""

    __tablename__ = "institution_key"
    __table_args__ = (
        CheckConstraint("version >= 1", name="version"),
        CheckConstraint(_WRAPPED, name="wrapped"),
    )

    institution: Mapped[Code] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    wrapped: Mapped[Wrapped]
    created_at: Mapped[WrittenAt]


class DataKey(KeystoreBase):
    """That a case has a key for a field class; without this row nobody can hold it."""

    __tablename__ = "data_key"
    __table_args__ = (
        # Needs and administrative fields (F and I) are not encrypted, so they have no key.
        CheckConstraint("field_class in ('A','B','C','D','E','G','H')", name="field_class"),
        UniqueConstraint("case_id", "field_class"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID]
    field_class: Mapped[Code]
    created_at: Mapped[WrittenAt]


class WrappedKey(KeystoreBase):
    """A data key as one institution can open it."""

    __tablename__ = "wrapped_key"
    __table_args__ = (
        CheckConstraint(_WRAPPED, name="wrapped"),
        # An institution's key goes only when it wraps nothing any more.
        ForeignKeyConstraint(
            ["institution", "kek_version"],
            ["institution_key.institution", "institution_key.version"],
        ),
        Index(None, "institution", "kek_version"),
    )

    key_id: Mapped[UUID] = mapped_column(
        ForeignKey("data_key.id", ondelete="CASCADE"), primary_key=True
    )
    institution: Mapped[Code] = mapped_column(primary_key=True)
    kek_version: Mapped[int]
    wrapped: Mapped[Wrapped]
    created_at: Mapped[WrittenAt]
