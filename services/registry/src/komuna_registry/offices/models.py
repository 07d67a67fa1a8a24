"""The tables of offices, their holders, and the times they held them."""

from datetime import date
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ExcludeConstraint, Range
from sqlalchemy.orm import Mapped, mapped_column

from komuna_registry.tables import CODE, Base, Names, Sourced, Versioned

from .rules import Sex

# Of names of odd signs, each of which stands for several, the first words are found.
LONGEST_WORDS, LONGEST_NAME_WORDS = 2000, 500


class OfficeKind(Versioned, Sourced, Base):
    """A kind of office, such as mayor."""

    __tablename__ = "office_kind"

    code: Mapped[str] = mapped_column(CODE, primary_key=True)
    names: Mapped[Names]


class OfficePublication(Sourced, Versioned, Base):
    """A published total of a kind, which indicators hold; its members are not named there."""

    __tablename__ = "office_publication"

    kind: Mapped[str] = mapped_column(CODE, ForeignKey("office_kind.code"), primary_key=True)
    indicator: Mapped[str] = mapped_column(CODE, primary_key=True)
    period: Mapped[str] = mapped_column(String(50), primary_key=True)


class Office(Versioned, Sourced, Base):
    """An office of an institution or of a municipality, with one or more seats."""

    __tablename__ = "office"
    __table_args__ = (
        CheckConstraint("num_nonnulls(institution, municipality) = 1", name="one_owner"),
        CheckConstraint("seats between 1 and 500", name="seats"),
        Index(None, "words", postgresql_using="gin", postgresql_ops={"words": "gin_trgm_ops"}),
    )

    code: Mapped[str] = mapped_column(CODE, primary_key=True)
    kind: Mapped[str] = mapped_column(CODE, ForeignKey("office_kind.code"), index=True)
    institution: Mapped[str | None] = mapped_column(
        CODE, ForeignKey("institution.code"), index=True
    )
    municipality: Mapped[str | None] = mapped_column(
        CODE, ForeignKey("municipality.slug"), index=True
    )
    names: Mapped[Names]
    seats: Mapped[int]
    words: Mapped[str] = mapped_column(String(LONGEST_WORDS))


class Holder(Versioned, Sourced, Base):
    """A person known for a public office, and no more about them than a source tells."""

    __tablename__ = "holder"
    __table_args__ = (
        CheckConstraint("num_nulls(sex, sex_source, sex_locator) in (0, 3)", name="sex_sourced"),
        CheckConstraint(
            "num_nulls(community, community_source, community_locator) in (0, 3)",
            name="community_sourced",
        ),
        Index(None, "words", postgresql_using="gin", postgresql_ops={"words": "gin_trgm_ops"}),
    )

    code: Mapped[str] = mapped_column(CODE, primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    sex: Mapped[Sex | None]
    sex_source: Mapped[str | None] = mapped_column(CODE, ForeignKey("source.code"))
    sex_locator: Mapped[str | None] = mapped_column(String(200))
    community: Mapped[str | None] = mapped_column(CODE)
    community_source: Mapped[str | None] = mapped_column(CODE, ForeignKey("source.code"))
    community_locator: Mapped[str | None] = mapped_column(String(200))
    words: Mapped[str] = mapped_column(String(LONGEST_NAME_WORDS))


class Tenure(Versioned, Sourced, Base):
    """Somebody held a seat of an office for a time.

    Two tenures of one seat may touch in their uncertain edges; where both are certain they may not.
    `until_source` is the act that ended it, where that is another than the one that tells of it.
    """

    __tablename__ = "tenure"
    __table_args__ = (
        UniqueConstraint(
            "office",
            "seat",
            "holder",
            "since",
            "attested_on",
            postgresql_nulls_not_distinct=True,
        ),
        ExcludeConstraint(
            ("office", "="),
            ("seat", "="),
            ("certain", "&&"),
            using="gist",
            name="ex_tenure_certain",
        ),
        Index(None, "office", "possible", postgresql_using="gist"),
        CheckConstraint("possible @> certain", name="certain_is_possible"),
        CheckConstraint("not isempty(possible)", name="ends_after_it_begins"),
        CheckConstraint("seat >= 1", name="seat"),
        CheckConstraint(
            "num_nulls(until_source, until_locator) in (0, 2) "
            "and (until_source is null or until is not null)",
            name="until_sourced",
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    office: Mapped[str] = mapped_column(CODE, ForeignKey("office.code"))
    seat: Mapped[int]
    holder: Mapped[str] = mapped_column(CODE, ForeignKey("holder.code"), index=True)
    since: Mapped[str | None] = mapped_column(String(30))
    until: Mapped[str | None] = mapped_column(String(30))
    attested_on: Mapped[str | None] = mapped_column(String(30))
    certain: Mapped[Range[date]]
    possible: Mapped[Range[date]]
    is_acting: Mapped[bool]
    until_source: Mapped[str | None] = mapped_column(CODE, ForeignKey("source.code"))
    until_locator: Mapped[str | None] = mapped_column(String(200))
