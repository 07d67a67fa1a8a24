"""Which records of the register show that a municipality did what it was asked for."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, Select, String, cast, func, literal, or_, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from komuna_registry.accounts.models import Account
from komuna_registry.contacts.models import Contact
from komuna_registry.mechanisms.models import Mechanism, MechanismMunicipality, MechanismState
from komuna_registry.mechanisms.rules import Aspect
from komuna_registry.offices.models import Office, Tenure
from komuna_registry.sources.models import Source
from komuna_registry.sources.rules import Standing
from komuna_registry.tables import Statement
from komuna_shared.database import Record

from .models import MunicipalNotice, MunicipalNoticeRecipient
from .rules import EvidenceType, SubjectKind

_EXISTS = (Aspect.ESTABLISHED, Aspect.FUNCTIONAL)


async def find_fulfilling(
    session: AsyncSession,
    today: date,
    *,
    notice: UUID | None = None,
    municipality: str | None = None,
) -> Sequence[Record]:
    """Return records that fit open requests: notice, municipality, type, id, came_after.

    They hold today or later. `came_after` tells that one came into the register after the notice.
    """
    shown = union_all(_tenures(today), _mechanisms(today), _contacts(today)).subquery()
    rows = select(*shown.c).order_by(shown.c.came_at, shown.c.id)
    if notice is not None:
        rows = rows.where(shown.c.notice == notice)
    if municipality is not None:
        rows = rows.where(shown.c.municipality == municipality)
    return (await session.execute(rows)).all()


def _open(
    type_: EvidenceType, id_: ColumnElement[str], came: InstrumentedAttribute[UUID]
) -> Statement:
    """Begin a statement about records whose own UUIDv7 says when they came in."""
    came_at = func.uuid_extract_timestamp(came)
    return (
        select(
            MunicipalNotice.id.label("notice"),
            MunicipalNoticeRecipient.municipality,
            literal(type_.value).label("type"),
            id_.label("id"),
            came_at.label("came_at"),
            (came_at > MunicipalNotice.created_at).label("came_after"),
        )
        .join_from(
            MunicipalNotice,
            MunicipalNoticeRecipient,
            MunicipalNoticeRecipient.notice == MunicipalNotice.id,
        )
        .where(MunicipalNoticeRecipient.fulfilled_at.is_(None))
    )


def _tenures(today: date) -> Select[*tuple[object, ...]]:
    return (
        _open(EvidenceType.TENURE, cast(Tenure.id, String), Tenure.id)
        .join(Office, Office.municipality == MunicipalNoticeRecipient.municipality)
        .join(Tenure, Tenure.office == Office.code)
        .join(Source, Source.code == Tenure.source)
        .where(
            MunicipalNotice.subject_kind == SubjectKind.APPOINT_OFFICER,
            Office.kind == MunicipalNotice.office_kind,
            _counts(Source.standing == Standing.SYNTHETIC),
            is_still(Tenure.possible, today),
        )
    )


def _mechanisms(today: date) -> Select[*tuple[object, ...]]:
    return (
        _open(EvidenceType.MECHANISM, Mechanism.__table__.c.code, MechanismState.id)
        .join(
            MechanismMunicipality,
            MechanismMunicipality.municipality == MunicipalNoticeRecipient.municipality,
        )
        .join(Mechanism, Mechanism.code == MechanismMunicipality.mechanism)
        .join(MechanismState, MechanismState.mechanism == Mechanism.code)
        .where(
            MunicipalNotice.subject_kind == SubjectKind.ESTABLISH_MECHANISM,
            Mechanism.kind == MunicipalNotice.mechanism_kind,
            _counts(Mechanism.__table__.c.is_synthetic),
            MechanismState.aspect.in_(_EXISTS),
            MechanismState.holds,
            is_still(MechanismState.possible, today),
            is_still(MechanismMunicipality.possible, today),
        )
    )


def _contacts(today: date) -> Select[*tuple[object, ...]]:
    return (
        _open(EvidenceType.CONTACT, cast(Contact.id, String), Contact.id)
        .join(Contact, Contact.municipality == MunicipalNoticeRecipient.municipality)
        .where(
            MunicipalNotice.subject_kind == SubjectKind.SEND_CONTACTS,
            or_(MunicipalNotice.office_kind.is_(None), Contact.kind == MunicipalNotice.office_kind),
            _counts(Contact.__table__.c.is_synthetic),
            is_still(Contact.possible, today),
        )
    )


def _counts(is_synthetic: ColumnElement[bool]) -> ColumnElement[bool]:
    """Tell whether a record may fulfil a request: what is made up, one that is made up as well."""
    made_up = select(Account.id).where(Account.is_synthetic)
    return or_(~is_synthetic, MunicipalNotice.account.in_(made_up))


def is_still(possible: InstrumentedAttribute[object], today: date) -> ColumnElement[bool]:
    """Tell of a stored range whether it reaches into today or beyond."""
    return possible.op("&&")(func.daterange(today, None))
