"""Settlements of municipalities, and the languages they owe."""

from komuna_shared.migrations import execute_script

revision = "r013"
down_revision = "r012"

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
