"""How an institution was called on a day."""

from collections.abc import Iterable, Mapping
from datetime import date

from komuna_registry.periods import Certainty, Presence
from komuna_registry.tables import read_days
from komuna_shared.database import Record

from .rules import NameForm


def names_on(names: Mapping[str, str], dated: Iterable[Record], on: date) -> dict[str, str]:
    """Return the names of a day by language: the usual one unless its dates rule it out.

    Of several others the one goes first that was certainly in use, then the one that began last.
    """
    known = [one for one in dated if one.form is NameForm.NAME]
    found = dict(names)
    for language in {one.language for one in known}:
        said = {one.text: one for one in known if one.language == language}
        usual = said.get(names.get(language, ""))
        in_use = [one for one in said.values() if certainty_on(one, on) is not None]
        is_usual = language in names and (usual is None or usual in in_use)
        if in_use and not is_usual:
            found[language] = max(in_use, key=lambda one: _rank(one, on)).text
    return found


def certainty_on(row: Record, on: date) -> Certainty | None:
    """Return how sure it is that a dated statement held on the day."""
    return Presence(read_days(row.certain), read_days(row.possible)).on(on)


def _rank(row: Record, on: date) -> tuple[bool, date, str]:
    begun = read_days(row.possible).lower or date.min
    return certainty_on(row, on) is Certainty.CERTAIN, begun, row.text
