"""The tables every service has, and those of a follower."""

from komuna_shared.migrations import create_shared_tables, drop_shared_tables

revision = "i001"
down_revision = None


def upgrade() -> None:
    create_shared_tables("indicators", follows=True)


def downgrade() -> None:
    drop_shared_tables(follows=True)
