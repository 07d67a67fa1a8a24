"""Which report somebody may send now, and whether its cells are right."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncSession

from komuna_indicators import periods
from komuna_indicators.catalogue.snapshot import load_catalogue
from komuna_indicators.clock import day_of, today
from komuna_indicators.forms.queries import find_form
from komuna_indicators.forms.rules import CellProblem, Entry, Form, is_all_zero, judge
from komuna_indicators.obligations import rules as due
from komuna_indicators.obligations.queries import find_obligation, find_reporters
from komuna_indicators.obligations.rules import Obligation
from komuna_indicators.periods import Period
from komuna_shared.access import Caller
from komuna_shared.errors import FieldError, ForbiddenError, NotFoundError, RuleError

from . import queries, rules
from .queries import Report
from .rules import Channel, State

_NOT_ALL_ZERO = "Not every value is 0, so there is something to report."
_ATTEST = "Every value is 0. Say with `attests_no_cases` that there was nothing to report."


class UnknownObligationError(RuleError):
    """The report is for nothing that must be reported."""

    code = "unknown_obligation"
    detail = "There is no such obligation."


class NoReporterError(RuleError):
    """Somebody who need not report sends a report."""

    code = "no_reporter"
    detail = "This municipality does not report under this obligation for this period."


@dataclass(frozen=True, slots=True)
class Address:
    """Which report somebody sends."""

    obligation: str
    municipality: str
    period: str


@dataclass(frozen=True, slots=True)
class Filing:
    """What somebody says in a report, and how it came."""

    entries: Sequence[Entry]
    language: str
    attests_no_cases: bool = False
    channel: Channel = Channel.JSON
    file_sha256: str | None = None
    file_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Opened:
    """A report that the caller may send now: what it is for, and its versions so far."""

    obligation: Obligation
    form: Form
    municipality: str
    period: Period
    versions: Sequence[Row[Any]]

    @property
    def last(self) -> Row[Any] | None:
        """Return the last version, if there is one."""
        return self.versions[-1] if self.versions else None

    @property
    def version_no(self) -> int:
        """Return the number of the version that comes next."""
        return len(self.versions) + 1

    @property
    def due_on(self) -> date:
        """Return the last day on which the report is in time."""
        return due.due_on(self.obligation, self.period)

    @property
    def is_late(self) -> bool:
        """Say whether the report first came, or comes now, too late."""
        first = day_of(self.versions[0].submitted_at) if self.versions else today()
        return rules.is_late(first, self.due_on)

    @property
    def is_correction(self) -> bool:
        """Say whether the version before was verified already."""
        return self.last is not None and self.last.state != State.RETURNED


async def open_report(session: AsyncSession, caller: Caller, address: Address) -> Opened:
    """Return what a reporter may send now, or raise."""
    is_own = caller.has("municipal_officer", municipality=address.municipality)
    if caller.principal.is_service or not is_own:
        raise ForbiddenError
    obligation = await _obligation(session, address.obligation)
    period = _period(address.period)
    due.check_period(obligation, period, today())
    last_day = due.last_day(period)
    if address.municipality not in await find_reporters(session, last_day):
        raise NoReporterError(errors=(place_error("municipality", NoReporterError),))
    form = await find_form(session, await load_catalogue(session), obligation.form)
    report = Report(obligation.code, address.municipality, period.start)
    versions = await queries.find_versions(session, report)
    opened = Opened(obligation, form, address.municipality, period, versions)
    if opened.last is not None and opened.last.state not in rules.MAY_FOLLOW:
        raise rules.WaitsForDecisionError
    who = (caller.principal.issuer, caller.principal.subject)
    if any((one.decided_issuer, one.decided_subject) == who for one in versions):
        raise rules.OwnDecisionError
    return opened


def check(form: Form, filing: Filing) -> None:
    """Raise `CellsRefusedError` unless every cell is right."""
    problems = judge(form, filing.entries)
    if not problems and is_all_zero(filing.entries) != filing.attests_no_cases:
        detail = _NOT_ALL_ZERO if filing.attests_no_cases else _ATTEST
        problems = [CellProblem("", "attestation_does_not_fit", detail, "attests_no_cases")]
    if problems:
        raise rules.CellsRefusedError(problems)


async def _obligation(session: AsyncSession, code: str) -> Obligation:
    try:
        return await find_obligation(session, code)
    except NotFoundError:
        raise UnknownObligationError(
            errors=(place_error("obligation", UnknownObligationError),)
        ) from None


def _period(text: str) -> Period:
    try:
        return periods.parse(text)
    except periods.PeriodError as error:
        raise periods.PeriodError(errors=(place_error("period", type(error)),)) from None


def place_error(place: str, error: type[RuleError]) -> FieldError:
    """Return the error of a rule at one place of the body."""
    return FieldError(f"/{place}", error.code, error.detail)
