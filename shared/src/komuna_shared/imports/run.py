"""The job that takes one file in."""

from collections.abc import Mapping, Sequence
from typing import Any

from komuna_shared.jobs import Handler

from .collection import Collection


def import_jobs(collections: Sequence[Collection[Any]]) -> Mapping[str, Handler]:
    """Return the handlers a worker needs to run imports of these collections."""
    return {}
