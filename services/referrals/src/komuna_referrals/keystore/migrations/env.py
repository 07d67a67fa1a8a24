"""Alembic's entry."""

from komuna_referrals.keystore.models import KeystoreBase
from komuna_shared.migrations import run_env

run_env([KeystoreBase.metadata])
