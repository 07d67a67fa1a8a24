"""Facilities surveyed for access, and activities with their participants."""

from komuna_shared.migrations import execute_script

revision = "r014"
down_revision = "r013"

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
