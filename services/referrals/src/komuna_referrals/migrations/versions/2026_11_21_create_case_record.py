"""Cases, which Postgres itself hides from everybody who has not proved for whom they act."""

import sqlalchemy as sa
from alembic import op

revision = "referrals_002"
down_revision = "referrals_001"
branch_labels = None
depends_on = None


def _one_of(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=63)


_RECORD = ("open", "on_hold", "closed", "reopened", "archived", "entered_in_error")
_IDENTIFICATION = ("screened", "presumed", "identified", "not_identified", "unresolved")
_ASSISTANCE = (
    "none",
    "offered",
    "reflection",
    "short_term",
    "long_term",
    "follow_up",
    "ended",
    "declined_by_person",
)
_RISK = ("unassessed", "low", "medium", "high")


def upgrade() -> None:
    op.create_table(
        "case_record",
        sa.Column("id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("institution", sa.Text(collation="C"), nullable=False),
        sa.Column(
            "record", _one_of("recordstate", *_RECORD), server_default="open", nullable=False
        ),
        sa.Column(
            "identification",
            _one_of("identification", *_IDENTIFICATION),
            server_default="screened",
            nullable=False,
        ),
        sa.Column(
            "assistance", _one_of("assistance", *_ASSISTANCE), server_default="none", nullable=False
        ),
        sa.Column("risk", _one_of("risk", *_RISK), server_default="unassessed", nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column(
            "opened_at",
            sa.TIMESTAMP(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_record")),
    )
    op.create_index(
        op.f("ix_case_record_institution_opened_at_id"),
        "case_record",
        ["institution", "opened_at", "id"],
    )
    # Deny by default: no policy names the application role, so it sees and writes nothing.
    op.execute("alter table case_record enable row level security")
    # Forced, so that the owner obeys too; its policy keeps migrations from silently seeing nothing.
    op.execute("alter table case_record force row level security")
    op.execute("create policy owner on case_record to current_user using (true) with check (true)")


def downgrade() -> None:
    op.drop_table("case_record")
