"""How the act by which an owner decides something becomes a source that statements name."""

import hashlib
from datetime import date
from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from komuna_registry.citations import Citation
from komuna_registry.clock import today
from komuna_registry.fields import NameLanguage, Text
from komuna_shared.changes import publish
from komuna_shared.days import Day
from komuna_shared.errors import ConflictError, FieldError, RuleError

from .models import Source
from .rules import Standing
from .schemas import SourceOut

Number = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]


class ActIn(BaseModel):
    """The decision or other act that something rests on; its issuer is whom it is about."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "number": "01-020/26",
                    "issued_on": "2026-03-02",
                    "title": "Vendim për emërimin e zyrtarit për barazi gjinore",
                    "language": "sq",
                }
            ]
        },
    )

    number: Number
    issued_on: Day
    title: Text
    language: NameLanguage = "sq"


class ActDiffersError(ConflictError):
    """An act of this number and day is recorded with another title."""

    code = "act_differs"
    detail = "An act of this number and day is recorded with another title."


class ActInFutureError(RuleError):
    """The act is dated later than today."""

    code = "act_in_future"
    detail = "An act cannot have been issued after today."


async def record_act(
    session: AsyncSession, owner: str, issuer: str, act: ActIn, *, is_made_up: bool
) -> Citation:
    """Keep an act as a source and return how to cite it; the same act is kept once.

    `owner` is the code of the institution or the slug of the municipality, `issuer` its name. What
    an account of the demonstration names is made up, and never the real act of that number.
    """
    if act.issued_on > today():
        raise ActInFutureError(errors=(FieldError("/act/issued_on", ActInFutureError.code),))
    code = _code(owner, act.number, act.issued_on) + ("-made-up" if is_made_up else "")
    new = {
        "code": code,
        "title": act.title,
        "issuer": issuer,
        "published_on": act.issued_on.isoformat(),
        "language": act.language,
        "standing": Standing.SYNTHETIC if is_made_up else Standing.PRIMARY,
    }
    added = insert(Source).values(new).on_conflict_do_nothing().returning(*Source.__table__.c)
    row = (await session.execute(added)).one_or_none()
    if row is None:
        kept = await session.scalar(select(Source.title).where(Source.code == code))
        if kept != act.title:
            raise ActDiffersError(errors=(FieldError("/act/title", ActDiffersError.code),))
    else:
        told = SourceOut.model_validate(row).model_dump(mode="json")
        await publish(session, type="source", id=code, version=row.version, data=told)
    return Citation(source=code, locator=act.number)


def is_act(source: str) -> bool:
    """Say whether a source is an act that was recorded here."""
    return source.startswith("act-")


def _code(owner: str, number: str, issued_on: date) -> str:
    """Return one code for one act, however long or strange its number is."""
    named = f"{owner}\x1f{' '.join(number.split())}\x1f{issued_on.isoformat()}"
    return f"act-{owner[:70]}-{hashlib.sha256(named.encode()).hexdigest()[:16]}"
