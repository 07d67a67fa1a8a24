"""Whom a notice goes to, found by its list or rule on the day on which it is sent."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from komuna_registry.accounts.models import Account, Assignment
from komuna_registry.accounts.rules import Role
from komuna_registry.contacts.models import Contact
from komuna_registry.filter_values import UnknownFilterValueError
from komuna_registry.mechanisms.queries import compute_coverage
from komuna_registry.mechanisms.rules import State
from komuna_registry.municipalities.frame import Entry, Frame
from komuna_registry.offices.models import Office, OfficeKind, Tenure
from komuna_registry.periods import Certainty
from komuna_registry.sources.models import Source
from komuna_registry.sources.rules import Standing
from komuna_shared.errors import FieldError
from komuna_shared.languages import DEFAULT, LANGUAGES

from . import rules
from .evidence import is_still
from .schemas import RecipientsIn

_LACKING = (State.MISSING, State.VACANT)


async def find_recipients(
    session: AsyncSession, frame: Frame, wanted: RecipientsIn, today: date
) -> list[str]:
    """Return the municipalities of today that are meant, in their alphabetical order, or raise."""
    given = wanted.model_dump(exclude_none=True)
    if len(given) != 1:
        raise rules.RecipientsError(errors=(FieldError("/recipients", rules.RecipientsError.code),))
    standing = {
        entry.row.slug: entry
        for entry in frame.entries.values()
        if entry.presence.on(today) is Certainty.CERTAIN
    }
    meant = await _find_meant(session, frame, standing, wanted, today)
    if not meant:
        code = rules.NoRecipientsError.code
        raise rules.NoRecipientsError(errors=(FieldError("/recipients", code),))
    return sorted(meant, key=lambda slug: (standing[slug].sort_key, slug))


async def _find_meant(
    session: AsyncSession,
    frame: Frame,
    standing: dict[str, Entry],
    wanted: RecipientsIn,
    today: date,
) -> set[str]:
    if wanted.municipalities == "all":
        return set(standing)
    if wanted.municipalities is not None:
        return _list_named(wanted.municipalities, standing)
    if wanted.region is not None:
        return _list_region(wanted.region, standing)
    if wanted.lacking_mechanism is not None:
        return await _list_lacking(session, frame, wanted.lacking_mechanism, today)
    kind = wanted.without_officer or wanted.without_contact or ""
    name = "without_officer" if wanted.without_officer else "without_contact"
    if await session.get(OfficeKind, kind) is None:
        raise _unknown(name)
    list_those_with = _list_with_officer if wanted.without_officer else _list_with_contact
    return set(standing) - await list_those_with(session, kind, today)


def _unknown(*names: str) -> rules.RecipientsError:
    code = rules.RecipientsError.code
    return rules.RecipientsError(
        errors=tuple(FieldError(f"/recipients/{one}", code) for one in names)
    )


def _list_named(named: Sequence[str], standing: dict[str, Entry]) -> set[str]:
    unknown = [place for place, slug in enumerate(named) if slug not in standing]
    if unknown:
        raise _unknown(*(f"municipalities/{place}" for place in unknown))
    return set(named)


def _list_region(region: str, standing: dict[str, Entry]) -> set[str]:
    found = {
        slug for slug, entry in standing.items() if region in {one.code for one in entry.regions}
    }
    if not found:
        raise _unknown("region")
    return found


async def _list_lacking(session: AsyncSession, frame: Frame, kind: str, today: date) -> set[str]:
    try:
        coverage = await compute_coverage(await session.connection(), frame, kind, today)
    except UnknownFilterValueError:
        raise _unknown("lacking_mechanism") from None
    return {row.entry.row.slug for row in coverage.rows if row.finding.state in _LACKING}


async def _list_with_officer(session: AsyncSession, kind: str, today: date) -> set[str]:
    rows = (
        select(Office.municipality)
        .join_from(Office, Tenure, Tenure.office == Office.code)
        .join(Source, Source.code == Tenure.source)
        .where(
            Office.kind == kind,
            Source.standing != Standing.SYNTHETIC,
            is_still(Tenure.possible, today),
        )
    )
    return {slug for slug in await session.scalars(rows) if slug is not None}


async def _list_with_contact(session: AsyncSession, kind: str, today: date) -> set[str]:
    rows = select(Contact.municipality).where(
        Contact.kind == kind, Contact.is_synthetic.is_(False), is_still(Contact.possible, today)
    )
    return {slug for slug in await session.scalars(rows) if slug is not None}


async def find_languages(
    session: AsyncSession, municipalities: Sequence[str], today: date
) -> dict[str, str]:
    """Return which language each municipality is written to in: that of its officers."""
    rows = await session.execute(
        select(Assignment.municipality, Account.language)
        .join_from(Assignment, Account, Account.id == Assignment.account)
        .where(
            Assignment.role == Role.MUNICIPAL_OFFICER,
            Assignment.municipality.in_(municipalities),
            Assignment.revoked_at.is_(None),
            # Whoever stands in for a time does not change what the municipality reads.
            Assignment.delegated_from.is_(None),
            Assignment.valid_from <= today,
            or_(Assignment.valid_until.is_(None), Assignment.valid_until > today),
            Account.language.in_(LANGUAGES),
        )
        .order_by(Account.id.desc())
    )
    # The last to be read is the one who was known first.
    found = {row.municipality: row.language for row in rows}
    return {slug: found.get(slug, DEFAULT) for slug in municipalities}
