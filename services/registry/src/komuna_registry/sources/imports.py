"""The file that sources come in."""

from sqlalchemy.ext.asyncio import AsyncSession

from komuna_registry.fields import Code, ImpreciseDate, LongText, Text
from komuna_registry.intake import Table, Written, collection
from komuna_registry.rows import FileRow
from komuna_registry.secrecy import check_sources
from komuna_shared.changes import Change, publish_all

from .models import Source
from .rules import Standing
from .schemas import SourceOut


class SourceRow(FileRow):
    """A document."""

    code: Code
    title: Text
    issuer: Text
    published_on: ImpreciseDate | None = None
    retrieved_on: ImpreciseDate | None = None
    language: Text
    licence: Text | None = None
    url: Text | None = None
    standing: Standing
    note: LongText | None = None


async def _tell(session: AsyncSession, written: Written) -> None:
    await publish_all(
        session,
        [
            Change(
                "source",
                row["code"],
                row["version"],
                SourceOut.model_validate(row).model_dump(mode="json"),
            )
            for row in written
        ],
    )


COLLECTIONS = (
    collection("sources", SourceRow, Table(Source, ("code",), {}, _tell, check_sources)),
)
