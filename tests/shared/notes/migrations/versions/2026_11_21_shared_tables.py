"""The tables every service has."""

from komuna_shared.migrations import create_shared_tables, drop_shared_tables

revision = "n001"
down_revision = None


def upgrade() -> None:
    create_shared_tables("notes", follows=True)


def downgrade() -> None:
    drop_shared_tables(follows=True)
