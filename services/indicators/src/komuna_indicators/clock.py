"""Today, where deadlines and embargoes are kept: days here are days in Kosovo."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

KOSOVO = ZoneInfo("Europe/Belgrade")


def today() -> date:
    """Return today's date in Kosovo."""
    return datetime.now(KOSOVO).date()


def day_of(instant: datetime) -> date:
    """Return the day in Kosovo on which something happened."""
    return instant.astimezone(KOSOVO).date()


def end_of(day: date) -> datetime:
    """Return the instant at which a day in Kosovo is over."""
    return datetime.combine(day + timedelta(days=1), time(), KOSOVO)
