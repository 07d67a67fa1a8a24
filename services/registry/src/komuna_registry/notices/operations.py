"""What tells people something: a notice, its letters, and the jobs that send them."""

from typing import Any
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from komuna_registry.clock import today
from komuna_registry.institutions.models import Institution
from komuna_registry.municipalities.models import Municipality
from komuna_shared import audit, jobs
from komuna_shared.access import Principal
from komuna_shared.errors import FieldError

from . import queries, rules
from .models import Delivery, Notice
from .schemas import NoticeIn, RecipientIn

SEND = "send_letter"


async def create_notice(session: AsyncSession, principal: Principal, wanted: NoticeIn) -> str:
    """Write a letter to everybody who is to be told, and return the id of the notice."""
    params = wanted.params.model_dump(mode="json", exclude_none=True)
    rules.check_params(wanted.template, params)
    await _check_recipient(session, wanted.recipient)
    notice = await write_letters(
        session, wanted.template, wanted.recipient, params, sender=principal.client_id
    )
    await audit.record(
        session,
        principal,
        action=f"notice.{wanted.template.value}",
        subject_type="notice",
        subject_id=str(notice),
    )
    return str(notice)


async def write_letters(
    session: AsyncSession,
    template: rules.Template,
    recipient: RecipientIn,
    params: dict[str, Any],
    *,
    sender: str,
) -> UUID:
    """Write a letter to each who holds the role there today, and return the id of the notice."""
    accounts = await queries.find_accounts(session, recipient, today())
    made = await session.execute(
        insert(Notice)
        .values(template=template, params=params, sender=sender, **recipient.model_dump())
        .returning(Notice.id)
    )
    notice: UUID = made.scalar_one()
    rows: list[dict[str, Any]] = [{"notice": notice, "account": one} for one in accounts]
    if rows:
        for delivery in await session.scalars(insert(Delivery).returning(Delivery.id), rows):
            await jobs.enqueue(session, SEND, {"delivery": str(delivery)})
    return notice


async def _check_recipient(session: AsyncSession, recipient: RecipientIn) -> None:
    if (recipient.municipality is None) == (recipient.institution is None):
        code = rules.RecipientPlaceError.code
        raise rules.RecipientPlaceError(errors=(FieldError("/recipient", code),))
    if recipient.municipality is not None:
        name, known = "municipality", Municipality.slug == recipient.municipality
        found = await session.scalar(select(Municipality.slug).where(known))
    else:
        name, known = "institution", Institution.code == recipient.institution
        found = await session.scalar(select(Institution.code).where(known))
    if found is None:
        code = rules.RecipientUnknownError.code
        raise rules.RecipientUnknownError(errors=(FieldError(f"/recipient/{name}", code),))
