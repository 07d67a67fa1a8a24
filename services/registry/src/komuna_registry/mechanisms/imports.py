"""The files that kinds of mechanisms and statements about them come in."""

from datetime import date
from typing import Self

from pydantic import model_validator
from sqlalchemy.ext.asyncio import AsyncSession

from komuna_registry.fields import Code, Text
from komuna_registry.intake import Table, Written, collection
from komuna_registry.municipalities.models import Municipality
from komuna_registry.rows import NamedRow, SourcedRow, check_days
from komuna_registry.sources.models import Source
from komuna_shared.changes import Change, publish_all

from .models import MechanismKind, MechanismStatement
from .rules import Aspect, Mandate

_SOURCE = {"source": Source.code}


class KindRow(NamedRow):
    """A kind of mechanism."""

    code: Code
    mandate: Mandate
    legal_basis: Text | None = None


class StatementRow(SourcedRow):
    """What one source says of one municipality."""

    kind: Code
    municipality: Code
    aspect: Aspect
    holds: bool
    valid_from: date
    valid_until: date | None = None
    printed_as: Text | None = None

    @model_validator(mode="after")
    def _check_order(self) -> Self:
        check_days(self.valid_from, self.valid_until)
        return self


async def _tell_kinds(session: AsyncSession, written: Written) -> None:
    await publish_all(
        session,
        [
            Change(
                "mechanism_kind",
                row["code"],
                row["version"],
                {"code": row["code"], "names": row["names"], "mandate": row["mandate"].value},
            )
            for row in written
        ],
    )


async def _tell_statements(session: AsyncSession, written: Written) -> None:
    await publish_all(
        session,
        [
            Change(
                "mechanism_statement",
                str(row["id"]),
                row["version"],
                {
                    "kind": row["kind"],
                    "municipality": row["municipality"],
                    "aspect": row["aspect"].value,
                    "holds": row["holds"],
                    "valid_from": row["valid_from"].isoformat(),
                    "valid_until": row["valid_until"].isoformat() if row["valid_until"] else None,
                    "source": row["source"],
                    "locator": row["locator"],
                },
            )
            for row in written
        ],
    )


COLLECTIONS = (
    collection("mechanism_kinds", KindRow, Table(MechanismKind, ("code",), _SOURCE, _tell_kinds)),
    collection(
        "mechanism_statements",
        StatementRow,
        Table(
            MechanismStatement,
            ("kind", "municipality", "aspect", "holds", "valid_from", "source", "locator"),
            {
                "kind": MechanismKind.code,
                "municipality": Municipality.slug,
                **_SOURCE,
            },
            _tell_statements,
        ),
    ),
)
