"""Which day it is where the municipalities are."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

_ZONE = ZoneInfo("Europe/Belgrade")


def today() -> date:
    """Return the present day in Kosovo."""
    return datetime.now(_ZONE).date()


def day_of(instant: datetime) -> date:
    """Return the day that it is in Kosovo at an instant."""
    return instant.astimezone(_ZONE).date()
