"""Notes."""

import sqlalchemy as sa
from alembic import op

revision = "n002"
down_revision = "n001"


def upgrade() -> None:
    mood = sa.Enum("glad", "sad", name="mood", native_enum=False, create_constraint=True, length=63)
    op.create_table(
        "note",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("mood", mood, nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("size", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_note")),
        sa.UniqueConstraint("title", name=op.f("uq_note_title")),
    )


def downgrade() -> None:
    op.drop_table("note")
