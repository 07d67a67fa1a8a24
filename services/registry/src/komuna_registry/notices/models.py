"""The tables of notices, and of the letters that they became."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from komuna_registry.accounts.rules import Role
from komuna_registry.tables import CODE, Base

from .rules import Channel, DeliveryState, Template

Params = dict[str, Any]


class Notice(Base):
    """What some people are told: a template, filled with codes and days, for holders of a role."""

    __tablename__ = "notice"
    __table_args__ = (
        CheckConstraint("num_nonnulls(municipality, institution) = 1", name="one_place"),
        Index(None, "created_at", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    template: Mapped[Template]
    role: Mapped[Role]
    municipality: Mapped[str | None] = mapped_column(CODE, ForeignKey("municipality.slug"))
    institution: Mapped[str | None] = mapped_column(CODE, ForeignKey("institution.code"))
    params: Mapped[Params] = mapped_column(JSONB)
    sender: Mapped[str] = mapped_column(String(300))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Delivery(Base):
    """One letter to one account; the address stays in the account, and is read when it leaves."""

    __tablename__ = "delivery"
    __table_args__ = (
        UniqueConstraint("notice", "account"),
        CheckConstraint(
            "(state = 'sent') = (sent_at is not null and channel is not null)", name="sent"
        ),
        Index(None, "next_at", postgresql_where=text("state = 'queued'")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    notice: Mapped[UUID] = mapped_column(ForeignKey("notice.id"))
    account: Mapped[UUID] = mapped_column(ForeignKey("account.id"), index=True)
    state: Mapped[DeliveryState] = mapped_column(server_default=text("'queued'"))
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    channel: Mapped[Channel | None]
    code: Mapped[str | None] = mapped_column(String(50))
    next_at: Mapped[datetime] = mapped_column(server_default=func.now())
    sent_at: Mapped[datetime | None]
