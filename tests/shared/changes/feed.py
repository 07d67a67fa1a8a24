"""Writing to the feed of the notes, and reading it to its end."""

from typing import Any

from komuna_shared.changes import Change, Position, list_changes, publish
from komuna_shared.database import Database

EVERYBODY = frozenset({"public"})
START = Position()
SECRET = "service.assignments.read"


async def say(database: Database, id_: str, *, version: int = 1, **more: Any) -> None:
    async with database.session() as session:
        await publish(session, type="note", id=id_, version=version, data={"v": version}, **more)


async def read(
    database: Database, since: Position = START, audiences: frozenset[str] = EVERYBODY
) -> tuple[list[Change], Position]:
    """Read the feed to its end, three at a time."""
    found: list[Change] = []
    while True:
        async with database.reader() as connection:
            items, since = await list_changes(connection, since, audiences, 3)
        found += items
        if len(items) < 3:
            return found, since


def names(items: list[Change]) -> list[str]:
    return [f"{one.op} {one.id}" for one in items]
