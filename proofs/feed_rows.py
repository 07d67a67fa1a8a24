"""The rows that writers throw into the feed's walk: few things, so that they meet."""

import random
from collections.abc import Callable
from typing import Any

Dice = random.Random
Cells = dict[str, Any]
_CITED = {"source": "walk", "locator": "L1"}
_THINGS = 3
_SERVICE: Cells = {
    "institution": "walk-0",
    "type": "food",
    "audience": "public",
    "status": "active",
    "is_confidential": False,
    "is_synthetic": True,
    "valid_from": "2026-01-01",
    "name_en": "Service",
}


def _thing(dice: Dice) -> str:
    return f"walk-{dice.randrange(_THINGS)}"


def _name(dice: Dice) -> dict[str, str]:
    return {"name_en": f"Name {dice.randrange(1000)}"}


def _service(dice: Dice) -> Cells:
    audience = dice.choice(("public", "registered_institution", "nrm_member"))
    return _SERVICE | {"code": _thing(dice), "audience": audience} | _name(dice) | _CITED


def _tenure(dice: Dice) -> Cells:
    year = 2000 + dice.randrange(20)
    held = {"office": _thing(dice), "seat": 1, "holder": _thing(dice), "is_acting": False}
    return held | {"since": f"{year}", "until": f"{year + 1}"} | _CITED


ROWS: dict[str, Callable[[Dice], Cells]] = {
    "regions": lambda dice: {"code": _thing(dice), "scheme": "walk"} | _name(dice) | _CITED,
    "municipality_names": lambda dice: (
        {"municipality": "walk", "language": "sq", "form": dice.choice(("indefinite", "definite"))}
        | {"text": f"Name {dice.randrange(1000)}"}
        | _CITED
    ),
    "municipality_regions": lambda dice: (
        {"municipality": "walk", "region": "walk-0", "source": "walk"}
        | {"locator": f"L{dice.randrange(9)}"}
    ),
    "institutions": lambda dice: {"code": _thing(dice), "kind": "police"} | _name(dice) | _CITED,
    "institution_names": lambda dice: (
        {"institution": _thing(dice), "language": "en", "form": "abbreviation"}
        | {"text": f"A{dice.randrange(30)}"}
        | _CITED
    ),
    "memberships": lambda dice: (
        {"body": "walk-1", "institution": "walk-2", "function": "member"}
        | {"since": f"{2000 + dice.randrange(5)}", "until": dice.choice((None, "2010"))}
        | _CITED
    ),
    "offices": lambda dice: (
        {"code": _thing(dice), "kind": "walk", "municipality": "walk"} | _name(dice) | _CITED
    ),
    "holders": lambda dice: {"code": _thing(dice), "name": f"N {dice.randrange(99)}"} | _CITED,
    "tenures": _tenure,
    "services": _service,
    "service_languages": lambda dice: (
        {"service": _thing(dice), "language": dice.choice(("sq", "en", "tr", "rom"))} | _CITED
    ),
    "service_areas": lambda dice: (
        {"service": _thing(dice), "region": dice.choice((None, "walk-0"))} | _CITED
    ),
}
OFTEN = {"services": 6, "service_languages": 3}
# What has to be there before anything can refer to it.
GROUND: tuple[tuple[str, Cells], ...] = (
    (
        "sources",
        {"code": "walk", "title": "A walk", "issuer": "Dice", "language": "en"}
        | {"standing": "synthetic"},
    ),
    ("municipalities", {"slug": "walk"} | _CITED),
    ("office_kinds", {"code": "walk", "name_en": "Walker"} | _CITED),
    ("regions", {"code": "walk-0", "scheme": "walk", "name_en": "Region"} | _CITED),
    *(
        (name, {"code": f"walk-{number}"} | more | _CITED)
        for number in range(_THINGS)
        for name, more in (
            ("institutions", {"kind": "police", "name_en": "Institution"}),
            ("offices", {"kind": "walk", "municipality": "walk", "name_en": "Office"}),
            ("holders", {"name": "Somebody"}),
            ("services", _SERVICE),
        )
    ),
)
