"""The tables of releases: what was made public, when, under which rules, out of which reports."""

from datetime import date
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, SmallInteger, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from komuna_indicators.tables import Base, Code, WrittenAt

from .rules import ReleaseTier


class Release(Base):
    """A set of figures that became public together."""

    __tablename__ = "release"
    __table_args__ = (
        CheckConstraint(
            "(import_id is null) <> (obligation is null)", name="of_an_import_or_of_reports"
        ),
        CheckConstraint(
            "(obligation is null) = (period_from is null)"
            " and (obligation is null) = (period_to is null)"
            " and (obligation is null) = (is_synthetic is null)"
            " and (obligation is null) = (coverage_count is null)"
            " and (obligation is null) = (coverage_of is null)",
            name="reports_are_told",
        ),
        UniqueConstraint("obligation", "period_from", "number"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    code: Mapped[Code] = mapped_column(unique=True)
    tier: Mapped[ReleaseTier]
    # The import that brought its figures in: one import is one release.
    import_id: Mapped[UUID | None] = mapped_column(unique=True)
    # Or the obligation and period whose reports it publishes, and which of their releases it is.
    obligation: Mapped[Code | None]
    period_from: Mapped[date | None]
    period_to: Mapped[date | None]
    number: Mapped[int | None] = mapped_column(SmallInteger)
    is_synthetic: Mapped[bool | None]
    coverage_count: Mapped[int | None] = mapped_column(SmallInteger)
    coverage_of: Mapped[int | None] = mapped_column(SmallInteger)
    observation_count: Mapped[int]
    certificate: Mapped[dict[str, str]] = mapped_column(JSONB)
    published_at: Mapped[WrittenAt]


class ReleaseSubmission(Base):
    """A version of a report that a release made public; the row moves it to `published`."""

    __tablename__ = "release_submission"

    submission_id: Mapped[UUID] = mapped_column(ForeignKey("submission.id"), primary_key=True)
    release_id: Mapped[UUID] = mapped_column(ForeignKey("release.id"), index=True)
