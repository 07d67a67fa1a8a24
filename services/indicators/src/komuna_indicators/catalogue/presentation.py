"""How the entries of the catalogue read in one language, and page by page."""

from collections.abc import Callable, Iterable
from operator import attrgetter
from typing import Any, TypeVar
from urllib.parse import urlencode

from sqlalchemy import Row

from komuna_indicators import periods
from komuna_shared.languages import label
from komuna_shared.paging import Found, PageInfo, PageRequest, UnknownSortError
from komuna_shared.signing import open_sealed, seal

from .schemas import (
    CodeListOut,
    CodeListSummary,
    CodeOut,
    DataflowOut,
    DimensionOut,
    DocumentOut,
    IndicatorOut,
)
from .snapshot import Catalogue

Held = TypeVar("Held")
Entry = TypeVar("Entry")


def list_page(
    entries: Iterable[Held],
    page: PageRequest,
    present: Callable[[Held], Entry],
    *,
    by: str = "code",
) -> Found[Entry]:
    """Return one page of entries held in memory, in the order of their codes."""
    if page.sort not in {"", by, f"-{by}"}:
        raise UnknownSortError
    down = page.sort.startswith("-")
    key = attrgetter(by)
    rows = sorted(entries, key=key, reverse=down)
    total = len(rows) if page.count else None
    if page.cursor is not None:
        last = open_sealed(page.cursor, page.key)
        rows = [row for row in rows if (key(row) < last if down else key(row) > last)]
    shown = rows[: page.limit]
    cursor = seal(key(shown[-1]), page.key) if len(rows) > page.limit else None
    following = f"{page.url}?{urlencode([*page.query, ('cursor', cursor)])}" if cursor else None
    info = PageInfo(page.limit, cursor, following, page.is_coerced, total)
    return Found([present(row) for row in shown], info)


def present_indicator(row: Row[Any], catalogue: Catalogue, language: str) -> IndicatorOut:
    """Return an indicator as callers see it."""
    flow = catalogue.dataflows[row.dataflow]
    shown = dict(row._mapping) | _labelled(row, language)  # noqa: SLF001 -- SQLAlchemy's public name.
    return IndicatorOut.model_validate(shown | {"dimensions": flow.dimensions, "tier": flow.tier})


def present_dataflow(row: Row[Any], language: str) -> DataflowOut:
    """Return a dataflow as callers see it."""
    dimensions = [DimensionOut.model_validate(one) for one in row.dimensions]
    return DataflowOut(
        code=row.code,
        version=row.version,
        names=row.names,
        tier=row.tier,
        dimensions=dimensions,
        key=".".join(["indicator", "municipality", *(one.dimension for one in dimensions)]),
        **_labelled(row, language),
    )


def present_code_list(row: Row[Any], language: str) -> CodeListOut:
    """Return a code list with its codes as callers see it."""
    return CodeListOut(
        code=row.code,
        version=row.version,
        names=row.names,
        reference=row.reference,
        is_exclusive=row.is_exclusive,
        codes=[
            CodeOut.model_validate(one | {"label": label(one["names"], language)[0]})
            for one in row.codes
        ],
        **_labelled(row, language),
    )


def summarise_code_list(row: Row[Any], language: str) -> CodeListSummary:
    """Return a code list without its codes."""
    return CodeListSummary(
        code=row.code,
        version=row.version,
        names=row.names,
        reference=row.reference,
        is_exclusive=row.is_exclusive,
        code_count=len(row.codes),
        **_labelled(row, language),
    )


def present_document(row: Row[Any], language: str) -> DocumentOut:
    """Return a document as callers see it."""
    return DocumentOut(
        code=row.code,
        names=row.names,
        publisher=row.publisher,
        language=row.language,
        published_on=row.published_on,
        covers=periods.code(periods.Period(row.covers_from, row.covers_to)),
        **_labelled(row, language),
    )


def _labelled(row: Row[Any], language: str) -> dict[str, str]:
    text, used = label(row.names, language)
    return {"label": text, "label_language": used}
