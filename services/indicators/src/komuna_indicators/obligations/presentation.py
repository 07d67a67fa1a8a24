"""How an obligation reads in one language, on one day."""

from datetime import date

from komuna_indicators import periods
from komuna_shared.languages import label

from . import rules
from .rules import Obligation
from .schemas import ObligationOut


def present_obligation(obligation: Obligation, language: str, today: date) -> ObligationOut:
    """Return an obligation as callers see it."""
    text, used = label(obligation.names, language)
    latest = max(rules.ended_periods(obligation, today), default=None)
    return ObligationOut(
        code=obligation.code,
        version=obligation.version,
        names=dict(obligation.names),
        label=text,
        label_language=used,
        form=obligation.form,
        reporters=obligation.reporters,
        first_period=periods.code(obligation.first_period) or "",
        latest_period=None if latest is None else periods.code(latest),
        latest_due_on=None if latest is None else rules.due_on(obligation, latest),
        due_days=obligation.due_days,
        is_synthetic=obligation.is_synthetic,
    )
