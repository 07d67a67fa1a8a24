"""What brings figures in: every statement is added, none is overwritten."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Row as Stored
from sqlalchemy import func, insert, update
from sqlalchemy.ext.asyncio import AsyncSession

from komuna_indicators.catalogue.snapshot import Catalogue, load_catalogue
from komuna_indicators.clients.registry import RegistryClient
from komuna_indicators.municipalities.operations import resolve_names
from komuna_indicators.releases.operations import release_history
from komuna_shared.imports import Counts, Row, RowProblem
from komuna_shared.imports.run import RowsRefusedError

from . import queries, statements
from .models import Observation, ObservationInput
from .rules import IDENTITY, InputRole
from .schemas import FIGURE, ObservationIn
from .statements import Municipalities, identity
from .totals import rows_over_total

Rows = Sequence[Row[ObservationIn]]
Columns = dict[str, Any]

_KEPT = ("value", "status", "reason", "qualifier", "unit", "decimals", "fact", "members", "note")
_SAME_FACT = "Another figure has this fact already."


async def check_observations(
    session: AsyncSession, rows: Rows, *, registry: RegistryClient
) -> list[RowProblem]:
    """Find what is wrong with the rows, each by itself and beside each other."""
    catalogue = await load_catalogue(session)
    named = await _resolve(session, registry, rows)
    problems = [
        problem for row in rows for problem in statements.find_problems(row, catalogue, named)
    ]
    refused = {problem.row for problem in problems}
    sound = [row for row in rows if row.number not in refused]
    told = {row.number: statements.statement(row.value, catalogue, named) for row in sound}
    problems += _repeated({row.number: row.value for row in sound}, told)
    return problems + await _over_total(session, told, catalogue)


async def add_observations(
    session: AsyncSession, rows: Rows, import_id: UUID, *, registry: RegistryClient
) -> Counts:
    """Add what is new, close and replace what differs, and leave what is the same."""
    catalogue = await load_catalogue(session)
    problems = await check_observations(session, rows, registry=registry)
    if problems:
        # Rows of an earlier batch or another import came in between: nothing of the file is kept.
        raise RowsRefusedError(problems)
    named = await _resolve(session, registry, rows)
    told = {row.number: statements.statement(row.value, catalogue, named) for row in rows}
    inputs = await _inputs(session, rows, told)
    current = await queries.find_current(session, map(identity, told.values()))
    new = {
        number: columns
        for number, columns in told.items()
        if not _is_same(current.get(identity(columns)), columns)
    }
    if not new:
        return Counts(unchanged=len(rows))
    replaced = [current[one] for one in map(identity, new.values()) if one in current]
    await _close(session, replaced)
    release = await release_history(session, import_id, count=len(new))
    made = await _insert(session, [new[number] | {"release_id": release} for number in new])
    await _link(session, new, made, inputs)
    return Counts(len(new) - len(replaced), len(replaced), len(rows) - len(new))


async def _resolve(session: AsyncSession, registry: RegistryClient, rows: Rows) -> Municipalities:
    by_day: defaultdict[date | None, set[str]] = defaultdict(set)
    for row in rows:
        by_day[statements.day_of(row.value)].update(
            name for _, name in statements.names_of(row.value)
        )
    slugs: dict[tuple[str, date | None], str] = {}
    is_copy, as_of = False, None
    for day, names in by_day.items():
        found = await resolve_names(session, registry, names, on=day)
        slugs |= {(name, day): slug for name, slug in found.slugs.items()}
        is_copy, as_of = is_copy or found.is_copy, found.as_of or as_of
    return Municipalities(slugs, is_copy, as_of)


def _repeated(sent: Mapping[int, ObservationIn], told: Mapping[int, Columns]) -> list[RowProblem]:
    """Find what is the same although it is written otherwise; equal cells are found by the job."""
    problems: list[RowProblem] = []
    figures: dict[tuple[Any, ...], int] = {}
    facts: dict[str, int] = {}
    for number, columns in told.items():
        first = figures.setdefault(identity(columns), number)
        if any(getattr(sent[first], name) != getattr(sent[number], name) for name in FIGURE):
            problems.append(
                RowProblem(number, "indicator", "duplicate_row", params={"first": first})
            )
        fact = columns["fact"]
        if fact is not None and facts.setdefault(fact, number) != number:
            problems.append(RowProblem(number, "fact", "duplicate_fact", _SAME_FACT))
    return problems


async def _over_total(
    session: AsyncSession, told: Mapping[int, Columns], catalogue: Catalogue
) -> list[RowProblem]:
    new = [
        one
        for number, columns in told.items()
        if (one := statements.figure(columns, number, catalogue)) is not None
    ]
    if not new:
        return []
    replaced = {identity(columns) for columns in told.values()}
    stored = [
        statements.figure(row, None, catalogue)
        for row in await queries.find_tables(session, {one.table for one in new})
        if identity(row) not in replaced
    ]
    figures = [*new, *(one for one in stored if one is not None)]
    return [
        RowProblem(row, "value", "greater_than_total")
        for row in sorted(set(rows_over_total(figures)))
    ]


async def _inputs(
    session: AsyncSession, rows: Rows, told: Mapping[int, Columns]
) -> dict[int, list[tuple[InputRole, str]]]:
    """Read what each row rests on, and give ratios the figures of their parts."""
    wanted = {
        row.number: [_read_input(text) for text in row.value.inputs.split()]
        for row in rows
        if row.value.inputs
    }
    facts = {fact for parts in wanted.values() for _, fact in parts}
    stored = await queries.find_facts(session, facts) if facts else {}
    values = {fact: row.value for fact, row in stored.items()}
    values |= {one["fact"]: one["value"] for one in told.values() if one["fact"] in facts}
    problems = []
    for number, parts in wanted.items():
        for role, fact in parts:
            if fact not in values:
                problems.append(
                    RowProblem(number, "inputs", "unknown_input", statements.UNKNOWN_INPUT)
                )
            elif role is not InputRole.PART:
                told[number][role.value] = values[fact]
    if problems:
        raise RowsRefusedError(problems)
    return wanted


def _read_input(text: str) -> tuple[InputRole, str]:
    role, _, fact = text.partition(":")
    return InputRole(role), fact


def _is_same(stored: Stored[Any] | None, columns: Columns) -> bool:
    return stored is not None and all(
        getattr(stored, name) == columns[name] for name in (*_KEPT, "numerator", "denominator")
    )


async def _close(session: AsyncSession, replaced: Iterable[Stored[Any]]) -> None:
    ids = [row.id for row in replaced]
    if ids:
        closing = update(Observation).where(Observation.id.in_(ids)).values(valid_to=func.now())
        await session.execute(closing)


async def _insert(session: AsyncSession, columns: Sequence[Columns]) -> dict[tuple[Any, ...], UUID]:
    table = Observation.__table__
    shown = (table.c[name] for name in (*IDENTITY, "id"))
    rows = await session.execute(insert(table).returning(*shown), columns)  # type: ignore[arg-type]
    return {tuple(row[:-1]): row.id for row in rows}


async def _link(
    session: AsyncSession,
    new: Mapping[int, Columns],
    made: Mapping[tuple[Any, ...], UUID],
    inputs: Mapping[int, list[tuple[InputRole, str]]],
) -> None:
    wanted = {number: parts for number, parts in inputs.items() if number in new}
    if not wanted:
        return
    facts = {fact for parts in wanted.values() for _, fact in parts}
    stored = await queries.find_facts(session, facts)
    links = [
        {
            "observation_id": made[identity(new[number])],
            "position": position,
            "role": role,
            "input_id": stored[fact].id,
        }
        for number, parts in wanted.items()
        for position, (role, fact) in enumerate(parts, start=1)
    ]
    await session.execute(insert(ObservationInput), links)
