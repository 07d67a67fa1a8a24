"""What the worker does by the clock: it forgets files that were refused long ago."""

from typing import Any

from komuna_shared.database import Database
from komuna_shared.worker import Schedule

from . import operations


async def _forget(database: Database, _: dict[str, Any]) -> None:
    async with database.session() as session:
        await operations.forget_refused(session)


FORGET_REFUSED = Schedule("forget.refused_files", "53 * * * *", _forget)
