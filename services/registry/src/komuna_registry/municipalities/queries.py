"""What is asked about municipalities; every answer comes from the frame."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from komuna_registry.filter_values import UnknownFilterValueError
from komuna_registry.labels import Label, labelled
from komuna_registry.naming import normalise
from komuna_registry.periods import Certainty
from komuna_shared.database import Record
from komuna_shared.languages import translate
from komuna_shared.paging import Found, PageInfo, PageRequest, UnknownSortError
from komuna_shared.signing import CursorInvalidError, open_sealed, seal

from . import resolution
from .frame import Entry, Frame
from .rules import CountMethod
from .schemas import (
    AliasOut,
    CandidateOut,
    CodeOut,
    MunicipalityOut,
    MunicipalityPageOut,
    NameOut,
    PopulationOut,
    PopulationsOut,
    RegionOut,
    ResolutionOut,
    SettlementHintOut,
    SuccessionOut,
    WarningOut,
)

_REASONS = {
    resolution.Reason.CODE_WITHOUT_SCHEME: "The two lists of the statistical agency give this "
    "number to different municipalities. Name the scheme.",
    resolution.Reason.SHARED_NAME: "More than one municipality is called so on this day.",
    resolution.Reason.UNKNOWN_NAME: "No municipality is known by this spelling.",
    resolution.Reason.UNKNOWN_CODE: "No municipality has this number in this scheme.",
}
_WARNINGS = {
    resolution.Warned.DAMAGED_SPELLING: "The spelling is damaged; it occurs so in a source.",
    resolution.Warned.UNVERIFIED_CODE: "This number is not verified in a document.",
    resolution.Warned.NOT_IN_EXISTENCE: "The municipality did not certainly exist on this day.",
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which municipalities a list is about."""

    as_of: date
    q: str | None = None
    region: Sequence[str] = ()
    code: Sequence[str] = ()


def list_municipalities(
    frame: Frame, page: PageRequest, wanted: Wanted, language: str
) -> Found[MunicipalityOut]:
    """Return one page of the municipalities that existed, in Albanian order unless asked else."""
    found = [
        (entry, certainty)
        for entry in frame.entries.values()
        if (certainty := entry.presence.on(wanted.as_of)) and _is_wanted(entry, wanted)
    ]
    if not found and not frame.regions.issuperset(wanted.region):
        raise UnknownFilterValueError(("region",))
    return _cut(found, page, language)


def get_municipality(frame: Frame, slug: str, language: str) -> MunicipalityPageOut:
    """Return everything known of one municipality, or raise."""
    entry = frame.get(slug)
    row = entry.row
    return MunicipalityPageOut(
        slug=slug,
        **labelled(entry.names, language),
        names=dict(entry.names),
        definite_name=entry.definite_name,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        note=row.note,
        version=row.version,
        source=row.source,
        locator=row.locator,
        name_statements=_all(NameOut, entry.name_rows),
        codes=_all(CodeOut, entry.codes),
        aliases=_all(AliasOut, entry.aliases),
        regions=_all(RegionOut, entry.regions),
        populations=[_population(one) for one in entry.populations],
        predecessors=[_succession(one, one.predecessor) for one in entry.predecessors],
        successors=[_succession(one, one.successor) for one in entry.successors],
    )


def resolve(
    frame: Frame, text: str, *, scheme: str | None, as_of: date, language: str
) -> ResolutionOut:
    """Return which municipality a spelling or code means, and how that was found."""
    found = resolution.resolve(frame.index, text, scheme=scheme, on=as_of)
    named = _label(frame, found.slug, language) if found.slug else None
    return ResolutionOut(
        status=found.status,
        slug=found.slug,
        label=named["label"] if named else None,
        label_language=named["label_language"] if named else None,
        reason=found.reason,
        detail=translate(_REASONS[found.reason], language) if found.reason else None,
        warnings=[
            WarningOut(code=one, detail=translate(_WARNINGS[one], language))
            for one in found.warnings
        ],
        candidates=[
            CandidateOut(
                slug=one.slug,
                **_label(frame, one.slug, language),
                scheme=one.scheme,
                similarity=one.similarity,
            )
            for one in found.candidates
        ],
        settlements=[] if found.slug else _settlements(frame, text, as_of, language),
        as_of=as_of,
    )


def find_called(frame: Frame, q: str) -> tuple[str, ...]:
    """Return the slugs of municipalities that are called like this in any spelling."""
    return tuple(slug for slug, entry in frame.entries.items() if _is_called(entry, normalise(q)))


def list_populations(frame: Frame, slug: str, language: str) -> PopulationsOut:
    """Return how many people each publication counts in one municipality, or raise."""
    entry = frame.get(slug)
    items = [_population(one) for one in entry.populations]
    return PopulationsOut(slug=slug, items=items, **labelled(entry.names, language))


def _settlements(frame: Frame, text: str, on: date, language: str) -> list[SettlementHintOut]:
    return [
        SettlementHintOut(
            code=one.code, municipality=one.municipality, **labelled(one.names, language)
        )
        for one in frame.places.get(normalise(text), ())
        if one.presence.on(on)
    ]


def _is_wanted(entry: Entry, wanted: Wanted) -> bool:
    if wanted.region and not {one.code for one in entry.regions} & set(wanted.region):
        return False
    if wanted.code and not {one.code for one in entry.codes} & set(wanted.code):
        return False
    return wanted.q is None or _is_called(entry, normalise(wanted.q))


def _is_called(entry: Entry, words: str) -> bool:
    spellings = {*entry.names.values(), *(one.text for one in entry.aliases)}
    return bool(words) and any(words in normalise(one) for one in spellings)


def _cut(
    found: list[tuple[Entry, Certainty]], page: PageRequest, language: str
) -> Found[MunicipalityOut]:
    names = page.sort.removeprefix("-") or "name"
    if names not in {"name", "slug"}:
        raise UnknownSortError
    found.sort(
        key=lambda pair: (pair[0].sort_key if names == "name" else "", pair[0].row.slug),
        reverse=page.sort.startswith("-"),
    )
    start = _place_after(found, page) if page.cursor else 0
    shown = found[start : start + page.limit]
    cursor = None
    if start + page.limit < len(found):
        cursor = seal([page.sort, shown[-1][0].row.slug], page.key)
    following = f"{page.url}?{urlencode([*page.query, ('cursor', cursor)])}" if cursor else None
    total = len(found) if page.count else None
    items = [_present(entry, certainty, language) for entry, certainty in shown]
    return Found(items, PageInfo(page.limit, cursor, following, page.is_coerced, total))


def _place_after(found: Sequence[tuple[Entry, Certainty]], page: PageRequest) -> int:
    sort, slug = open_sealed(page.cursor or "", page.key)
    places = [place for place, (entry, _) in enumerate(found) if entry.row.slug == slug]
    if sort != page.sort or not places:
        raise CursorInvalidError
    return places[0] + 1


def _present(entry: Entry, certainty: Certainty, language: str) -> MunicipalityOut:
    return MunicipalityOut(
        slug=entry.row.slug,
        **labelled(entry.names, language),
        names=dict(entry.names),
        definite_name=entry.definite_name,
        valid_from=entry.row.valid_from,
        valid_until=entry.row.valid_until,
        certainty=certainty,
        codes={one.scheme: one.code for one in entry.codes if one.is_verified},
        regions=[one.code for one in entry.regions],
    )


def _population(row: Record) -> PopulationOut:
    is_counted = row.persons is not None
    uncounted = "not_enumerated" if row.method is CountMethod.NOT_ENUMERATED else "not_in_source"
    return PopulationOut(
        vintage=row.vintage,
        method=row.method,
        persons=row.persons,
        status="A" if is_counted else "L",
        reason=None if is_counted else uncounted,
        note=row.note,
        source=row.source,
        locator=row.locator,
    )


def _succession(row: Record, slug: str) -> SuccessionOut:
    return SuccessionOut(
        slug=slug, happened_on=row.happened_on, source=row.source, locator=row.locator
    )


def _label(frame: Frame, slug: str, language: str) -> Label:
    return labelled(frame.entries[slug].names, language)


def _all(kind: type[Any], rows: Iterable[Any]) -> list[Any]:
    return [kind.model_validate(row) for row in rows]
