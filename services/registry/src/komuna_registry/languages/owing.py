"""Which texts of municipalities lack a language that is owed: names of what is theirs."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import literal, select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from komuna_registry.institutions.models import Institution
from komuna_registry.mechanisms.models import Mechanism, MechanismMunicipality
from komuna_registry.municipalities.frame import Entry
from komuna_registry.offices.models import Office
from komuna_registry.tables import Statement

from .queries import Found
from .rules import OWED, RecordType

_SHOWN = 100
_WRITTEN = {"sr": ("sr-Latn", "sr-Cyrl")}


@dataclass(frozen=True, slots=True)
class Text:
    """The names of one record of a municipality, by language."""

    record_type: RecordType
    code: str
    names: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Missing:
    """A record of a municipality whose name is not there in a language that is owed."""

    record_type: RecordType
    code: str
    language: str


@dataclass(frozen=True, slots=True)
class Owing:
    """What one municipality owes, of what nobody knows whether it does, and what it lacks."""

    entry: Entry
    found: Sequence[Found]
    missing: Sequence[Missing]
    missing_count: int


async def load_texts(connection: AsyncConnection, slugs: Sequence[str]) -> dict[str, list[Text]]:
    """Return the names of the institutions, offices and real mechanisms of municipalities."""
    texts: defaultdict[str, list[Text]] = defaultdict(list)
    for row in await connection.execute(_records(slugs)):
        texts[row.municipality].append(Text(row.record_type, row.code, row.names))
    return texts


def find_owing(entry: Entry, found: Sequence[Found], texts: Iterable[Text]) -> Owing:
    """Return what one municipality owes and lacks; long lists are cut, their length is not."""
    owed = [one.language for one in found if one.owed.standing in OWED]
    own = Text("municipality", entry.row.slug, entry.names)
    missing = [
        Missing(text.record_type, text.code, language)
        for text in (own, *texts)
        for language in owed
        if not any(tag in text.names for tag in _WRITTEN.get(language, (language,)))
    ]
    return Owing(entry, found, missing[:_SHOWN], len(missing))


def _records(slugs: Sequence[str]) -> Statement:
    served = MechanismMunicipality
    parts = (
        select(
            literal("institution").label("record_type"),
            Institution.code.label("code"),
            Institution.names.label("names"),
            Institution.municipality.label("municipality"),
        ).where(Institution.municipality.in_(slugs)),
        select(literal("office"), Office.code, Office.names, Office.municipality).where(
            Office.municipality.in_(slugs)
        ),
        select(literal("mechanism"), Mechanism.code, Mechanism.names, served.municipality)
        .join(served, served.mechanism == Mechanism.code)
        .where(served.municipality.in_(slugs), Mechanism.is_synthetic.is_(False)),
    )
    together = union_all(*parts).subquery()
    return select(together).order_by(together.c.record_type, together.c.code)
