"""Notices with a deadline: to many, by letter, acknowledged, fulfilled."""

from komuna_shared.migrations import execute_script

revision = "r015"
down_revision = "r014"

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
