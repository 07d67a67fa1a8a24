"""How a service reaches Postgres: a transaction per request, a fast reader, one way to asyncpg."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime
from enum import Enum, StrEnum
from socket import gaierror
from typing import Annotated, Any, cast

import asyncpg
import orjson
from fastapi import Depends, Request
from sqlalchemy import DateTime, MetaData, Row, text
from sqlalchemy import Enum as EnumType
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import (
    AsyncConnection,
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)

from komuna_shared.errors import ConflictError, RuleError, ServiceError, UnavailableError

Record = Row[*tuple[Any, ...]]
"""One row of any statement."""

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


def new_metadata() -> MetaData:
    """Return empty metadata that names every key and constraint by one convention."""
    return MetaData(naming_convention=NAMING)


def enum_type(enum: type[Enum], *, name: str | None = None) -> EnumType:
    """Return a text column type that holds the values of `enum`, checked by Postgres."""
    return EnumType(
        enum,
        name=name,
        native_enum=False,
        create_constraint=True,
        length=63,
        values_callable=lambda members: [member.value for member in members],
    )


TYPES: dict[Any, Any] = {StrEnum: enum_type(StrEnum), datetime: DateTime(timezone=True)}
"""The `type_annotation_map` of every service's `Base`."""


class AlreadyExistsError(ConflictError):
    """Something with the same identity is there already."""

    code = "already_exists"
    detail = "This already exists."


class OverlapError(ConflictError):
    """Two periods that exclude each other overlap."""

    code = "overlap"
    detail = "This overlaps with what is already recorded."


class BrokenReferenceError(ConflictError):
    """Something refers to this, or this refers to something that is not there."""

    code = "reference_broken"
    detail = "This refers to something that does not exist, or is still referred to."


class ConstraintError(RuleError):
    """A rule that Postgres guards is broken."""

    code = "constraint"
    detail = "The values break a rule of the data."


class BusyError(UnavailableError):
    """The database cannot answer in time; the same request may succeed soon."""

    code = "busy"
    detail = "The service is busy. Please try again."


_BY_STATE: dict[str, type[ServiceError]] = {
    "23505": AlreadyExistsError,
    "23P01": OverlapError,
    "23503": BrokenReferenceError,
    "23001": BrokenReferenceError,
    "23514": ConstraintError,
    "40001": BusyError,
    "40P01": BusyError,
    "55P03": BusyError,
    "57014": BusyError,
}
_BY_CLASS: dict[str, type[ServiceError]] = {
    "08": BusyError,  # The connection failed.
    "22": ConstraintError,  # A value cannot be stored.
    "53": BusyError,  # Out of connections, memory or disk.
    "57": BusyError,  # The server is starting or stopping.
}
_UNREACHABLE = (ConnectionError, TimeoutError, gaierror)
_LOST = (asyncpg.InterfaceError, asyncpg.InternalClientError)
_PATIENCE = 0.5
"""The seconds that a caller waits for a connection before being told to come again."""
_FAILURES = (DBAPIError, PoolTimeoutError, asyncpg.PostgresError, *_LOST, *_UNREACHABLE)


def sqlstate(error: BaseException) -> str | None:
    """Return the five-character state of a database error, the only part that may be logged."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    state = getattr(cause, "sqlstate", None)
    return state if isinstance(state, str) else None


def service_error(error: BaseException) -> ServiceError | None:
    """Return what a caller may know of a database error, or None where it is our own mistake."""
    if isinstance(error, (PoolTimeoutError, *_UNREACHABLE)):
        return BusyError()
    state = sqlstate(error)
    if state is None:
        # What the server said has a state; without one, the connection to it was lost.
        return BusyError() if isinstance(error, (DBAPIError, *_LOST)) else None
    kind = _BY_STATE.get(state) or _BY_CLASS.get(state[:2])
    return kind() if kind else None


@contextmanager
def translated() -> Iterator[None]:
    """Raise database errors as the problem they are for the caller, without their message."""
    try:
        yield
    except _FAILURES as error:
        problem = service_error(error)
        if problem is None:
            raise
        raise problem from None


class Database:
    """The two engines of one service: sessions that write, and a reader that cannot."""

    def __init__(
        self, url: str, *, pool_size: int = 10, statement_timeout: float = 5, service: str = ""
    ) -> None:
        limits = {
            "application_name": f"komuna_{service}" if service else "komuna",
            "statement_timeout": str(int(statement_timeout * 1000)),
            "lock_timeout": "2000",
            "idle_in_transaction_session_timeout": str(int(max(statement_timeout, 10) * 1000)),
        }
        self.engine = _engine(url, pool_size, limits)
        # 0.31 ms against 0.52 for fifty rows. The setting is no wall: a role may change its own.
        reading = {**limits, "default_transaction_read_only": "on"}
        self.read_engine = _engine(
            url, pool_size + 1, reading, isolation_level="AUTOCOMMIT", pool_reset_on_return=None
        )
        self.sessions = async_sessionmaker(self.engine, expire_on_commit=False)
        # Whoever comes late overtakes whoever waits for the pool itself; here they queue.
        self._turns, self._spare = asyncio.Semaphore(pool_size), asyncio.Semaphore(1)

    @asynccontextmanager
    async def session(self, **options: Any) -> AsyncIterator[AsyncSession]:
        """Open a session whose transaction commits at the end, or vanishes with an exception."""
        async with self.sessions(**options) as session:
            yield session
            await session.commit()

    @asynccontextmanager
    async def reader(self, *, queues: bool = True) -> AsyncIterator[AsyncConnection]:
        """Open a connection without transactions that refuses to write.

        What requests wait for while they hold theirs must not queue behind them, or all wait.
        """
        turns = self._turns if queues else self._spare
        async with asyncio.timeout(_PATIENCE):
            await turns.acquire()
        try:
            async with self.read_engine.connect() as connection:
                yield connection
        finally:
            turns.release()

    async def close(self) -> None:
        """Close every connection."""
        await self.engine.dispose()
        await self.read_engine.dispose()


def _engine(url: str, pool_size: int, settings: dict[str, str], **options: Any) -> AsyncEngine:
    return create_async_engine(
        url,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=_PATIENCE,
        hide_parameters=True,  # An error's text would otherwise hold what people typed.
        json_serializer=lambda value: orjson.dumps(value).decode(),
        json_deserializer=orjson.loads,
        connect_args={"server_settings": settings, "timeout": 5},
        **options,
    )


async def open_session(request: Request) -> AsyncIterator[AsyncSession]:
    """Give the request its transaction, committed before the response is sent."""
    database = cast("Database", request.app.state.database)
    with translated():
        async with database.session() as session:
            session.info["trace_id"] = request.scope.get("state", {}).get("trace_id")
            yield session


async def open_reader(request: Request) -> AsyncIterator[AsyncConnection]:
    """Give the request a connection that reads only."""
    database = cast("Database", request.app.state.database)
    with translated():
        async with database.reader() as connection:
            yield connection


Session = Annotated[AsyncSession, Depends(open_session, scope="function")]
Reader = Annotated[AsyncConnection, Depends(open_reader, scope="function")]


async def release(session: AsyncSession) -> None:
    """End what was only read so far, so that nothing is held while a caller sends a long body."""
    await session.rollback()


async def raw(session: AsyncSession) -> asyncpg.Connection:
    """Return asyncpg's connection, inside the session's transaction and savepoint."""
    connection = await session.connection()  # Also sends a pending SAVEPOINT.
    pooled = await connection.get_raw_connection()
    driver = cast("asyncpg.Connection", pooled.driver_connection)
    if not driver.is_in_transaction():
        # SQLAlchemy sends BEGIN with the first statement only; without it, what is written here
        # would survive a rollback.
        await session.execute(text("select 1"))
    return driver
