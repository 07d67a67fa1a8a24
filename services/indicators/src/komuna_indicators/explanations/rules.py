"""Whether a printed ratio follows from its parts, and which of several statements leads."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

_HUNDRED = Decimal(100)
_SHOWN = Decimal("0.001")


@dataclass(frozen=True, slots=True)
class Recomputed:
    """A percentage made again from its parts, exactly and as it would be printed."""

    exact: Decimal
    rounded: Decimal
    agrees: bool


def recompute(
    value: Decimal | None,
    numerator: Decimal | None,
    denominator: Decimal | None,
    *,
    decimals: int,
) -> Recomputed | None:
    """Return the percentage its parts give; nothing where a part is missing or of nothing."""
    if value is None or numerator is None or not denominator:
        return None
    exact = numerator / denominator * _HUNDRED
    rounded = exact.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    return Recomputed(exact.quantize(_SHOWN, ROUND_HALF_UP), rounded, rounded == value)


# Closed years lead with what was printed; what is invented never leads over anything real.
_LEADS = {"published": 0, "computed": 1, "submitted": 1, "synthetic": 2}


def precedence(origin: str, published_on: str | None) -> tuple[int, list[int]]:
    """Return what puts the leading statement first: what is printed, and what is printed last."""
    latest = [-ord(sign) for sign in published_on or ""]
    return _LEADS[origin], latest
