"""The letter to a mayor as PDF, in the language of the municipality; the same bytes each time."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from importlib import resources
from typing import Any
from uuid import UUID

import orjson
import typst

from komuna_registry.clock import day_of
from komuna_shared.languages import label, translate

from .rules import SubjectKind
from .subjects import Names, name_subject


@dataclass(frozen=True, slots=True)
class Letter:
    """What a letter is made of; `kind` names the mechanism or office that is asked for."""

    notice: UUID
    subject_kind: SubjectKind
    kind: Names | None
    municipality: Names
    sender: Names | None
    subjects: Names | None
    texts: Names | None
    due_on: date
    written_at: datetime


_REQUESTS: Mapping[SubjectKind, str] = {
    SubjectKind.APPOINT_OFFICER: (
        "We ask you to have this office filled by {due_on}, and to have whoever holds it entered "
        "in the register with the decision."
    ),
    SubjectKind.ESTABLISH_MECHANISM: (
        "We ask you to have this mechanism established by {due_on}, and to have it entered in the "
        "register with the decision."
    ),
    SubjectKind.SEND_CONTACTS: (
        "We ask you to have the work contacts of these officers sent or entered in the register "
        "by {due_on}."
    ),
    SubjectKind.OTHER: "We ask for your answer by {due_on}.",
}
_WHERE = "Your officers acknowledge and answer this letter here: {link}"


def find_language(letter: Letter, wanted: str, own: str) -> str:
    """Return the language of the letter: the wanted one, or else the nearest to the recipient's."""
    for written in (letter.texts, letter.subjects):
        if written is not None:
            found = label(written, wanted)[1]
            return found if found == wanted else label(written, own)[1]
    return wanted


def write_letter(letter: Letter, language: str, *, public_url: str) -> bytes:
    """Return the letter as PDF."""
    said = _say(letter, language, public_url)
    made = typst.compile(
        _template(),
        font_paths=_fonts(),
        ignore_system_fonts=True,
        sys_inputs={"said": orjson.dumps(said).decode()},
        # Not of the day on which it is printed.
        timestamp=int(letter.written_at.timestamp()),
    )
    if not isinstance(made, bytes):
        raise TypeError
    return made


def _say(letter: Letter, language: str, public_url: str) -> dict[str, Any]:
    due_on = _write_day(letter.due_on)
    link = f"{public_url.rstrip('/')}/registry/v1/municipal-notices/{letter.notice}"
    own = label(letter.texts, language)[0].split("\n") if letter.texts else []
    paragraphs = (
        *(one.strip() for one in own if one.strip()),
        translate(_REQUESTS[letter.subject_kind], language, due_on=due_on),
        translate(_WHERE, language, link=link),
    )
    operator = translate("The operator of Komuna", language)
    name = label(letter.municipality, language)[0]
    return {
        "lang": language.partition("-")[0],
        "sender": label(letter.sender, language)[0] if letter.sender else operator,
        "date_word": translate("Date", language),
        "date": _write_day(day_of(letter.written_at)),
        "reference_word": translate("Reference", language),
        "reference": str(letter.notice),
        "to": translate("To the mayor", language),
        "municipality": translate("Municipality: {name}", language, name=name),
        "subject": name_subject(letter.subject_kind, letter.subjects, letter.kind, language),
        "paragraphs": paragraphs,
    }


def _write_day(day: date) -> str:
    # As it is written in Albanian and in Serbian; no reader takes it for another day.
    return day.strftime("%d.%m.%Y")


@cache
def _template() -> bytes:
    return resources.files(__package__).joinpath("letter.typ").read_bytes()


@cache
def _fonts() -> typst.Fonts:
    # What the library brings itself: a machine's own would make other bytes of the same letter.
    return typst.Fonts(include_system_fonts=False)
