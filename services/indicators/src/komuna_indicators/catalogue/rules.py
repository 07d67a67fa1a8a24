"""The vocabulary of the catalogue, and when a published version may be followed by another."""

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum

_VERSION = re.compile(r"(0|[1-9]\d{0,3})\.(0|[1-9]\d{0,3})\.(0|[1-9]\d{0,3})")

TOTAL = "_T"
"""The code of every dimension for "all of it, not broken down"."""

UNIT_LIST = "CL_UNIT"


class Dimension(StrEnum):
    """What a figure may be broken down by; each is a column of the observations.

    A dataflow says which of them it has, in which order, and with which code list.
    """

    SEX = "sex"
    AGE = "age"
    COMMUNITY = "community"
    CITIZENSHIP = "citizenship"
    COUNTRY_OF_ORIGIN = "country_of_origin"
    OFFENCE = "offence"
    EXPLOITATION = "exploitation"
    KIND = "kind"
    STATE = "state"
    INSTITUTION = "institution"


class Tier(StrEnum):
    """How much of a dataflow the public may see (0 exact, 2 most protected)."""

    POSTS = "0"
    PERSONS = "1"
    VICTIMS = "2"


class IndicatorType(StrEnum):
    """OHCHR's three: what is committed to, what is done, what comes of it."""

    STRUCTURAL = "structural"
    PROCESS = "process"
    OUTCOME = "outcome"


class Periodicity(StrEnum):
    """How often the figure is due."""

    MONTH = "month"
    QUARTER = "quarter"
    HALF_YEAR = "half_year"
    YEAR = "year"
    EVENT = "event"


class Aggregation(StrEnum):
    """How the figure of a larger area is made from those of its parts."""

    SUM = "sum"
    RATIO = "ratio"
    NONE = "none"


def version_key(version: str) -> tuple[int, ...]:
    """Return what orders versions: 1.10.0 comes after 1.9.0. Raise ValueError for anything else."""
    if not _VERSION.fullmatch(version):
        raise ValueError
    return tuple(int(part) for part in version.split("."))


def is_version(version: str) -> bool:
    """Say whether the text is a semantic version."""
    return _VERSION.fullmatch(version) is not None


def may_follow(current: str | None, proposed: str) -> bool:
    """Say whether `proposed` may be published after `current`."""
    return current is None or version_key(proposed) > version_key(current)


def breakdown(dimensions: Sequence[str], codes: Mapping[str, str | None]) -> str:
    """Return the codes of a figure in the order of its dataflow, as they stand in its key."""
    return ".".join(codes.get(name) or TOTAL for name in dimensions)


def series_key(indicator: str, municipality: str, breakdown: str) -> str:
    """Return the key of a series: indicator, municipality, then the codes of its breakdown."""
    return ".".join(part for part in (indicator, municipality, breakdown) if part)
