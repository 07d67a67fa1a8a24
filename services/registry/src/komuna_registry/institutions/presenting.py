"""How institutions are told as they were on a day."""

from collections.abc import Iterable, Sequence
from datetime import date

from komuna_registry.labels import labelled
from komuna_shared.database import Record

from .naming import certainty_on, names_on
from .queries import Said
from .schemas import InstitutionOut, InstitutionPageOut, NameOut, ParentOut, SuccessionOut


def show_listed(row: Record, dated: Iterable[Record], on: date, language: str) -> InstitutionOut:
    """Return an institution as lists show it, with its names of the day."""
    names = names_on(row.names, dated, on)
    return InstitutionOut(
        code=row.code,
        kind=row.kind,
        names=names,
        municipality=row.municipality,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        certainty=row.certainty,
        source=row.source,
        locator=row.locator,
        **labelled(names, language),
    )


def show_page(said: Said, on: date, language: str, *, is_dated: bool) -> InstitutionPageOut:
    """Return everything known of an institution; of a day that was asked for, what held then."""
    row = said.row
    names = names_on(row.names, said.names, on)
    return InstitutionPageOut(
        code=row.code,
        kind=row.kind,
        names=names,
        municipality=row.municipality,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        until_source=row.until_source,
        until_locator=row.until_locator,
        as_of=on,
        certainty=certainty_on(row, on),
        version=row.version,
        source=row.source,
        locator=row.locator,
        name_statements=[_name(one, on) for one in _held(said.names, on, is_dated=is_dated)],
        parents=[_parent(one, on) for one in _held(said.parents, on, is_dated=is_dated)],
        predecessors=[SuccessionOut.model_validate(one) for one in said.predecessors],
        successors=[SuccessionOut.model_validate(one) for one in said.successors],
        **labelled(names, language),
    )


def _held(rows: Sequence[Record], on: date, *, is_dated: bool) -> list[Record]:
    return [one for one in rows if not is_dated or certainty_on(one, on) is not None]


def _name(row: Record, on: date) -> NameOut:
    return NameOut(
        language=row.language,
        form=row.form,
        text=row.text,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        certainty=certainty_on(row, on),
        source=row.source,
        locator=row.locator,
    )


def _parent(row: Record, on: date) -> ParentOut:
    return ParentOut(
        parent=row.parent,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        certainty=certainty_on(row, on),
        source=row.source,
        locator=row.locator,
    )
