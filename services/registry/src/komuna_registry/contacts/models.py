"""The table of work contacts: how to reach whoever does something for a municipality."""

from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from komuna_registry.tables import CODE, Base, Dated, Sourced, Versioned

# Of a name of odd signs, each of which stands for several, the first words are found.
LONGEST_WORDS = 500


class Contact(Versioned, Sourced, Dated, Base):
    """Somebody's work contact; what they do is a known kind of office, words of their own, or both.

    Institutions see it; it is never public.
    """

    __tablename__ = "contact"
    __table_args__ = (
        UniqueConstraint(
            *("municipality", "institution", "kind", "position", "name"),
            name="uq_contact_once",
            postgresql_nulls_not_distinct=True,
        ),
        CheckConstraint("num_nonnulls(institution, municipality) = 1", name="one_owner"),
        CheckConstraint("num_nonnulls(kind, position) > 0", name="does_something"),
        CheckConstraint("num_nonnulls(email, telephone) > 0", name="can_be_reached"),
        CheckConstraint(
            "languages <@ array['sq','sr','en','tr','bs','rom']::varchar(10)[]", name="languages"
        ),
        CheckConstraint("possible @> certain", name="certain_is_possible"),
        CheckConstraint("not isempty(possible)", name="ends_after_it_begins"),
        CheckConstraint(
            "not is_synthetic or coalesce(lower(possible) >= date '2026-01-01', false)",
            name="synthetic_from_2026",
        ),
        Index(None, "words", postgresql_using="gin", postgresql_ops={"words": "gin_trgm_ops"}),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("uuidv7()"))
    municipality: Mapped[str | None] = mapped_column(CODE, ForeignKey("municipality.slug"))
    institution: Mapped[str | None] = mapped_column(
        CODE, ForeignKey("institution.code"), index=True
    )
    kind: Mapped[str | None] = mapped_column(CODE, ForeignKey("office_kind.code"), index=True)
    position: Mapped[str | None] = mapped_column(String(200))
    office: Mapped[str | None] = mapped_column(CODE, ForeignKey("office.code"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    email: Mapped[str | None] = mapped_column(String(254))
    telephone: Mapped[str | None] = mapped_column(String(40))
    languages: Mapped[list[str]] = mapped_column(ARRAY(String(10)))
    is_synthetic: Mapped[bool]
    words: Mapped[str] = mapped_column(String(LONGEST_WORDS))
