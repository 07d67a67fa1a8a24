"""Which languages a municipality owes: what the law names, and what shares of speakers make."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Literal

RecordType = Literal["municipality", "institution", "office", "mechanism"]
LANGUAGES = ("sq", "sr", "tr", "bs", "rom")
"""The languages that answers are given for; a text in either script is Serbian."""


class LanguageStanding(StrEnum):
    """What a language is in a municipality."""

    OFFICIAL = "official"
    IN_USE = "in_use"


class Standing(StrEnum):
    """What is answered of a language: what it is, that it is neither, or that nobody can say."""

    OFFICIAL = "official"
    IN_USE = "in_use"
    NEITHER = "neither"
    UNKNOWN = "unknown"


OWED = frozenset({Standing.OFFICIAL, Standing.IN_USE})


class Threshold(StrEnum):
    """What a rule asks of a language that it does not name."""

    FIVE_PERCENT = "five_percent"
    THREE_PERCENT = "three_percent"
    TRADITIONAL = "traditional"


UNCOUNTED = frozenset({Threshold.TRADITIONAL})
"""Thresholds that no share reaches."""


class Reason(StrEnum):
    """Why a language has its standing, or why that is not known."""

    NAMED_BY_LAW = "named_by_law"
    SHARE = "share"
    TRADITIONAL = "traditional"
    SHARE_BELOW = "share_below"
    NO_LANGUAGE_SHARE = "no_language_share"
    NOT_COUNTED = "not_counted"
    SOURCES_DISAGREE = "sources_disagree"
    NO_RULE_FOR_DATE = "no_rule_for_date"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a law: of a language in every or one municipality, or of a threshold.

    `percent` is what a share must reach. It is not certain where the dates of its source leave open
    whether it holds on the day.
    """

    code: str
    standing: LanguageStanding
    language: str | None = None
    municipality: str | None = None
    threshold: Threshold | None = None
    percent: Decimal | None = None
    is_certain: bool = True


@dataclass(frozen=True, slots=True)
class Spoken:
    """What one source tells of a language in one municipality.

    `percent` is None where nobody was counted, or too few to tell; None also for a tradition.
    """

    percent: Decimal | None
    is_traditional: bool = False


@dataclass(frozen=True, slots=True)
class Owed:
    """The standing of a language, why, and the rule that this follows from."""

    standing: Standing
    reason: Reason
    rule: str | None = None
    threshold: Threshold | None = None


def find_owed(language: str, place: str, rules: Iterable[Rule], spoken: Sequence[Spoken]) -> Owed:
    """Return what a language is in a municipality, by the rules of the day and sourced shares."""
    certain = [rule for rule in rules if rule.is_certain and rule.municipality in {None, place}]
    named = [rule for rule in certain if rule.language == language]
    if named:
        # What is said of one municipality goes before what is said of all.
        rule = max(named, key=lambda one: (one.municipality is not None, one.standing))
        return Owed(Standing(rule.standing), Reason.NAMED_BY_LAW, rule.code)
    thresholds = {
        rule.threshold: rule
        for rule in certain
        if rule.threshold and (rule.percent is not None or rule.threshold in UNCOUNTED)
    }
    if not thresholds:
        return Owed(Standing.UNKNOWN, Reason.NO_RULE_FOR_DATE)
    return _by_speakers(thresholds, spoken)


def _by_speakers(rules: dict[Threshold, Rule], spoken: Sequence[Spoken]) -> Owed:
    counted = [one.percent for one in spoken if one.percent is not None]
    reached = {_find_reached(rules, percent) for percent in counted}
    undecided = rules.get(Threshold.FIVE_PERCENT) or next(iter(rules.values()))
    if len(reached) > 1:
        return Owed(Standing.UNKNOWN, Reason.SOURCES_DISAGREE, undecided.code)
    by_share = next(iter(reached), None)
    if by_share is not None:
        return _applied(rules, by_share, Reason.SHARE)
    if any(one.is_traditional for one in spoken) and Threshold.TRADITIONAL in rules:
        return _applied(rules, Threshold.TRADITIONAL, Reason.TRADITIONAL)
    if counted:
        return Owed(Standing.NEITHER, Reason.SHARE_BELOW, undecided.code)
    is_tried = any(not one.is_traditional for one in spoken)
    reason = Reason.NOT_COUNTED if is_tried else Reason.NO_LANGUAGE_SHARE
    return Owed(Standing.UNKNOWN, reason, undecided.code)


def _applied(rules: dict[Threshold, Rule], by: Threshold, reason: Reason) -> Owed:
    return Owed(Standing(rules[by].standing), reason, rules[by].code, by)


def _find_reached(rules: dict[Threshold, Rule], share: Decimal) -> Threshold | None:
    """Return the highest threshold that a share of speakers reaches."""
    demanded = {one: rule.percent for one, rule in rules.items() if rule.percent is not None}
    reached = [one for one, percent in demanded.items() if share >= percent]
    return max(reached, key=demanded.__getitem__, default=None)
