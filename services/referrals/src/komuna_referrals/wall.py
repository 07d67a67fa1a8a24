"""The second wall: a request's transaction shows rows once Postgres has checked its ticket."""

from base64 import urlsafe_b64decode
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated, Any, cast

from fastapi import Depends, Request
from sqlalchemy import Connection, event, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session, SessionTransaction

from komuna_referrals import trail
from komuna_shared.access import Principal
from komuna_shared.database import Database, sqlstate, translated
from komuna_shared.errors import ForbiddenError
from komuna_shared.logging import log

HEADER = "komuna-ticket"
_LONGEST = 2048
# What Postgres says of a row that a policy does not let in.
_REFUSED = "42501"
_ADMIT = text("select ctx.admit(:ticket, :mac, :issuer, :subject)")
_ACTING = text(
    "select ctx.inst() as institution, ctx.subject() as subject, ctx.roles() as roles, "
    "ctx.purpose() as purpose"
)


@dataclass(frozen=True, slots=True)
class Acting:
    """For whom a transaction acts, as Postgres has it from the ticket and the assignments."""

    institution: str
    subject: str
    roles: frozenset[str]
    purpose: str | None


class GuardedSession(Session):
    """A session whose every transaction begins with its ticket."""


@event.listens_for(GuardedSession, "after_begin")
def _enter(session: Session, transaction: SessionTransaction, connection: Connection) -> None:
    # A savepoint is inside what was entered already.
    if transaction.parent is not None:
        return
    ticket = session.info.get("ticket")
    admitted = ticket is not None and connection.execute(_ADMIT, ticket).scalar_one()
    session.info["is_admitted"] = admitted
    if not admitted:
        # Nothing is visible then: the caller is told what they would be told of nothing.
        code = "ticket_missing" if ticket is None else "ticket_refused"
        log.warning("not_entered", code=code, trace_id=session.info.get("trace_id"))


async def open_guarded(request: Request) -> AsyncIterator[AsyncSession]:
    """Give the request its transaction, in which it sees what its ticket lets it see."""
    database = cast("Database", request.app.state.database)
    state = request.scope.get("state", {})
    info = {
        "trace_id": state.get("trace_id"),
        "ticket": _ticket(request, state.get("principal")),
        **trail.waiting(request.app.state.settings.trail_wait_seconds),
    }
    # Entered with the first statement, not before: a request that waits for its record to be
    # written must not hold a second connection meanwhile.
    with translated():
        async with database.session(sync_session_class=GuardedSession, info=info) as session:
            try:
                yield session
            except DBAPIError as error:
                if sqlstate(error) == _REFUSED and not session.info.get("is_admitted"):
                    raise ForbiddenError from None
                raise


Guarded = Annotated[AsyncSession, Depends(open_guarded, scope="function")]


async def acting(session: AsyncSession) -> Acting:
    """Return for whom the transaction acts; `ForbiddenError` where it acts for nobody."""
    found = (await session.execute(_ACTING)).one()
    if found.institution is None:
        raise ForbiddenError
    return Acting(found.institution, found.subject, frozenset(found.roles), found.purpose)


def _ticket(request: Request, principal: Principal | None) -> dict[str, Any] | None:
    """Return what Postgres is asked about the ticket; nothing of it is believed here."""
    sent = request.headers.get(HEADER, "")
    body, _, mac = sent.partition(".")
    if principal is None or not sent or len(sent) > _LONGEST:
        return None
    try:
        said = urlsafe_b64decode(body + "=" * (-len(body) % 4)).decode()
        signed = bytes.fromhex(mac)
    except ValueError:
        return None
    if "\0" in said:
        # Postgres has no such text: it would refuse the statement, not the ticket.
        return None
    named = {"issuer": principal.issuer, "subject": principal.subject}
    return {"ticket": said, "mac": signed, **named}
