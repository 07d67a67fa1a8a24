"""What the worker does by the clock: reminders of reports that are due or overdue."""

from typing import Any

from komuna_indicators.clients.registry import RegistryClient
from komuna_indicators.clock import today
from komuna_shared.database import Database
from komuna_shared.worker import Schedule

from . import operations


def reminder_schedule(registry: RegistryClient, cron: str) -> Schedule:
    """Return the schedule that reminds; `cron` may have a sixth field, for seconds."""

    async def run(database: Database, _: dict[str, Any]) -> None:
        await operations.remind(database, registry, today())

    return Schedule("reminders.send", cron, run)
