"""What writes, opens and looks for people."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from komuna_referrals import effects, wall
from komuna_referrals.cases.queries import find_indicators
from komuna_referrals.cases.rules import TEAM
from komuna_referrals.consents.rules import Basis
from komuna_referrals.disclosures import operations as disclosures
from komuna_referrals.keystore.operations import Keyring
from komuna_referrals.sealing import FieldClass, Place, unseal
from komuna_referrals.sealing.blind import BlindIndex
from komuna_referrals.sealing.spelling import fold_name
from komuna_shared.access import Caller
from komuna_shared.database import Record
from komuna_shared.errors import FieldError, NotFoundError, PreconditionFailedError

from . import queries, rules
from .models import Person
from .schemas import AccountOut, MatchIn, PersonIn, PersonOut
from .sealed import open_person, seal_person

_MARK = text("select mark_person(:case_id, :name, :telephone, :personal_number)")
_MATCH = text("select match_person(:field, :mark)")
_ACCOUNT = ("account", "indicators")
_SEALED = (FieldClass.IDENTITY, FieldClass.CONTACT)


@dataclass(frozen=True, slots=True)
class Tools:
    """What opens and seals values, and what finds them."""

    keys: Keyring
    blind: BlindIndex


async def write_person(
    session: AsyncSession,
    tools: Tools,
    caller: Caller,
    case_id: UUID,
    wanted: PersonIn,
    *,
    known: Person | None,
) -> None:
    """Write a new version of the person of a case, every field sealed anew."""
    values = _values(wanted)
    acting = await wall.acting(session)
    version = 1 if known is None else known.version + 1
    held = await tools.keys.open_keys(case_id, _SEALED, acting.institution)
    columns = seal_person(held, case_id, version, values) | {
        "version": version,
        "written_at": datetime.now(UTC),
    }
    if known is None:
        await session.execute(insert(Person).values(case_id=case_id, **columns))
    else:
        changed = await session.execute(
            update(Person)
            .where(Person.case_id == case_id, Person.version == known.version)
            .values(columns)
            .returning(Person.case_id)
        )
        if changed.one_or_none() is None:
            raise PreconditionFailedError
    if not await session.scalar(_MARK, {"case_id": case_id} | _marks(tools.blind, values)):
        raise NotFoundError
    await effects.note(session, caller, acting, "person.written", about="case", named=str(case_id))


async def read_person(session: AsyncSession, keys: Keyring, case: Record) -> PersonOut:
    """Return what the caller may know of the person, and record that they were told."""
    person = await queries.find_person(session, case.id)
    bases = await queries.find_bases(session, case, tuple(rules.FIELDS))
    if person is None or not bases:
        raise NotFoundError
    held = {FieldClass(one) for one in bases}
    await _disclose(session, case, bases, rules.FIELDS)
    opened = await keys.open_keys(case.id, held, case.seen_by)
    values = open_person(opened, person, bases)
    return PersonOut(case_id=case.id, classes=sorted(bases), version=person.version, **values)


async def read_account(session: AsyncSession, keys: Keyring, case: Record) -> AccountOut:
    """Return the account of a case and its indicators, and record that they were told."""
    stored = await queries.find_account(session, case.id)
    bases = await queries.find_bases(session, case, (FieldClass.ACCOUNT.value,))
    if not bases:
        raise NotFoundError
    # Which signs were seen is for those who work on the case; to others it is absent, not empty.
    is_team = case.relation in TEAM
    await _disclose(session, case, bases, {"C": _ACCOUNT if is_team else _ACCOUNT[:1]})
    told: dict[str, Any] = {"account": None}
    if stored is not None:
        key = await keys.open_key(case.id, FieldClass.ACCOUNT, case.seen_by)
        place = Place("case_account", "account", case.id, stored.version)
        told["account"] = unseal(key, stored.account, place).decode()
    if is_team:
        told["indicators"] = await find_indicators(session, case.id)
    return AccountOut(case_id=case.id, **told)


async def match_person(
    session: AsyncSession, blind: BlindIndex, caller: Caller, wanted: MatchIn
) -> list[str]:
    """Return the institutions to ask about a person, and record that somebody looked for one.

    The index is coarse and the record of another institution is not opened to compare: what is
    told is a possibility, and only the owner of the case can say more.
    """
    acting = await wall.acting(session)
    field, mark = _question(blind, wanted)
    found = list(await session.scalars(_MATCH, {"field": field, "mark": mark}))
    action = "person.match.possible" if found else "person.match.none"
    await effects.note(session, caller, acting, action, about="case", named="*")
    return found


def _question(blind: BlindIndex, wanted: MatchIn) -> tuple[str, bytes]:
    given = wanted.model_dump(exclude_none=True)
    if given.keys() == {"first_name", "last_name", "birth_year"}:
        first, last, year = given["first_name"], given["last_name"], given["birth_year"]
        return "name", blind.name(first, last, year)
    if given.keys() == {"telephone"}:
        return "telephone", blind.telephone(given["telephone"])
    if given.keys() == {"personal_number"}:
        return "personal_number", blind.personal_number(given["personal_number"])
    raise rules.SearchError(errors=(FieldError("", rules.SearchError.code),))


def _values(wanted: PersonIn) -> dict[str, Any]:
    year = rules.birth_year(wanted.birth_year, wanted.birth_date)
    values = wanted.model_dump(mode="json") | {"birth_year": year}
    if not any(values.values()):
        raise rules.EmptyPersonError
    return values


def _marks(blind: BlindIndex, values: dict[str, Any]) -> dict[str, bytes | None]:
    first, last, year = values["first_name"], values["last_name"], values["birth_year"]
    telephone, number = values["telephone"], values["personal_number"]
    # What has no letter has no sound: all such names would be found as one.
    is_named = all(fold_name(one or "") for one in (first, last))
    return {
        "name": blind.name(first, last, year) if is_named and year else None,
        "telephone": blind.telephone(telephone) if telephone else None,
        "personal_number": blind.personal_number(number) if number else None,
    }


async def _disclose(
    session: AsyncSession,
    case: Record,
    bases: Mapping[str, Basis | None],
    fields: Mapping[str, Sequence[str]],
) -> None:
    """Record what is told, once for each thing that it rests on."""
    for basis in dict.fromkeys(bases.values()):
        classes = [one for one, rests_on in bases.items() if rests_on == basis]
        await disclosures.record(
            session,
            case_id=case.id,
            classes=classes,
            fields=[field for one in classes for field in fields[one]],
            basis=basis,
            referral_id=case.referral_id,
        )
