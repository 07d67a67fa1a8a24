"""The job that writes one export."""

from collections.abc import Mapping, Sequence

from komuna_shared.jobs import Handler

from .dataset import Dataset


def export_jobs(datasets: Sequence[Dataset]) -> Mapping[str, Handler]:
    """Return the handlers a worker needs to write exports of these datasets."""
    return {}
