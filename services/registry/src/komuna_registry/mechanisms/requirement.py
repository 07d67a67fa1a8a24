"""Who must have a mechanism: what its mandate rule makes of statements and of sourced shares."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from komuna_registry.periods import Certainty

from .rules import Aspect, Mandate, Reason, Required, Requirement, Said

_WHOLE = Decimal(100)
_BY_RULE = {
    Mandate.EVERY_MUNICIPALITY: Required(Requirement.REQUIRED, Reason.BY_RULE),
    Mandate.NOT_MANDATORY: Required(Requirement.NOT_REQUIRED, Reason.BY_RULE),
    Mandate.BY_AGREEMENT: Required(Requirement.UNKNOWN, Reason.NOT_LISTED),
    Mandate.STRATEGY_LIST: Required(Requirement.UNKNOWN, Reason.NOT_LISTED),
}
_NOT_YET = {
    None: Required(Requirement.NOT_REQUIRED, Reason.BEFORE_MANDATE),
    Certainty.POSSIBLE: Required(Requirement.UNKNOWN, Reason.MANDATE_POSSIBLE),
}
_DISAGREE = Required(Requirement.UNKNOWN, Reason.SOURCES_DISAGREE)
_BY_SHARE = {
    frozenset[bool](): Required(Requirement.UNKNOWN, Reason.SHARE_UNDECIDED),
    frozenset({True}): Required(Requirement.REQUIRED, Reason.SHARE_TEN_PERCENT),
    frozenset({False}): Required(Requirement.NOT_REQUIRED, Reason.SHARE_BELOW),
    frozenset({True, False}): _DISAGREE,
}


@dataclass(frozen=True, slots=True)
class Share:
    """Which part of a municipality one source gives a community; None: all that are fewer.

    `percent` is None where nobody was counted, or too few to tell.
    """

    source: str
    community: str | None
    is_majority: bool
    percent: Decimal | None


def find_requirement(
    mandate: Mandate,
    said: Iterable[Said],
    shares: Sequence[Share] = (),
    *,
    begun: Certainty | None = Certainty.CERTAIN,
    percent: Decimal | None = None,
) -> Required:
    """Return whether a municipality must have a mechanism of this mandate, which may have `begun`.

    `percent` is the share of communities that a rule of shares demands.

    What a source says of the municipality goes before the rule; against a share it is disputed.
    """
    stated = {one.holds for one in said if one.aspect is Aspect.MANDATORY and one.is_certain}
    if len(stated) > 1:
        return _DISAGREE
    by_rule = _NOT_YET.get(begun) or _BY_RULE.get(mandate) or _by_share(percent, shares)
    if not stated:
        return by_rule
    found = Requirement.REQUIRED if True in stated else Requirement.NOT_REQUIRED
    is_disputed = shares and by_rule.requirement not in {found, Requirement.UNKNOWN}
    return _DISAGREE if is_disputed else Required(found, Reason.STATED)


def reach(percent: Decimal, shares: Iterable[Share]) -> bool | None:
    """Tell whether communities are that many percent by one source; None where it leaves it open.

    Shares of single communities are a lower bound, what the majority leaves is an upper one.
    """
    lower, upper = Decimal(0), _WHOLE
    for share in shares:
        if share.percent is None:
            return None
        if share.community is None:
            return share.percent >= percent
        if share.is_majority:
            upper -= share.percent
        else:
            lower += share.percent
    if lower >= percent:
        return True
    return False if upper < percent else None


def _by_share(percent: Decimal | None, shares: Sequence[Share]) -> Required:
    if not shares:
        return Required(Requirement.UNKNOWN, Reason.NO_COMMUNITY_SHARE)
    if percent is None:
        return Required(Requirement.UNKNOWN, Reason.SHARE_UNDECIDED)
    by_source: defaultdict[str, list[Share]] = defaultdict(list)
    for share in shares:
        by_source[share.source].append(share)
    answers = {reach(percent, one) for one in by_source.values()}
    return _BY_SHARE[frozenset(one for one in answers if one is not None)]
