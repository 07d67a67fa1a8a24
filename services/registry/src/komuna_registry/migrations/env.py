"""Alembic's entry; `main` brings every feature's tables."""

import komuna_registry.main
from komuna_shared.migrations import run_env
from komuna_shared.tables import SHARED_METADATA

run_env([komuna_registry.tables.Base.metadata, SHARED_METADATA])
