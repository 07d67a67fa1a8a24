"""The tables of what became of every row; a trigger alone writes the history."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from komuna_registry.tables import Base
from komuna_shared.tables import import_job

from .rules import Op

Stored = dict[str, Any]


class RecordChange(Base):
    """One row of one table as it was before and after a change; `audience` may know of it."""

    __tablename__ = "record_change"
    __table_args__ = (
        CheckConstraint(
            "(before is null) = (op = 'insert') and (after is null) = (op = 'delete')", name="told"
        ),
        Index(None, "record_type", "record_id", "id"),
        Index(None, "xid"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    record_type: Mapped[str] = mapped_column(String(63))
    record_id: Mapped[str] = mapped_column(String(200))
    part: Mapped[str] = mapped_column(String(63))
    op: Mapped[Op]
    version: Mapped[int | None]
    changed_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    account: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    via: Mapped[str | None] = mapped_column(String(100))
    before: Mapped[Stored | None] = mapped_column(JSONB(none_as_null=True))
    after: Mapped[Stored | None] = mapped_column(JSONB(none_as_null=True))
    source: Mapped[str | None] = mapped_column(String(300))
    audience: Mapped[str | None] = mapped_column(String(63))
    # By which whoever keeps answers finds out that something has changed since.
    xid: Mapped[int] = mapped_column(
        BigInteger, server_default=text("pg_current_xact_id()::text::bigint")
    )


class ImportChange(Base):
    """What one import changed, or would have; kept for as long as the import is."""

    __tablename__ = "import_change"

    import_id: Mapped[UUID] = mapped_column(
        ForeignKey(import_job.c.id, ondelete="CASCADE"), primary_key=True
    )
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    record_type: Mapped[str] = mapped_column(String(63))
    record_id: Mapped[str] = mapped_column(String(200))
    part: Mapped[str] = mapped_column(String(63))
    op: Mapped[Op]
    before: Mapped[Stored | None] = mapped_column(JSONB(none_as_null=True))
    after: Mapped[Stored | None] = mapped_column(JSONB(none_as_null=True))
