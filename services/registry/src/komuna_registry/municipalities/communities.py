"""The file that shares of communities come in; a rule that needs one asks for its source."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError
from sqlalchemy.ext.asyncio import AsyncSession

from komuna_registry.fields import Code
from komuna_registry.intake import Table, Written, collection
from komuna_registry.rows import SourcedRow
from komuna_registry.sources.models import Source
from komuna_shared.changes import Change, publish_all

from .models import Municipality, MunicipalityCommunity
from .rules import CountMethod


class CommunityRow(SourcedRow):
    """The share of one community, or of all together that are not the majority."""

    municipality: Code
    vintage: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=50)]
    counted_on: date
    community: Code | None = None
    is_majority: bool
    method: CountMethod
    percent: Decimal | None = Field(default=None, ge=0, le=100, max_digits=5, decimal_places=2)

    @model_validator(mode="after")
    def _check_counted(self) -> Self:
        if (self.method is CountMethod.NOT_ENUMERATED) != (self.percent is None):
            raise PydanticCustomError(
                "missing_value", "A figure needs its method, and a method its figure."
            )
        if self.is_majority and self.community is None:
            raise PydanticCustomError("missing_value", "A majority is one community; name it.")
        return self


async def _tell(session: AsyncSession, written: Written) -> None:
    await publish_all(
        session,
        [
            Change(
                "municipality_community",
                str(row["id"]),
                row["version"],
                {
                    "municipality": row["municipality"],
                    "vintage": row["vintage"],
                    "counted_on": row["counted_on"].isoformat(),
                    "community": row["community"],
                    "is_majority": row["is_majority"],
                    "method": row["method"].value,
                    "percent": None if row["percent"] is None else float(row["percent"]),
                    "source": row["source"],
                    "locator": row["locator"],
                },
            )
            for row in written
        ],
    )


COLLECTIONS = (
    collection(
        "municipality_communities",
        CommunityRow,
        Table(
            MunicipalityCommunity,
            ("municipality", "vintage", "community", "source"),
            {"municipality": Municipality.slug, "source": Source.code},
            _tell,
        ),
    ),
)
