"""What the functions in the database refuse, as the problems that callers are told."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError

from komuna_referrals.trail import AuditUnavailableError
from komuna_shared.database import sqlstate
from komuna_shared.errors import (
    ForbiddenError,
    NotFoundError,
    PreconditionFailedError,
    ServiceError,
)

_ALWAYS: Mapping[str, type[ServiceError]] = {
    "KR403": ForbiddenError,
    "KR404": NotFoundError,
    "KR412": PreconditionFailedError,
    "KRAUD": AuditUnavailableError,
}


@contextmanager
def refusals(more: Mapping[str, type[ServiceError]]) -> Iterator[None]:
    """Raise the problem that belongs to the state with which a function refused."""
    try:
        yield
    except DBAPIError as error:
        kind = {**_ALWAYS, **more}.get(sqlstate(error) or "")
        if kind is None:
            raise
        raise kind from None
