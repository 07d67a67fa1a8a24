"""Taking a workbook in as a report, or keeping it with all that is wrong with it."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from komuna_indicators import periods
from komuna_indicators.catalogue.snapshot import load_catalogue
from komuna_indicators.forms.rules import REASONS, CellProblem, Entry
from komuna_indicators.observations.rules import Reason
from komuna_indicators.submissions.opening import Address, Filing, Opened, check, open_report
from komuna_indicators.submissions.operations import submit
from komuna_indicators.submissions.rules import CellsRefusedError, Channel
from komuna_shared import audit
from komuna_shared.access import Caller, Principal
from komuna_shared.errors import FieldError, RuleError

from . import queries
from .judging import Judged, Said, judge
from .models import SubmissionFile
from .queries import FILE
from .rules import ATTEST, Column, FileState, Manifest, SheetProblem, pointer
from .upload import UNREADABLE, Upload

REFUSED_KEPT = timedelta(days=30)


class FileRefusedError(RuleError):
    """Places of the workbook are wrong; `refusal` is what is kept of it."""

    code = "file_refused"
    detail = "The workbook was not taken in. The list of errors names each cell."

    def __init__(self, refusal: "Refusal") -> None:
        self.refusal = refusal
        super().__init__(errors=refusal.errors)


class KeptFileError(FileRefusedError):
    """The same, with the address of the workbook that shows what is wrong."""

    detail = "The workbook was not taken in. `{reply}` is a workbook that marks each cell."

    def __init__(self, refusal: "Refusal", reply: str) -> None:
        super().__init__(refusal)
        self.params = {"reply": reply}
        self.headers["Link"] = f'<{reply}>; rel="related"'


@dataclass(frozen=True)
class Refusal:
    """What is wrong with a file, and for which report it was sent."""

    opened: Opened
    sheet: str
    upload: Upload
    judged: Judged

    @property
    def errors(self) -> tuple[FieldError, ...]:
        """The errors of a problem document."""
        return tuple(
            FieldError(
                pointer(self.judged.sheet or self.sheet, one.place),
                one.code,
                one.detail,
                one.params,
            )
            for one in self.judged.problems
        )


async def open_file(
    session: AsyncSession, caller: Caller, address: Address, upload: Upload, language: str
) -> tuple[Opened, Filing, Judged]:
    """Return what a file says, or raise `FileRefusedError` with every place that is wrong."""
    opened = await open_report(session, caller, address)
    template = await queries.find_template(
        session, await load_catalogue(session), opened.form, manifest_of(opened, language)
    )
    if upload.fault:
        judged = Judged(problems=(UNREADABLE[upload.fault],))
    else:
        judged = await asyncio.to_thread(judge, upload.sheets, template)
    if judged.problems:
        raise FileRefusedError(Refusal(opened, template.sheet, upload, judged))
    filing = Filing(
        entries=[_entry(one) for one in judged.said],
        language=language,
        attests_no_cases=judged.attests_no_cases,
        channel=Channel.XLSX,
        file_sha256=upload.sha256,
    )
    try:
        check(opened.form, filing)
    except CellsRefusedError as error:
        found = replace(judged, problems=tuple(_placed(error.problems, judged)))
        raise FileRefusedError(Refusal(opened, template.sheet, upload, found)) from None
    return opened, filing, judged


async def take_in(
    session: AsyncSession, caller: Caller, address: Address, upload: Upload, language: str
) -> UUID:
    """Take a file in as the next version of its report, and return the submission's id."""
    opened, filing, judged = await open_file(session, caller, address, upload, language)
    file_id = await _id_of(session, caller.principal, opened, upload)
    submission = await submit(session, caller, address, replace(filing, file_id=file_id))
    row = _row(caller.principal, opened, upload, judged)
    await _keep(session, {**row, "id": file_id, "submission": submission, "problems": []})
    return submission


async def keep_refused(session: AsyncSession, principal: Principal, refusal: Refusal) -> UUID:
    """Keep a refused file for its sender, and return its id."""
    row = _row(principal, refusal.opened, refusal.upload, refusal.judged)
    file_id = await _id_of(session, principal, refusal.opened, refusal.upload)
    await _keep(session, {**row, "id": file_id, "submission": None})
    await audit.record(
        session,
        principal,
        action="submission_file.refuse",
        subject_type="submission_file",
        subject_id=str(file_id),
    )
    return file_id


async def forget_refused(session: AsyncSession) -> None:
    """Drop refused files that nobody corrected."""
    old = FILE.c.created_at < func.now() - REFUSED_KEPT
    await session.execute(delete(SubmissionFile).where(old, FILE.c.state == FileState.REFUSED))


def manifest_of(opened: Opened, language: str) -> Manifest:
    """Return for what the workbook of a report must have been made."""
    return Manifest(
        form=opened.form.code,
        version=opened.form.version,
        obligation=opened.obligation.code,
        municipality=opened.municipality,
        period=periods.code(opened.period) or "",
        language=language,
    )


async def _id_of(
    session: AsyncSession, principal: Principal, opened: Opened, upload: Upload
) -> UUID:
    same = select(FILE.c.id).where(
        FILE.c.issuer == principal.issuer,
        FILE.c.subject == principal.subject,
        FILE.c.obligation == opened.obligation.code,
        FILE.c.municipality == opened.municipality,
        FILE.c.period_from == opened.period.start,
        FILE.c.sha256 == upload.sha256,
    )
    known: UUID | None = await session.scalar(same)
    made: UUID = known or (await session.execute(select(func.uuidv7()))).scalar_one()
    return made


def _row(principal: Principal, opened: Opened, upload: Upload, judged: Judged) -> dict[str, Any]:
    return {
        "issuer": principal.issuer,
        "subject": principal.subject,
        "obligation": opened.obligation.code,
        "municipality": opened.municipality,
        "period_from": opened.period.start,
        "period_to": opened.period.end,
        "form": opened.form.code,
        "form_version": opened.form.version,
        "sha256": upload.sha256,
        "body": upload.body,
        "problems": [asdict(one) for one in judged.problems],
        "given": {cell: asdict(told) for cell, told in judged.given.items()},
    }


async def _keep(session: AsyncSession, row: Mapping[str, Any]) -> None:
    state = FileState.REFUSED if row["submission"] is None else FileState.ACCEPTED
    new = insert(SubmissionFile).values(**row, state=state)
    told = ("state", "submission", "problems", "given", "form", "form_version", "created_at")
    changed = {name: new.excluded[name] for name in told}
    await session.execute(
        new.on_conflict_do_update(
            constraint="uq_submission_file_sender_report_sha256",
            set_=changed,
            # What a version was made from stays what it was; the next one may come of the same.
            where=FILE.c.state == FileState.REFUSED,
        )
    )


def _entry(said: Said) -> Entry:
    reason = None if said.reason is None else Reason(said.reason)
    status = next((one for one, reasons in REASONS.items() if reason in reasons), None)
    return Entry(said.cell, said.value, status, reason, said.comment)


_COLUMNS = {"status": Column.REASON, "reason": Column.REASON, "comment": Column.COMMENT}


def _placed(problems: Sequence[CellProblem], judged: Judged) -> list[SheetProblem]:
    """Return what the form's own rules found, at the places of the workbook."""
    return [
        judged.table.problem(
            one.cell or ATTEST,
            _COLUMNS.get(one.column, Column.VALUE),
            SheetProblem("", one.code, one.detail, one.params),
        )
        for one in problems
    ]
