"""The table of wrapped keys, in the keystore's own database."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, LargeBinary, Text, text
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from komuna_shared.database import new_metadata


class KeystoreBase(DeclarativeBase):
    """What the keystore's mapped classes descend from; none of them is ever among the data."""

    metadata = new_metadata()


class WrappedKey(KeystoreBase):
    """The key of one case and field class, wrapped by a versioned key of an institution.

    Its row is written once and destroyed once: the application role may not change it.
    """

    __tablename__ = "wrapped_key"
    __table_args__ = (
        # Needs and administrative fields (F and I) are not encrypted, so they have no key.
        CheckConstraint("field_class in ('A','B','C','D','E','G','H')", name="field_class"),
        CheckConstraint("length(wrapped) between 32 and 256", name="wrapped"),
        Index(None, "case_id", "field_class"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID]
    field_class: Mapped[str] = mapped_column(Text(collation="C"))
    wrapped_with: Mapped[str] = mapped_column(Text(collation="C"))
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(
        TIMESTAMP(timezone=True), server_default=text("now()")
    )
