"""What becomes of a row about a contact: what is stored, or what is wrong with it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from komuna_registry import periods
from komuna_registry.keeping import (
    NOT_YOURS,
    NotYourInstitutionError,
    NotYoursError,
    check_may_keep_one,
    works_for_all,
)
from komuna_registry.made_up import (
    MADE_UP,
    SYNTHETIC_SINCE,
    MadeUpMismatchError,
    SyntheticPeriodError,
)
from komuna_registry.municipalities.resolution import Status
from komuna_registry.naming import findable
from komuna_registry.tables import ranges
from komuna_shared.imports import Row, RowProblem

from . import rules
from .ground import Ground, Stored, key_of
from .models import LONGEST_WORDS
from .rows import ContactRow


@dataclass(slots=True)
class Settled:
    """One row as it would be stored; `stored` is the contact it changes, None for a new one."""

    number: int
    columns: dict[str, Any]
    stored: Stored | None

    @property
    def needs_source(self) -> bool:
        """Tell whether the row says something new without naming a document."""
        return self.columns["source"] is None


def settle(
    ground: Ground, rows: Sequence[Row[ContactRow]]
) -> tuple[list[Settled], list[RowProblem]]:
    """Return what would be stored of all rows, and everything that is wrong with them."""
    settled: list[Settled] = []
    problems: list[RowProblem] = []
    seen: dict[object, int] = {}
    for row in rows:
        columns = _columns(ground, row.value)
        found = list(_judge(ground, row, columns))
        if not found:
            one = _match(ground, row, columns)
            found = list(_judge_match(ground, one))
            first = seen.setdefault(_identity(one), row.number)
            if first != row.number:
                found = [RowProblem(row.number, "name", "duplicate_row", params={"first": first})]
            settled.append(one)
        problems += found
    return settled, problems


def _columns(ground: Ground, row: ContactRow) -> dict[str, Any]:
    stored = row.model_dump(exclude={"id"})
    if row.municipality is not None:
        stored["municipality"] = ground.resolve(row.municipality).slug
    if row.kind is not None:
        stored["kind"] = ground.find_kind(row.kind)
    return {**stored, "words": findable([row.name], LONGEST_WORDS)}


def _judge(ground: Ground, row: Row[ContactRow], columns: Stored) -> Iterator[RowProblem]:
    value, number = row.value, row.number
    if value.municipality is not None:
        yield from _judge_municipality(ground, row)
    elif value.institution not in ground.institutions:
        yield RowProblem(number, "institution", "unknown_reference", rules.NOT_THERE)
    elif not _may_keep(ground, columns):
        yield RowProblem(number, "institution", NotYoursError.code, NotYourInstitutionError.detail)
    if value.kind is not None and columns["kind"] is None:
        yield RowProblem(number, "kind", "unknown_reference", rules.NOT_THERE)
    if value.source is not None and value.source not in ground.sources:
        yield RowProblem(number, "source", "unknown_reference", rules.NOT_THERE)
    yield from _judge_office(ground, row, columns)


def _judge_municipality(ground: Ground, row: Row[ContactRow]) -> Iterator[RowProblem]:
    found = ground.resolve(row.value.municipality or "")
    if found.status is Status.AMBIGUOUS:
        yield RowProblem(row.number, "municipality", "ambiguous_municipality", rules.SHARED_NAME)
    elif found.slug is None:
        yield RowProblem(row.number, "municipality", "unknown_municipality")
    elif not _may_keep(ground, {"municipality": found.slug, "institution": None}):
        yield RowProblem(row.number, "municipality", NotYoursError.code, NOT_YOURS)


def _judge_office(ground: Ground, row: Row[ContactRow], columns: Stored) -> Iterator[RowProblem]:
    if row.value.office is None:
        return
    owner = ground.offices.get(row.value.office)
    if owner is None:
        yield RowProblem(row.number, "office", "unknown_reference", rules.NOT_THERE)
    elif owner != (columns["municipality"], columns["institution"]):
        yield RowProblem(row.number, "office", "other_owner", rules.OTHER_OFFICE)


def _may_keep(ground: Ground, columns: Stored) -> bool:
    try:
        check_may_keep_one(
            ground.caller,
            municipality=columns["municipality"],
            institution=columns["institution"],
        )
    except NotYoursError:
        return False
    return True


def _match(ground: Ground, row: Row[ContactRow], columns: dict[str, Any]) -> Settled:
    by_key = ground.by_key.get(key_of(columns))
    stored = by_key if row.value.id is None else ground.by_id.get(row.value.id)
    if columns["is_synthetic"] is None:
        columns["is_synthetic"] = stored["is_synthetic"] if stored else ground.is_made_up
    if columns["is_synthetic"] and columns["valid_from"] is None:
        columns["valid_from"] = str(SYNTHETIC_SINCE.year)
    columns |= ranges(periods.presence(columns["valid_from"], columns["valid_until"]))
    if stored is not None and columns["source"] is None and _says_the_same(stored, columns):
        columns |= {name: stored[name] for name in ("source", "locator")}
    columns["id"] = row.value.id if stored is None else stored["id"]
    return Settled(row.number, columns, stored)


def _says_the_same(stored: Stored, columns: Stored) -> bool:
    names = columns.keys() - {"source", "locator", "certain", "possible"}
    return all(stored[name] == columns[name] for name in names)


def _judge_match(ground: Ground, one: Settled) -> Iterator[RowProblem]:
    named: UUID | None = one.columns["id"]
    if named is not None and one.stored is None:
        yield RowProblem(one.number, "id", "unknown_reference", rules.NOT_THERE)
        return
    if one.stored is not None and any(
        one.stored[name] != one.columns[name] for name in ("municipality", "institution")
    ):
        yield RowProblem(one.number, "id", "other_owner", rules.OTHER_OWNER)
        return
    holder = ground.by_key.get(key_of(one.columns))
    if holder is not None and holder["id"] != named:
        yield RowProblem(one.number, "name", rules.ContactTakenError.code, rules.TAKEN)
    if not works_for_all(ground.caller) and _origins(one) - {ground.is_made_up}:
        code, detail = MadeUpMismatchError.code, MadeUpMismatchError.detail
        yield RowProblem(one.number, "is_synthetic", code, detail)
    begun = one.columns["possible"].lower
    if one.columns["is_synthetic"] and (begun is None or begun < SYNTHETIC_SINCE):
        yield RowProblem(one.number, "valid_from", SyntheticPeriodError.code, MADE_UP)
    owner = (one.columns["municipality"], one.columns["institution"])
    if one.needs_source and not ground.is_own(*owner):
        yield RowProblem(one.number, "source", "missing_value", rules.SOURCE_NEEDED)


def _origins(one: Settled) -> set[bool]:
    """Return whether the row is made up, and whether the contact is that it changes."""
    return {row["is_synthetic"] for row in (one.columns, one.stored) if row is not None}


def _identity(one: Settled) -> object:
    return key_of(one.columns) if one.stored is None else one.stored["id"]
