"""Following registry's feed: assignments and whatever else a service copies, never behind its cursor."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from komuna_shared.access import Assignment, Caller, Principal
from komuna_shared.changes import Change, ResyncRequiredError
from komuna_shared.database import Database
from komuna_shared.errors import GoneError, ServiceError
from komuna_shared.http import ServiceClient
from komuna_shared.logging import error_of, log
from komuna_shared.tables import assignment_copy, follower_cursor

FEED = "registry"
_PAGE = 200
_LONGEST_WAIT = 30.0


@dataclass(frozen=True)
class Copy:
    """How one type of thing is copied: `apply` some changes, `clear` before starting again."""

    apply: Callable[[AsyncSession, Sequence[Change]], Awaitable[None]]
    clear: Callable[[AsyncSession], Awaitable[None]]


class Follower:
    """Copies a feed into this service's tables."""

    def __init__(
        self,
        client: ServiceClient,
        database: Database,
        copies: Mapping[str, Copy],
        *,
        interval: float = 1.0,
    ) -> None:
        self._client = client
        self._database = database
        self._copies = copies
        self._interval = interval

    async def run(self, stop: asyncio.Event) -> None:
        """Follow until told to stop; a feed that cannot be read is asked again, more rarely."""
        wait = self._interval
        while not stop.is_set():
            try:
                is_end = await self.step()
                wait = self._interval if is_end else 0.0
            except (ServiceError, OSError) as error:
                log.warning("follower_waits", **error_of(error))
                wait = min(max(wait, self._interval) * 2, _LONGEST_WAIT)
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), wait)

    async def step(self) -> bool:
        """Copy one page in one transaction with the cursor after it; tell whether it is the end."""
        raise NotImplementedError
