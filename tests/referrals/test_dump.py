"""A slice of proof 5: what a dump and the log hold of a person who was written and looked for."""

import asyncio
import hashlib
import hmac
import json
import os
import random
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from komuna_deploy.postgres import binaries
from komuna_referrals.sealing import envelope
from komuna_referrals.settings import Settings
from proofs.grepping import finds_everything, forms, search
from proofs.mutants import _Open
from tests.databases import ServiceDatabase
from tests.referrals.casework import PERSON, Hire
from tests.referrals.conftest import as_owner

SEED = 20_261_122


def dump(database: ServiceDatabase) -> bytes:
    url = urlsplit(database.admin)
    place = {"PGHOST": url.hostname or "", "PGPORT": str(url.port), "PGUSER": url.username or ""}
    environment = os.environ | place | {"PGPASSWORD": url.password or ""}
    command = [str(binaries.find().folder / "pg_dump"), database.room.database]
    return subprocess.run(command, env=environment, capture_output=True, check=True).stdout


def somebody() -> Mapping[str, Any]:
    dice = random.Random(SEED)  # noqa: S311 -- repeatable, not secret.

    def word() -> str:
        return "".join(dice.choice("bdgklmnrtvzšë") + dice.choice("aeiou") for _ in range(5))

    return PERSON | {
        "first_name": word().capitalize(),
        "last_name": word().capitalize(),
        "telephone": f"+38344{dice.randrange(10**7):07}",
        "personal_number": f"{dice.randrange(10**10):010}",
        "address": f"Rruga {word()} {word()}",
    }


async def places(
    hire: Hire,
    capsys: pytest.CaptureFixture[str],
    databases: tuple[ServiceDatabase, ...],
    folder: Path,
) -> dict[str, int]:
    """Write somebody and say where their words stand afterwards."""
    person, told = somebody(), "They took her passport in Vërmicë."
    owner = await hire("social_worker")
    case = await owner.open_case(account=told)
    await owner.write_person(case["id"], **person)
    await owner.post("/v1/person-matches", {"telephone": person["telephone"]})
    seen = (await owner.get(f"/v1/cases/{case['id']}/person")).json()
    assert seen["last_name"] == person["last_name"]
    for number, database in enumerate(databases):
        (folder / f"{number}.sql").write_bytes(await asyncio.to_thread(dump, database))
    (folder / "log").write_text(capsys.readouterr().out)
    assert case["id"].encode() in (folder / "0.sql").read_bytes()
    assert b"wrapped_key" in (folder / "1.sql").read_bytes()
    words = [told, *(one for one in person.values() if isinstance(one, str))]
    return search(folder, {form for word in words for form in forms(word).values()})


@pytest.mark.parametrize("is_sealed", [True, False])
async def test_a_dump_tells_of_a_person_only_where_nothing_is_sealed(
    hire: Hire,
    database: ServiceDatabase,
    keystore: ServiceDatabase,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    *,
    is_sealed: bool,
) -> None:
    if not is_sealed:
        monkeypatch.setattr(envelope, "AESGCM", _Open)

    found = await places(hire, capsys, (database, keystore), tmp_path)

    assert set(found) == (set() if is_sealed else {str(tmp_path / "0.sql")})


def test_the_search_finds_every_form(tmp_path: Path) -> None:
    assert finds_everything(tmp_path, list(forms("Rruga Žëçbaš 17").values()))


async def test_the_trace_of_a_search_is_no_hash_that_can_be_guessed(
    hire: Hire, database: ServiceDatabase, settings: Settings
) -> None:
    """There are ten million telephone numbers; a bare hash of one is that number."""
    asker = await hire("social_worker")
    body = json.dumps({"telephone": "+38344123456"}, separators=(",", ":")).encode()
    await asker.post("/v1/person-matches", {"telephone": "+38344123456"})

    guess = f"POST\n/v1/person-matches\n\n\n{hashlib.sha256(body).hexdigest()}".encode()
    async with as_owner(database) as owner:
        kept = await owner.fetch("select fingerprint from idempotency_key")
    # Whoever has the dump has the guess, and not the key.
    known = hmac.digest(settings.key("etag"), guess, "sha256")
    assert [row["fingerprint"] for row in kept] == [known]
    assert known != hashlib.sha256(guess).digest()
