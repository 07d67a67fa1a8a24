"""The whole catalogue at one version, held in memory: it is small, and every answer needs it."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, cast

from fastapi import Depends, Request
from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from komuna_shared.database import Database, translated

from . import queries
from .rules import Dimension

_KEPT_ANSWERS = 512


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What the current versions say, by code."""

    version: int
    documents: Mapping[str, Row[Any]]
    code_lists: Mapping[str, Row[Any]]
    dataflows: Mapping[str, Row[Any]]
    indicators: Mapping[str, Row[Any]]
    codes: Mapping[str, Mapping[str, Mapping[str, str]]]
    dimensions: Mapping[str, Mapping[Dimension, str]]
    answers: dict[tuple[str, ...], bytes] = field(default_factory=dict)

    def keep(self, key: tuple[str, ...], body: bytes) -> None:
        """Keep the bytes of an answer for whoever asks the same, forgetting the oldest."""
        if len(self.answers) >= _KEPT_ANSWERS:
            self.answers.pop(next(iter(self.answers)))
        self.answers[key] = body


class Shelf:
    """Holds the newest catalogue of a process; looks at its version once in `seconds`."""

    def __init__(self, database: Database, seconds: float) -> None:
        self._database = database
        self._seconds = seconds
        self._held: Catalogue | None = None
        self._looked_at = 0.0
        self._lock = asyncio.Lock()

    async def current(self) -> Catalogue:
        """Return a catalogue that is at most `seconds` older than the database."""
        if self._held is not None and time.monotonic() - self._looked_at < self._seconds:
            return self._held
        async with self._lock:
            looking_at = time.monotonic()
            if self._held is not None and looking_at - self._looked_at < self._seconds:
                return self._held
            with translated():
                async with self._database.reader(queues=False) as connection:
                    self._held = await _renewed(connection, self._held)
            self._looked_at = looking_at
            return self._held


async def read_catalogue(request: Request) -> Catalogue:
    """Give the request the catalogue as it is now."""
    return await cast("Shelf", request.app.state.catalogue).current()


CurrentCatalogue = Annotated[Catalogue, Depends(read_catalogue)]


async def load_catalogue(connection: AsyncConnection | AsyncSession, version: int = 0) -> Catalogue:
    """Read every current version."""
    stored = await queries.read_everything(connection)
    lists = stored["code_list"]
    return Catalogue(
        version=version,
        documents=stored["document"],
        code_lists=lists,
        dataflows=stored["dataflow"],
        indicators=stored["indicator"],
        codes={
            code: {one["code"]: one["names"] for one in row.codes} for code, row in lists.items()
        },
        dimensions={
            code: {Dimension(one["dimension"]): one["code_list"] for one in row.dimensions}
            for code, row in stored["dataflow"].items()
        },
    )


async def _renewed(connection: AsyncConnection, held: Catalogue | None) -> Catalogue:
    version = await queries.find_version(connection)
    if held is not None and held.version == version:
        return held
    return await load_catalogue(connection, version)
