"""What writes to municipalities, and what they do about it: acknowledge, answer, fulfil."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from komuna_registry.accounts.queries import find_own_account
from komuna_registry.accounts.rules import Role
from komuna_registry.clock import today
from komuna_registry.history.acting import acting
from komuna_registry.keeping import OFFICERS, NotYoursError
from komuna_registry.mechanisms.models import MechanismKind
from komuna_registry.municipalities.frame import Frame
from komuna_registry.notices.operations import write_letters
from komuna_registry.notices.rules import Template
from komuna_registry.notices.schemas import RecipientIn
from komuna_registry.offices.models import OfficeKind
from komuna_shared import audit
from komuna_shared.access import Caller, Principal
from komuna_shared.errors import FieldError

from . import queries, rules
from .evidence import find_fulfilling
from .finding import find_languages, find_recipients
from .models import MunicipalNotice, MunicipalNoticeRecipient
from .rules import FulfilledBy, SubjectKind
from .schemas import AnswerIn, EvidenceIn, MunicipalNoticeIn

SENDER = "registry"
_TEMPLATES: Mapping[SubjectKind, Template] = {
    SubjectKind.APPOINT_OFFICER: Template.OFFICER_ASKED,
    SubjectKind.ESTABLISH_MECHANISM: Template.MECHANISM_ASKED,
    SubjectKind.SEND_CONTACTS: Template.CONTACTS_ASKED,
    SubjectKind.OTHER: Template.LETTER_WAITING,
}


async def create_notice(
    session: AsyncSession, caller: Caller, frame: Frame, wanted: MunicipalNoticeIn
) -> str:
    """Write to every municipality that is meant, and return the id of the notice."""
    day = today()
    rules.check_asks(wanted.subject_kind, **wanted.asks.model_dump())
    rules.check_due(wanted.due_on, day)
    await _check_kinds(session, wanted)
    municipalities = await find_recipients(session, frame, wanted.recipients, day)
    languages = await find_languages(session, municipalities, day)
    rules.check_texts(
        wanted.subject_kind, _words(wanted.subjects), _words(wanted.texts), languages.values()
    )
    await acting(session, caller.principal)
    account = await find_own_account(session, caller.principal)
    made = await session.execute(
        insert(MunicipalNotice)
        .values(
            **wanted.model_dump(include={"subject_kind", "subjects", "texts", "due_on"}),
            **wanted.asks.model_dump(),
            recipients=wanted.recipients.model_dump(exclude_none=True),
            institution=find_sender(caller),
            account=account.id if account else None,
        )
        .returning(MunicipalNotice.id)
    )
    notice: UUID = made.scalar_one()
    template = _TEMPLATES[wanted.subject_kind]
    rows = [
        {
            "notice": notice,
            "municipality": slug,
            "language": languages[slug],
            "mail": await tell_officers(session, template, notice, slug, wanted.due_on),
        }
        for slug in municipalities
    ]
    await session.execute(insert(MunicipalNoticeRecipient), rows)
    await _record(session, caller.principal, "municipal_notice.create", notice)
    return str(notice)


async def acknowledge(
    session: AsyncSession, caller: Caller, notice: UUID, municipality: str
) -> str:
    """Record that a municipality has the letter, and return the id of the notice."""
    recipient = await _take(session, caller, notice, municipality)
    if recipient.acknowledged_at is not None:
        raise rules.AcknowledgedError
    _acknowledge(recipient, await _find_account(session, caller.principal))
    recipient.version += 1
    await session.flush()
    await _record(session, caller.principal, "municipal_notice.acknowledge", notice)
    return str(notice)


async def answer(session: AsyncSession, caller: Caller, notice: UUID, wanted: AnswerIn) -> str:
    """Record what a municipality answers, and return the id of the notice.

    Whoever answers has the letter. With a record that shows what was asked for, it is fulfilled.
    """
    recipient = await _take(session, caller, notice, wanted.municipality)
    if recipient.fulfilled_at is not None:
        raise rules.FulfilledError
    asked = await session.get_one(MunicipalNotice, notice)
    if wanted.evidence is not None:
        await _check_evidence(session, asked, wanted.municipality, wanted.evidence)
    account = await _find_account(session, caller.principal)
    now = datetime.now(UTC)
    # From here on nothing is asked: a query would write what is only half said.
    if wanted.evidence is not None:
        recipient.evidence_type = wanted.evidence.type
        recipient.evidence = wanted.evidence.id
    if recipient.acknowledged_at is None:
        _acknowledge(recipient, account)
    recipient.answered_at = now
    recipient.answered_by = account
    recipient.answer = wanted.text
    if wanted.evidence is not None or rules.EVIDENCE[asked.subject_kind] is None:
        recipient.fulfilled_at = now
        recipient.fulfilled_by = FulfilledBy.ANSWER
    recipient.version += 1
    await session.flush()
    await _record(session, caller.principal, "municipal_notice.answer", notice)
    return str(notice)


async def tell_officers(
    session: AsyncSession, template: Template, notice: UUID, municipality: str, due_on: date
) -> UUID:
    """Have the officers of a municipality told by e-mail; return what they were told by."""
    recipient = RecipientIn(role=Role.MUNICIPAL_OFFICER, municipality=municipality)
    params = {"municipal_notice": str(notice), "due_on": due_on.isoformat()}
    return await write_letters(session, template, recipient, params, sender=SENDER)


def find_sender(caller: Caller) -> str | None:
    """Return the institution in whose name the caller writes; None is the operator, or raise."""
    own = sorted(
        one.institution
        for one in caller.assignments
        if one.role == Role.COORDINATOR and one.institution is not None
    )
    if own:
        return own[0]
    if not caller.has(Role.OPS):
        raise rules.NotSenderError
    return None


async def _check_kinds(session: AsyncSession, wanted: MunicipalNoticeIn) -> None:
    asks = wanted.asks
    known = {
        "mechanism_kind": asks.mechanism_kind is None
        or await session.get(MechanismKind, asks.mechanism_kind) is not None,
        "office_kind": asks.office_kind is None
        or await session.get(OfficeKind, asks.office_kind) is not None,
    }
    code = rules.AsksError.code
    unknown = [
        FieldError(f"/asks/{name}", code) for name, is_known in known.items() if not is_known
    ]
    if unknown:
        raise rules.AsksError(errors=tuple(unknown))


async def _take(
    session: AsyncSession, caller: Caller, notice: UUID, municipality: str
) -> MunicipalNoticeRecipient:
    """Return one municipality of a notice, held by this transaction, for its own officer alone."""
    await queries.get_recipient(session, caller, notice, municipality)
    if not any(caller.has(role, municipality=municipality) for role in OFFICERS):
        raise NotYoursError
    await acting(session, caller.principal)
    found = await session.scalars(
        select(MunicipalNoticeRecipient)
        .where(
            MunicipalNoticeRecipient.notice == notice,
            MunicipalNoticeRecipient.municipality == municipality,
        )
        .with_for_update()
    )
    return found.one()


def _acknowledge(recipient: MunicipalNoticeRecipient, account: UUID) -> None:
    recipient.acknowledged_at = datetime.now(UTC)
    recipient.acknowledged_by = account


async def _find_account(session: AsyncSession, principal: Principal) -> UUID:
    account = await find_own_account(session, principal)
    if account is None:
        raise NotYoursError
    found: UUID = account.id
    return found


async def _check_evidence(
    session: AsyncSession, asked: MunicipalNotice, municipality: str, named: EvidenceIn
) -> None:
    """Raise unless the record is this municipality's and shows what was asked for."""
    fitting = await find_fulfilling(session, today(), notice=asked.id, municipality=municipality)
    if (named.type.value, named.id) not in {(one.type, one.id) for one in fitting}:
        code = rules.EvidenceError.code
        raise rules.EvidenceError(errors=(FieldError("/evidence", code),))


async def _record(session: AsyncSession, principal: Principal, action: str, notice: UUID) -> None:
    await audit.record(
        session,
        principal,
        action=action,
        subject_type="municipal_notice",
        subject_id=str(notice),
    )


def _words(written: Mapping[Any, str] | None) -> dict[str, str] | None:
    return dict(written) if written is not None else None
