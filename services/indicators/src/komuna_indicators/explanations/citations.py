"""How a figure is cited in a sentence of each language."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from babel.numbers import format_decimal
from sqlalchemy import Row

from komuna_indicators import periods
from komuna_indicators.catalogue.snapshot import Catalogue
from komuna_indicators.municipalities.rules import COUNTRY
from komuna_indicators.names import TAGS
from komuna_indicators.periods import Period
from komuna_shared.languages import translate

_LOCALES = {"sq": "sq", "sr-Latn": "sr_Latn", "en": "en"}
_COUNTRY_NAMES = {"sq": "Kosova", "sr-Latn": "Kosovo", "en": "Kosovo"}
_SENTENCE = "{publisher}: {title}, {place}. {indicator}, {area}, {period}: {figure}."
_COMPUTED = "Computed from {publisher}: {title}, {place}. {indicator}, {area}, {period}: {figure}."
_REPORTED = "Komuna, reports of municipalities. {indicator}, {area}, {period}: {figure}."
_INVENTED = "Komuna, invented for demonstration. {indicator}, {area}, {period}: {figure}."
_SILENT = "{publisher}: {title}. {indicator}, {area}, {period}: {figure}."
_OF_ORIGIN = {"computed": _COMPUTED, "submitted": _REPORTED, "synthetic": _INVENTED}
_LINE = "line {number}"
_NO_PERIOD = "no period stated"
_QUALIFIED = {
    "over": "over {figure}",
    "around": "around {figure}",
    "at_least": "at least {figure}",
    "approximately": "approximately {figure}",
}


def cite(row: Row[Any], catalogue: Catalogue, area: Mapping[str, str] | None) -> dict[str, str]:
    """Return the citation of a figure in three languages."""
    return {tag: _cite(row, catalogue, area or {}, tag) for tag in TAGS}


def _cite(row: Row[Any], catalogue: Catalogue, area: Mapping[str, str], tag: str) -> str:
    document = catalogue.documents.get(row.document)
    place = row.source.partition(":")[2]
    sentence = _OF_ORIGIN.get(row.origin) or (_SENTENCE if place else _SILENT)
    where = _COUNTRY_NAMES[tag] if row.municipality == COUNTRY else area.get(tag)
    return translate(
        sentence,
        tag,
        publisher=document.publisher[tag] if document else row.source,
        title=document.names[tag] if document else row.source,
        place=_place(place, tag),
        indicator=catalogue.indicators[row.indicator].names[tag],
        area=where or row.municipality,
        period=periods.code(Period(row.period_from, row.period_to)) or translate(_NO_PERIOD, tag),
        figure=_figure(row, catalogue, tag),
    )


def _place(place: str, tag: str) -> str:
    number = place.replace("L", "")
    return translate(_LINE, tag, number=number) if place.startswith("L") else place


def _figure(row: Row[Any], catalogue: Catalogue, tag: str) -> str:
    if row.value is None:
        names = catalogue.codes.get("CL_REASON", {}).get(row.reason)
        return names[tag] if names else str(row.reason)
    units = catalogue.codes.get("CL_UNIT", {}).get(row.unit)
    unit = "%" if row.unit == "percent" else units[tag].lower() if units else row.unit
    figure = f"{_decimal(row.value, tag)} {unit}"
    if row.qualifier is None:
        return figure
    return translate(_QUALIFIED[row.qualifier], tag, figure=figure)


def _decimal(value: float, tag: str) -> str:
    written = Decimal(str(value)).normalize()
    return format_decimal(written, locale=_LOCALES[tag], decimal_quantization=False)
