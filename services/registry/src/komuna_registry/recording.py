"""What is asked of every record that somebody writes: that it names what is there."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from komuna_registry.institutions.called import find_names
from komuna_registry.municipalities.frame import Frame
from komuna_registry.naming import normalise
from komuna_registry.sources.resting import RestingIn, cite
from komuna_shared.errors import FieldError, RuleError
from komuna_shared.languages import DEFAULT, label

NOT_THERE = "This names something that is not there."
Place = tuple[str, str | None]
"""A pointer into the request, and what it names there."""


class UnknownNameError(RuleError):
    """The request names municipalities, institutions or criteria that are not there."""

    code = "unknown_reference"
    detail = NOT_THERE

    def __init__(self, *pointers: str) -> None:
        super().__init__(errors=tuple(FieldError(one, self.code) for one in pointers))


def check_municipalities(frame: Frame, named: Iterable[Place]) -> None:
    """Raise for each place of the request that names no municipality."""
    missing = [pointer for pointer, slug in named if slug is not None and slug not in frame.entries]
    if missing:
        raise UnknownNameError(*missing)


async def check_institutions(session: AsyncSession, named: Iterable[Place]) -> None:
    """Raise for each place of the request that names no institution."""
    listed = [(pointer, code) for pointer, code in named if code is not None]
    known = await find_names(session, [code for _, code in listed]) if listed else {}
    missing = [pointer for pointer, code in listed if code not in known]
    if missing:
        raise UnknownNameError(*missing)


async def check_known(
    session: AsyncSession, **named: tuple[InstrumentedAttribute[Any], Any]
) -> None:
    """Raise for each field of the request that names what its column does not have."""
    missing = [
        f"/{field}"
        for field, (column, value) in named.items()
        if value is not None and await session.scalar(select(column).where(column == value)) is None
    ]
    if missing:
        raise UnknownNameError(*missing)


async def rest(
    session: AsyncSession, record: Any, owner: str, names: Mapping[str, str], wanted: RestingIn
) -> None:
    """Set what a record rests on, where the request says it; an act is the owner's, so named."""
    issuer = label(names, DEFAULT)[0]
    cited = await cite(session, owner, issuer, wanted, is_made_up=record.is_synthetic)
    if cited is not None:
        record.source, record.locator = cited.source, cited.locator


def make_code(*words: str, is_synthetic: bool) -> str:
    """Return a code made of words, which says of what is made up that it is."""
    plain = [part for one in words for part in _plain(one)]
    return "-".join(["demo", *plain] if is_synthetic else plain)[:100].rstrip("-")


def _plain(words: str) -> list[str]:
    return normalise(words).encode("ascii", "ignore").decode().split()
