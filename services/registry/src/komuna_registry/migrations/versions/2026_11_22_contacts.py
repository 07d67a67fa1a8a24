"""The work contacts of officers."""

from komuna_shared.migrations import execute_script

revision = "r011"
down_revision = "r010"

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
