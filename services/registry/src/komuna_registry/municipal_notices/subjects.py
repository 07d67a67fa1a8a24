"""What a notice is about, in the reader's language: the sender's words, or what it asks for."""

from collections.abc import Mapping

from komuna_shared.languages import label, translate

from .rules import SubjectKind

Names = Mapping[str, str]

_SUBJECTS: Mapping[SubjectKind, str] = {
    SubjectKind.APPOINT_OFFICER: "Appointment of an officer: {kind}",
    SubjectKind.ESTABLISH_MECHANISM: "Establishment of a mechanism: {kind}",
    SubjectKind.SEND_CONTACTS: "Contact list of the officers of the municipality: {kind}",
}
_ALL_CONTACTS = "Contact list of the officers of the municipality"


def name_subject(
    subject: SubjectKind, written: Names | None, kind: Names | None, language: str
) -> str:
    """Return the subject as it was written, else made of the mechanism or office asked for."""
    if written:
        return label(written, language)[0]
    if kind is None:
        return translate(_ALL_CONTACTS, language)
    return translate(_SUBJECTS[subject], language, kind=label(kind, language)[0])
