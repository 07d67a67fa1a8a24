"""The directory in full: places, times, contacts, costs, accessibility."""

from komuna_shared.migrations import execute_script

revision = "r012"
down_revision = "r011"

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
