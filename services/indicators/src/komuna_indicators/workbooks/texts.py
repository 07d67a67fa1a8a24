"""The workbook of a form in one language: everything that a person reads in it."""

from collections.abc import Mapping

from komuna_indicators.forms.rules import REASONS, Form
from komuna_shared.languages import LANGUAGES, label, translate

from .rules import ATTEST, Choice, Column, Line, Manifest, Template

REASON_LIST = "CL_REASON"
SHEET = "Form"
FOR = "{municipality}, {period}"
VERSION = "Form `{form}`, version `{version}`"
WHAT_TO_DO = (
    "Write a whole number into each line; 0 means that there was none.",
    "Where there is no figure, leave the number empty and choose why.",
    "Figures are counts. A comment is read by whoever checks the report: name no persons.",
    "Send this file back as it is; other sheets, columns or rows are not read.",
)
ATTESTED = "If every number is 0: we looked, and there was nothing to report."
YES = "yes"
_HEADERS = {
    Column.CELL: "Code",
    Column.LABEL: "What is counted",
    Column.VALUE: "Number",
    Column.REASON: "Why there is no figure",
    Column.COMMENT: "Comment",
    Column.PROBLEM: "Problem",
}
PROBLEM_COUNT = "Problems in the file that you sent: {count}. The figures below are as sent."
NO_PROBLEM = "The file that you sent was taken in. The figures below are as sent."


def make_template(
    form: Form,
    manifest: Manifest,
    reasons: Mapping[str, Mapping[str, str]],
    municipality: Mapping[str, str],
) -> Template:
    """Return the workbook of a form for a municipality; `reasons` are their names by code."""
    language = manifest.language
    allowed = sorted(reason.value for one in REASONS.values() for reason in one)
    return Template(
        manifest=manifest,
        sheet=translate(SHEET, language),
        sheets=_said_in_all(SHEET),
        heading=_heading(form, manifest, label(municipality, language)[0]),
        headers={column: translate(text, language) for column, text in _HEADERS.items()},
        lines=tuple(
            Line(
                cell.code,
                label(cell.names, language)[0],
                _in_all(cell.names),
                is_required=cell.is_required,
                decimals=cell.decimals,
            )
            for cell in form.cells.values()
        ),
        choices=tuple(
            Choice(code, label(reasons[code], language)[0], _in_all(reasons[code]))
            for code in allowed
        ),
        attest=Line(ATTEST, translate(ATTESTED, language), frozenset()),
        yes=Choice("true", translate(YES, language), _said_in_all(YES)),
    )


def _heading(form: Form, manifest: Manifest, municipality: str) -> tuple[str, ...]:
    language = manifest.language
    version = translate(VERSION, language, form=form.code, version=form.version)
    return (
        label(form.names, language)[0],
        translate(FOR, language, municipality=municipality, period=manifest.period),
        version.replace("`", ""),
        label(form.instructions, language)[0],
        *(translate(one, language) for one in WHAT_TO_DO),
    )


def _in_all(names: Mapping[str, str]) -> frozenset[str]:
    return frozenset(label(names, language)[0] for language in LANGUAGES)


def _said_in_all(text: str) -> frozenset[str]:
    return frozenset(translate(text, language) for language in LANGUAGES)
