"""How old the copy of who holds which role may be, for what somebody wants to do."""

from sqlalchemy.ext.asyncio import AsyncSession

from komuna_referrals.settings import WorkerSettings
from komuna_shared.errors import UnavailableError
from komuna_shared.follower import lag


class StaleAssignmentsError(UnavailableError):
    """The copy of who holds which role is too old to let anybody in by it."""

    code = "assignments_stale"
    detail = "Who holds which role is not known well enough at the moment. Try again later."


def is_stale(age: float | None, settings: WorkerSettings, *, starts: bool) -> bool:
    """Tell whether the copy is too old: running work goes on longer than anything begins."""
    allowed = settings.assignments_fresh_seconds if starts else settings.assignments_trusted_seconds
    return age is None or age > allowed


async def check_fresh(session: AsyncSession, settings: WorkerSettings) -> None:
    """Raise where the copy is too old for something new to begin by it."""
    age = await lag(await session.connection())
    if is_stale(age, settings, starts=True):
        raise StaleAssignmentsError
