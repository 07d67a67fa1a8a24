"""How a service is shown in HSDS: its own words and codes, then everything that belongs to it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from komuna_registry.directory.details import Whole
from komuna_registry.directory.queries import Said, find_licence
from komuna_registry.directory.rules import ChannelKind, TextKind
from komuna_registry.municipalities.frame import Frame
from komuna_shared.database import Record
from komuna_shared.languages import label, translate

from .identifiers import identify
from .organizations import show_phones, value_of
from .rules import TAKES, TYPES, Term, get_term, say_status
from .schemas import (
    HsdsAreaOut,
    HsdsAttributeOut,
    HsdsCostOut,
    HsdsLanguageOut,
    HsdsOrganizationOut,
    HsdsScheduleOut,
    HsdsServiceOut,
)
from .taxonomies import show_term

_ONE_DAY = timedelta(days=1)
_WHOLE = "The whole country"
_SYNTHETIC = "Made up for the demonstration."
_FIELDS = {
    TextKind.DESCRIPTION: "description",
    TextKind.APPLICATION_PROCESS: "application_process",
    TextKind.ELIGIBILITY: "eligibility_description",
    TextKind.FEES: "fees_description",
    TextKind.INTERPRETATION: "interpretation_services",
    TextKind.ALERT: "alert",
}


@dataclass(frozen=True, slots=True)
class Setting:
    """For whom and on which day something is shown, with the names that it needs."""

    language: str
    day: date
    base_url: str
    frame: Frame
    regions: Mapping[str, Mapping[str, str]]


def show_service(
    whole: Whole, organization: HsdsOrganizationOut | None, setting: Setting
) -> HsdsServiceOut:
    """Return a service with only what there is one of."""
    row = whole.said.row
    return HsdsServiceOut(
        id=row.public_id,
        organization_id=identify("institution", row.institution),
        name=label(row.names, setting.language)[0],
        url=value_of(whole.channels, ChannelKind.WEBSITE),
        email=value_of(whole.channels, ChannelKind.EMAIL),
        status=say_status(row.status),
        minimum_age=row.minimum_age,
        maximum_age=row.maximum_age,
        licenses=_licence(whole.said, setting.day),
        last_modified=row.modified_at,
        organization=organization,
        **_sentences(whole, setting.language),
    )


def everything_of(whole: Whole, setting: Setting) -> dict[str, Any]:
    """Return the arrays that a service has in full, but for its places."""
    row = whole.said.row
    own = [one for one in whole.channels if one.location is None]
    # Where it has no number of its own, and a confidential one never has, its institution's.
    phones = show_phones(own) or (
        [] if show_phones(whole.channels) else show_phones(whole.institution_channels)
    )
    return {
        "phones": phones,
        "schedules": show_schedules(row, [one for one in whole.schedules if one.location is None]),
        "service_areas": [_area(row, one, setting) for one in whole.said.areas],
        "languages": [
            HsdsLanguageOut(
                id=identify("language", f"{row.code}:{one.language}"),
                service_id=row.public_id,
                code=one.language,
            )
            for one in whole.said.languages
        ],
        "cost_options": [_cost(row, one) for one in whole.costs],
        "attributes": [_attribute(row, term, setting.language) for term in _terms(whole.said)],
    }


def show_schedules(service: Record, rows: Sequence[Record]) -> list[HsdsScheduleOut]:
    """Return hours in the words of iCalendar."""
    return [
        HsdsScheduleOut(
            id=one.id,
            service_id=service.public_id,
            valid_from=one.valid_from,
            valid_to=_last_day(one.valid_until),
            dtstart=one.valid_from,
            wkst="MO",
            freq=one.freq.value,
            interval=one.interval,
            byday=one.byday,
            bymonthday=one.bymonthday,
            opens_at=one.opens_at.isoformat() if one.opens_at else None,
            closes_at=one.closes_at.isoformat() if one.closes_at else None,
            attending_type=one.attending.value,
        )
        for one in rows
    ]


def _sentences(whole: Whole, language: str) -> dict[str, str]:
    said: dict[TextKind, dict[str, str]] = {}
    for one in whole.texts:
        said.setdefault(one.kind, {})[one.language] = one.text
    fields = {_FIELDS[kind]: label(texts, language)[0] for kind, texts in said.items()}
    taken = [translate(term.name, language) for term in _terms(whole.said) if _is_taken(term)]
    if taken:
        fields.setdefault("eligibility_description", ", ".join(taken))
    if whole.said.row.is_synthetic:
        made_up = translate(_SYNTHETIC, language)
        fields["alert"] = f"{fields['alert']} {made_up}" if "alert" in fields else made_up
    return fields


def _licence(said: Said, day: date) -> str | None:
    licence = find_licence(said.licences, day)
    if licence is None:
        return None
    until = "" if licence.valid_until is None else licence.valid_until.isoformat()
    return f"{licence.number}, {licence.issuer}, {licence.valid_from.isoformat()}/{until or '..'}"


def _area(service: Record, row: Record, setting: Setting) -> HsdsAreaOut:
    if row.municipality is not None:
        name = label(setting.frame.names_of(row.municipality), setting.language)[0]
        uri = f"{setting.base_url}/v1/municipalities/{row.municipality}"
    elif row.region is not None:
        name = label(setting.regions[row.region], setting.language)[0]
        uri = f"{setting.base_url}/v1/municipalities?region={row.region}"
    else:
        name = translate(_WHOLE, setting.language)
        uri = f"{setting.base_url}/v1/municipalities"
    return HsdsAreaOut(
        id=identify("area", f"{service.code}:{row.region or ''}:{row.municipality or ''}"),
        service_id=service.public_id,
        name=name,
        uri=uri,
    )


def _cost(service: Record, row: Record) -> HsdsCostOut:
    is_free = row.option.value == "free"
    return HsdsCostOut(
        id=row.id,
        service_id=service.public_id,
        option=row.option.value,
        amount=0 if is_free else row.amount,
        currency="EUR" if is_free else row.currency,
        valid_from=row.valid_from,
        valid_to=_last_day(row.valid_until),
    )


def _last_day(until: date | None) -> date | None:
    # Our ends are the first day after; HSDS names the last one.
    return None if until is None else until - _ONE_DAY


def _terms(said: Said) -> list[Term]:
    taken = [get_term(TAKES, one.code.value) for one in said.eligibility]
    return [get_term(TYPES, said.row.type.value), *taken]


def _is_taken(term: Term) -> bool:
    return term.taxonomy.code == TAKES


def _attribute(service: Record, term: Term, language: str) -> HsdsAttributeOut:
    return HsdsAttributeOut(
        id=identify("attribute", f"{service.code}:{term.taxonomy.code}:{term.code}"),
        link_id=service.public_id,
        link_entity="service",
        taxonomy_term_id=term.id,
        taxonomy_term=show_term(term, language),
    )
