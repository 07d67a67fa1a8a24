"""Alembic's entry."""

from komuna_shared.migrations import run_env
from komuna_shared.tables import FOLLOWER_METADATA, SHARED_METADATA
from tests.shared.notes.tables import Base

run_env([Base.metadata, SHARED_METADATA, FOLLOWER_METADATA])
