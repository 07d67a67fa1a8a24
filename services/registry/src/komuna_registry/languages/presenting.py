"""How the languages of municipalities are told."""

from collections.abc import Sequence
from datetime import date

from komuna_registry.labels import labelled
from komuna_registry.municipalities.frame import Entry
from komuna_shared.database import Record
from komuna_shared.languages import translate

from .owing import Owing
from .queries import Found
from .rules import OWED, Reason, Standing
from .schemas import (
    LanguageOut,
    LanguagesOut,
    MissingOut,
    OwedReportOut,
    OwingOut,
    SpokenOut,
)

_DETAILS = {
    Reason.NAMED_BY_LAW: "The law names this language.",
    Reason.SHARE: "By a sourced share of speakers it reaches the threshold of the law.",
    Reason.TRADITIONAL: "A source says that it is traditionally spoken there.",
    Reason.SHARE_BELOW: "By a sourced share of speakers it reaches no threshold of the law.",
    Reason.NO_LANGUAGE_SHARE: (
        "No sourced share of speakers is loaded, so nobody can say what this language is there."
    ),
    Reason.NOT_COUNTED: "Nobody was counted there, or too few to tell.",
    Reason.SOURCES_DISAGREE: "Sources disagree; every statement is shown.",
    Reason.NO_RULE_FOR_DATE: "No rule that is loaded certainly held on this day.",
}


def show_languages(entry: Entry, found: Sequence[Found], on: date, language: str) -> LanguagesOut:
    """Return the languages of one municipality as callers read them."""
    return LanguagesOut(
        slug=entry.row.slug,
        as_of=on,
        items=[_language(one, language) for one in found],
        **labelled(entry.names, language),
    )


def show_owing(owing: Sequence[Owing], on: date, language: str) -> OwedReportOut:
    """Return the report of what municipalities owe as callers read it."""
    return OwedReportOut(
        as_of=on,
        municipality_count=len(owing),
        lacking_count=sum(one.missing_count > 0 for one in owing),
        items=[_owing(one, language) for one in owing],
    )


def _language(one: Found, language: str) -> LanguageOut:
    rule = one.rule
    decisive = [row for row in one.spoken if row.counted_on and one.owed.reason is Reason.SHARE]
    return LanguageOut(
        language=one.language,
        standing=one.owed.standing,
        reason=one.owed.reason,
        detail=translate(_DETAILS[one.owed.reason], language),
        threshold=one.owed.threshold,
        threshold_percent=rule.percent if rule else None,
        law=rule.law if rule else None,
        article=rule.article if rule else None,
        census_year=decisive[0].counted_on.year if decisive else None,
        percent=decisive[0].percent if decisive else None,
        spoken=[_spoken(row) for row in one.spoken],
        source=rule.source if rule else None,
        locator=rule.locator if rule else None,
    )


def _spoken(row: Record) -> SpokenOut:
    return SpokenOut(
        is_traditional=row.is_traditional,
        counted_on=row.counted_on,
        census_year=row.counted_on.year if row.counted_on else None,
        method=row.method,
        percent=row.percent,
        source=row.source,
        locator=row.locator,
    )


def _owing(one: Owing, language: str) -> OwingOut:
    return OwingOut(
        slug=one.entry.row.slug,
        owes=[found.language for found in one.found if found.owed.standing in OWED],
        unknown=[found.language for found in one.found if found.owed.standing is Standing.UNKNOWN],
        missing_count=one.missing_count,
        missing=[MissingOut.model_validate(missing) for missing in one.missing],
        **labelled(one.entry.names, language),
    )
