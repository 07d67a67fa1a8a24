"""Alembic's entry; `main` and `worker` bring every feature's tables."""

import komuna_indicators.worker
from komuna_shared.migrations import run_env
from komuna_shared.tables import FOLLOWER_METADATA, SHARED_METADATA

run_env([komuna_indicators.tables.Base.metadata, SHARED_METADATA, FOLLOWER_METADATA])
