"""The table of all figures: append-only, with every dimension as a column of its own."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from komuna_indicators.tables import Base, Code, Codes, Names, ReplacedAt, WrittenAt

from .rules import MISSING, InputRole, Origin, Qualifier, Reason, Status

MISSING_PAIRS = " or ".join(
    f"(status = '{status}' and reason in ({', '.join(repr(str(one)) for one in sorted(reasons))}))"
    for status, reasons in sorted(MISSING.items())
)
MISSING_STATUSES = ", ".join(repr(str(status)) for status in sorted(MISSING))


class Observation(Base):
    """One statement of one figure; a correction closes it and adds another."""

    __tablename__ = "observation"
    __table_args__ = (
        CheckConstraint(
            f"case when value is null then reason is not null and ({MISSING_PAIRS})"
            f" else reason is null and status not in ({MISSING_STATUSES}) end",
            name="a_value_or_why_not",
        ),
        CheckConstraint("value is not null or qualifier is null", name="qualifies_a_value"),
        CheckConstraint("period_from < period_to", name="period_is_not_empty"),
        CheckConstraint(
            "(period_from = '-infinity') = (period_to = 'infinity')", name="period_stated_or_not"
        ),
        CheckConstraint("decimals between 0 and 9", name="decimals_in_range"),
        CheckConstraint(
            "origin <> 'synthetic' or period_from >= '2026-01-01'", name="synthetic_is_new"
        ),
        CheckConstraint(
            "submission_id is null or origin in ('submitted', 'synthetic')",
            name="submitted_or_synthetic",
        ),
        CheckConstraint(
            "(coverage_count is null) = (coverage_of is null) and coverage_count <= coverage_of",
            name="coverage_of_something",
        ),
        # The identity of a current statement, the index of every list, and the order of its pages.
        Index(
            "uq_observation_current",
            "indicator",
            "municipality",
            "period_from",
            "period_to",
            "breakdown",
            "origin",
            "source",
            unique=True,
            postgresql_where=text("valid_to = 'infinity'"),
        ),
        Index(
            "uq_observation_fact",
            "fact",
            unique=True,
            postgresql_where=text("valid_to = 'infinity' and fact is not null"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    dataflow: Mapped[Code]
    indicator: Mapped[Code]
    municipality: Mapped[Code]
    # Days, half-open; -infinity to infinity where the source names no period.
    period_from: Mapped[date]
    period_to: Mapped[date]
    # The codes of the dimensions below in the order of the dataflow: "F._T".
    breakdown: Mapped[Code]
    sex: Mapped[Code | None]
    age: Mapped[Code | None]
    community: Mapped[Code | None]
    citizenship: Mapped[Code | None]
    country_of_origin: Mapped[Code | None]
    offence: Mapped[Code | None]
    exploitation: Mapped[Code | None]
    kind: Mapped[Code | None]
    state: Mapped[Code | None]
    institution: Mapped[Code | None]
    value: Mapped[Decimal | None] = mapped_column(Numeric)
    status: Mapped[Status]
    reason: Mapped[Reason | None]
    qualifier: Mapped[Qualifier | None]
    unit: Mapped[Code]
    decimals: Mapped[int] = mapped_column(SmallInteger)
    numerator: Mapped[Decimal | None] = mapped_column(Numeric)
    denominator: Mapped[Decimal | None] = mapped_column(Numeric)
    origin: Mapped[Origin]
    # The whole address of the statement, "S0:L89", and the document it begins with.
    source: Mapped[Code]
    document: Mapped[Code | None] = mapped_column(ForeignKey("document.code"))
    fact: Mapped[Code | None]
    members: Mapped[Codes]
    note: Mapped[Names]
    # Of how many reporters the figure of a larger area is made, and of how many it should be.
    coverage_count: Mapped[int | None] = mapped_column(SmallInteger)
    coverage_of: Mapped[int | None] = mapped_column(SmallInteger)
    # The version of a report that the figure stands in, and its cell if it is not computed.
    submission_id: Mapped[UUID | None] = mapped_column(ForeignKey("submission.id"))
    cell: Mapped[Code | None]
    release_id: Mapped[UUID | None] = mapped_column(ForeignKey("release.id"))
    valid_from: Mapped[WrittenAt]
    valid_to: Mapped[ReplacedAt]


class ObservationInput(Base):
    """A figure that another figure rests on, in the version it had then."""

    __tablename__ = "observation_input"

    observation_id: Mapped[UUID] = mapped_column(ForeignKey("observation.id"), primary_key=True)
    position: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    role: Mapped[InputRole]
    input_id: Mapped[UUID] = mapped_column(ForeignKey("observation.id"))
