"""What is known of a person stands in no dump, no log and no file of any server."""

import asyncio
import random
import string
from dataclasses import dataclass, field
from typing import Any

import httpx

from komuna_referrals.root_keys import read_root_key
from proofs.grepping import encoded, finds_everything, forms, search
from proofs.guarded import Referrals
from proofs.killable import new_folder

ID = 5
NAME = "what is known of a person is in no dump, log or file"
CANARY = "seals_nothing"
DEMANDED = {"planted": 180, "read_back": 140, "controls": 2, "search_works": 1}
DEMANDED |= {"found": 0, "found_keys": 0}

_CASES = 20
_PATIENCE = 50
_OWNER, _PARTNER = "thbd", "vaao"
_VOWELS, _CONSONANTS = "aeiouëy", "bdfgjklmnprstvzçšćđ"
_DECOY = "Rruga Žëçbaš 17"
# What is no secret must be found, or the search finds nothing at all.
_CONTROLS = ("proof:investigator", "emergency_accommodation")


@dataclass
class Planted:
    """What was sent, and how much of it came back to who may read it."""

    texts: list[str] = field(default_factory=list)
    read_back: int = 0


def broken(figures: dict[str, Any]) -> list[str]:
    """Return which demands the figures of a run do not meet."""
    least = [name for name, least in DEMANDED.items() if least and figures[name] < least]
    return least + [name for name in ("found", "found_keys") if figures[name]]


def caught(figures: dict[str, Any]) -> bool:
    """Tell whether the texts that the mutant left open were found."""
    return bool(figures["found"] > 0)


def run(seed: int, *, mutant: str | None) -> dict[str, Any]:
    """Write people through the routes, then look for them in everything that was stored."""
    factory = f"proofs.mutants:{mutant}" if mutant else "komuna_referrals.main:create_app"
    referrals = Referrals(factory, new_folder())
    try:
        referrals.wait()
        planted = asyncio.run(_plant(referrals, random.Random(seed)))
        return _count(referrals, planted)
    finally:
        referrals.close()


def _count(referrals: Referrals, planted: Planted) -> dict[str, Any]:
    dumps = referrals.dump()
    # Tables, indexes and journals too, as they lie on disk.
    referrals.stop()
    wanted = {form for text in planted.texts for form in forms(text).values()}
    keys = (read_root_key("KOMUNA_X", one) for one in (referrals.root_key, referrals.blind_key))
    places = search(referrals.folder, wanted)
    for path, count in places.items():
        print(f"    {count} in {path.removeprefix(str(referrals.folder))}")
    return {
        "planted": len(planted.texts),
        "read_back": planted.read_back,
        "dumped_bytes": sum(map(len, dumps.values())),
        "found": sum(places.values()),
        "found_keys": len(search(referrals.folder, [it for key in keys for it in encoded(key)])),
        "controls": sum(one.encode() in dumps["data"] for one in _CONTROLS),
        "search_works": int(finds_everything(referrals.folder, list(forms(_DECOY).values()))),
    }


async def _plant(referrals: Referrals, dice: random.Random) -> Planted:
    await referrals.hire("proof:investigator", "investigator", _OWNER)
    await referrals.hire("proof:advocate", "advocate", _PARTNER)
    # Registry is not here, so whoever is shut out has to be known already.
    await referrals.hire("proof:shelter", "shelter_intake", "pvpt")
    planted = Planted()
    async with httpx.AsyncClient(base_url=referrals.url, trust_env=False, timeout=30) as client:
        for _ in range(_CASES):
            await _open(client, referrals, planted, dice)
    return planted


async def _open(
    client: httpx.AsyncClient, referrals: Referrals, planted: Planted, dice: random.Random
) -> None:
    """Open a case with all that can be told of a person, change it, look for it, shut it."""

    async def ask(method: str, path: str, body: Any = None, **more: str) -> httpx.Response:
        headers = referrals.headers("proof:investigator", _OWNER)
        headers |= {name.replace("_", "-"): value for name, value in more.items()}
        return await _patiently(client, method, path, json=body, headers=headers)

    told, person = _story(dice), _person(dice)
    case = (await ask("POST", "/v1/cases", _CASE | {"account": told})).raise_for_status().json()
    path = f"/v1/cases/{case['id']}"
    first = await ask("PUT", f"{path}/person", person, if_none_match="*")
    moved = person | {"address": _address(dice)}
    tag = first.raise_for_status().headers["etag"]
    (await ask("PUT", f"{path}/person", moved, if_match=tag)).raise_for_status()
    partner = {"institution": _PARTNER, "role": "advocacy"}
    (await ask("POST", f"{path}/partners", partner)).raise_for_status()
    reason = _story(dice)
    shut = {"institution": "pvpt", "reason": reason}
    (await ask("POST", f"{path}/blocks", shut)).raise_for_status()
    (await ask("POST", "/v1/person-matches", {"telephone": person["telephone"]})).raise_for_status()
    # What is refused must be forgotten just as well.
    refused = person | {"telephone": f"call {person['telephone']}"}
    assert (await ask("PUT", f"{path}/person", refused, if_none_match="*")).is_client_error

    texts = [told, reason, moved["address"], *(str(person[one]) for one in _SECRET)]
    planted.texts += texts
    headers = referrals.headers("proof:advocate", _PARTNER)
    answer = await _patiently(client, "GET", f"{path}/person", headers=headers)
    shown = answer.raise_for_status().json()
    account = (await ask("GET", f"{path}/account")).raise_for_status().json()["account"]
    known = {account, *map(str, shown.values())}
    planted.read_back += sum(one in known for one in texts)


async def _patiently(
    client: httpx.AsyncClient, method: str, path: str, **options: Any
) -> httpx.Response:
    """Ask again with the same key while the service is too busy, as a careful client does."""
    for _ in range(_PATIENCE):
        answer = await client.request(method, path, **options)
        if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:
            break
        await asyncio.sleep(0.2)
    return answer


_SECRET = ("first_name", "last_name", "telephone", "personal_number", "address", "birth_date")
_CASE = {
    "basis": "interview_consent",
    "age_band": "adult",
    "sex": "F",
    "needs": ["emergency_accommodation"],
    "indicators": ["act.recruitment"],
    "languages": ["sq"],
}


def _word(dice: random.Random, syllables: int = 5) -> str:
    pairs = (dice.choice(_CONSONANTS) + dice.choice(_VOWELS) for _ in range(syllables))
    return "".join(pairs).capitalize()


def _digits(dice: random.Random, count: int) -> str:
    return "".join(dice.choice(string.digits) for _ in range(count))


def _address(dice: random.Random) -> str:
    return f"Rruga {_word(dice)} {dice.randrange(1, 99)}"


def _story(dice: random.Random) -> str:
    return " ".join(_word(dice) for _ in range(dice.choice((4, 40, 150))))


def _person(dice: random.Random) -> dict[str, Any]:
    year = dice.randrange(1960, 2008)
    return {
        "first_name": _word(dice),
        "last_name": _word(dice),
        "birth_year": year,
        "birth_date": f"{year}-{dice.randrange(1, 13):02}-{dice.randrange(1, 29):02}",
        "personal_number": _digits(dice, 10),
        "citizenships": ["XK"],
        "telephone": f"+38344{_digits(dice, 7)}",
        "address": _address(dice),
    }
