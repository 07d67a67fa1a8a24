"""Whether a tenure is real or made up: what it rests on says so, and who may say so."""

from collections.abc import Collection

from sqlalchemy.ext.asyncio import AsyncSession

from komuna_registry.made_up import SYNTHETIC_SINCE, SyntheticPeriodError, is_made_up
from komuna_registry.periods import Presence
from komuna_registry.sources.acts import is_act
from komuna_shared.access import Caller
from komuna_shared.database import Record

from .rules import StatedByDocumentError


def check_not_rewritten(tenure: Record, changed: Collection[str]) -> None:
    """Raise where a document tells what would change: it may be ended once, and no more."""
    is_ended = tenure.until is not None and not is_act(tenure.until_source or tenure.source)
    if not is_act(tenure.source) and (is_ended or set(changed) - {"until"}):
        raise StatedByDocumentError


async def check_begun(session: AsyncSession, caller: Caller, held: Presence) -> None:
    """Raise where somebody of the demonstration tells who held an office before it began."""
    begun = held.possible.lower
    is_early = begun is None or begun < SYNTHETIC_SINCE
    if is_early and await is_made_up(session, caller):
        raise SyntheticPeriodError("/since")
