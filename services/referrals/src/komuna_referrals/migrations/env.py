"""Alembic's entry."""

from komuna_referrals import main  # noqa: F401 -- it imports every feature, so every table.
from komuna_referrals.tables import Base
from komuna_shared.migrations import run_env
from komuna_shared.tables import FOLLOWER_METADATA, SHARED_METADATA

run_env([Base.metadata, SHARED_METADATA, FOLLOWER_METADATA])
