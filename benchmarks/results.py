"""What one row of the report is made of."""

from collections.abc import Mapping
from dataclasses import dataclass


class SkippedError(Exception):
    """A peer or a tool is not on this machine; the message says which and how to get it."""


@dataclass(frozen=True, slots=True)
class Result:
    """What was measured for one row; `met` only if all its figures are."""

    figures: Mapping[str, float]
    met: bool
    cpu_us: Mapping[str, float]
    peer: str
    rounds: int
    dropped: int
