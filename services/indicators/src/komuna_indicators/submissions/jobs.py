"""What the worker does about submissions: it has the officers told that one came back."""

from typing import Any
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import aliased

from komuna_indicators import periods
from komuna_indicators.clients.registry import RegistryClient
from komuna_indicators.periods import Period
from komuna_shared.database import Database
from komuna_shared.jobs import Handler

from .models import Submission
from .rules import State

TELL = "submission.tell"
_LATER = aliased(Submission)
_ROLE = "municipal_officer"
_TEMPLATE = "submission_returned"


def telling(registry: RegistryClient) -> Handler:
    """Return the job that has the officers of a municipality told; done twice, they hear once."""

    async def tell(database: Database, payload: dict[str, Any]) -> None:
        which = UUID(payload["submission"])
        returned = select(
            Submission.obligation,
            Submission.municipality,
            Submission.period_from,
            Submission.period_to,
        ).where(
            Submission.id == which,
            Submission.state == State.RETURNED,
            ~exists().where(_LATER.supersedes == which),
        )
        async with database.session() as session:
            found = (await session.execute(returned)).one_or_none()
        # Corrected in the meantime: then there is nothing to tell any more.
        if found is not None:
            await registry.send_notice(
                _TEMPLATE,
                {"role": _ROLE, "municipality": found.municipality},
                {
                    "submission": payload["submission"],
                    "obligation": found.obligation,
                    "period": periods.code(Period(found.period_from, found.period_to)) or "",
                },
                key=payload["submission"],
            )

    return tell
