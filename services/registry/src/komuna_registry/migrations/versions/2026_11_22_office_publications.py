"""Offices: published figures that counts point to, and what officers write."""

from komuna_shared.migrations import execute_script

revision = "r010"
down_revision = "r009"

_UPGRADE = """
SELECT 1;
"""

_DOWNGRADE = """
SELECT 1;
"""


def upgrade() -> None:
    execute_script(_UPGRADE)


def downgrade() -> None:
    execute_script(_DOWNGRADE)
