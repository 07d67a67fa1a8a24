"""What an import changed, or would have: read before a dry run is taken back, and kept after."""

from uuid import UUID

from sqlalchemy import func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from komuna_shared.imports.collection import Keep

from .models import ImportChange, RecordChange
from .queries import says_something
from .rules import MOST

# A little before this transaction began, as the ids of its changes would tell it.
_BEGINNING = text("now() - clock_timestamp() - interval '1 second'")
_COLUMNS = ("record_type", "record_id", "part", "op", "before", "after")


async def watch(session: AsyncSession, import_id: UUID) -> Keep:
    """Return what keeps the changes that this transaction has made for an import.

    One more than `MOST` is kept, so that it can be seen that there were more.
    """
    changes = (
        select(*(RecordChange.__table__.c[name] for name in _COLUMNS))
        .where(
            RecordChange.id > select(func.uuidv7(_BEGINNING)).scalar_subquery(),
            RecordChange.via == f"import:{import_id}",
            says_something(),
        )
        .order_by(RecordChange.id)
        .limit(MOST + 1)
    )
    found = (await session.execute(changes)).all()

    async def keep(session: AsyncSession) -> None:
        rows = [
            {"import_id": import_id, "position": position, **row._asdict()}
            for position, row in enumerate(found, start=1)
        ]
        if rows:
            await session.execute(insert(ImportChange), rows)

    return keep
