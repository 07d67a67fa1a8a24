"""The tables every service has."""

from komuna_shared.migrations import create_shared_tables, drop_shared_tables

revision = "r001"
down_revision = None


def upgrade() -> None:
    create_shared_tables("registry")


def downgrade() -> None:
    drop_shared_tables()
