"""The history of every record: who changed what, when, from what, to what."""

from komuna_shared.migrations import execute_script

revision = "r009"
down_revision = "r008"

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
