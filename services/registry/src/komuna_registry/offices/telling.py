"""What followers of the feed are told of offices, of those who hold them, and of their tenures."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from komuna_registry.sources.queries import find_made_up
from komuna_shared.changes import Change, publish_all

Row = Mapping[Any, Any]
_TOLD: dict[str, tuple[str, ...]] = {
    "office_kind": ("code", "names"),
    "office_publication": ("kind", "indicator", "period", "source", "locator"),
    "office": ("code", "kind", "institution", "municipality", "names", "seats"),
    "holder": ("code", "name", "sex", "community"),
    "tenure": (
        *("office", "seat", "holder", "since", "until", "attested_on", "is_acting"),
        *("source", "locator", "until_source", "until_locator"),
    ),
}
# Of these the source alone says whether they are made up for the demonstration.
_FLAGGED = frozenset({"office", "holder", "tenure"})


async def tell_kinds(session: AsyncSession, rows: Iterable[Row]) -> None:
    """Tell the new state of kinds of offices."""
    await _tell(session, "office_kind", "{code}", rows)


async def tell_publications(session: AsyncSession, rows: Iterable[Row]) -> None:
    """Tell which published totals there are of a kind."""
    await _tell(session, "office_publication", "{kind}:{indicator}:{period}", rows)


async def tell_offices(session: AsyncSession, rows: Iterable[Row]) -> None:
    """Tell the new state of offices."""
    await _tell(session, "office", "{code}", rows)


async def tell_holders(session: AsyncSession, rows: Iterable[Row]) -> None:
    """Tell what is known of people for a public office."""
    await _tell(session, "holder", "{code}", rows)


async def tell_holder_gone(session: AsyncSession, row: Row) -> None:
    """Tell that nothing names somebody any more."""
    gone = Change("holder", row["code"], row["version"] + 1, None, op="delete")
    await publish_all(session, [gone])


async def tell_tenures(session: AsyncSession, rows: Iterable[Row]) -> None:
    """Tell the new state of tenures."""
    await _tell(session, "tenure", "{id}", rows)


async def tell_tenure_gone(session: AsyncSession, row: Row) -> None:
    """Tell that a tenure was never true."""
    gone = Change("tenure", str(row["id"]), row["version"] + 1, None, op="delete")
    await publish_all(session, [gone])


async def _tell(session: AsyncSession, kind: str, key: str, rows: Iterable[Row]) -> None:
    told = list(rows)
    flags: list[dict[str, bool]] = [{} for _ in told]
    if kind in _FLAGGED:
        made_up = await find_made_up(session, (row["source"] for row in told))
        flags = [{"is_synthetic": row["source"] in made_up} for row in told]
    changes = [
        Change(
            kind,
            key.format_map(row),
            row["version"],
            {name: row[name] for name in _TOLD[kind]} | flag,
        )
        for row, flag in zip(told, flags, strict=True)
    ]
    await publish_all(session, changes)
