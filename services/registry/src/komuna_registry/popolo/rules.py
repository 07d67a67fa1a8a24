"""How our dates and codes are written in Popolo."""

import re

from komuna_shared.errors import RuleError

MOST_MEMBERSHIPS = 20_000

_POPOLO_DATE = re.compile(r"\d{4}(?:-\d{2}){0,2}")


class TooManyMembershipsError(RuleError):
    """One document would hold more than a reader can be sent at once."""

    code = "too_many_memberships"
    detail = "This is more than one document holds. Name municipalities or institutions."


def popolo_date(written: str | None) -> str | None:
    """Return a year, a month or a day as it is; a range of them is none that Popolo could hold."""
    return written if written and _POPOLO_DATE.fullmatch(written) else None


def municipality_id(slug: str) -> str:
    """Return the id of a municipality, which is an organization and an area."""
    return f"municipality:{slug}"


def post_id(office: str, seat: int) -> str:
    """Return the id of one seat of an office; Popolo has no seats, so that each is a post."""
    return f"{office}:{seat}"
