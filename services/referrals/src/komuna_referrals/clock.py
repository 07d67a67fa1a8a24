"""Which day it is where the mechanism works."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

_ZONE = ZoneInfo("Europe/Belgrade")


def today() -> date:
    """Return the present day in Kosovo."""
    return datetime.now(_ZONE).date()
