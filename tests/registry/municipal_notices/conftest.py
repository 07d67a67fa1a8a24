"""Notices to municipalities: who writes, who answers, and a reader of the letters in PDF."""

import re
import zlib
from datetime import timedelta
from typing import Any

import pytest
from httpx import AsyncClient, Response

from komuna_registry.clock import today
from tests.databases import ServiceDatabase
from tests.registry.conftest import OPS, Bearer, Headers

WRITE, READ, ANSWER = (
    "registry.notices.write",
    "registry.notices.read",
    "registry.notices.answer",
)
NOTICES = "/v1/municipal-notices"
KIND = "gender_equality_officer"
TEXTS = {
    "sq": "Sipas Ligjit për Qeverisjen Lokale.",
    "sr-Latn": "Prema Zakonu o lokalnoj samoupravi, opštine Đakovica i Lješane.",
    "en": "As the Law on Local Self-Government demands.",
}
ASKED: dict[str, Any] = {
    "subject_kind": "appoint_officer",
    "asks": {"office_kind": KIND},
    "recipients": {"municipalities": ["prishtine", "gracanice"]},
    "texts": TEXTS,
    "due_on": (today() + timedelta(days=30)).isoformat(),
}


@pytest.fixture
def coordinator(bearer: Bearer) -> Headers:
    """The headers of the coordinator of one institution."""
    return bearer("persona:coordinator", WRITE, READ)


@pytest.fixture
def officer(bearer: Bearer) -> Headers:
    """The headers of an officer of Prishtinë."""
    return officer_of(bearer, "prishtine")


@pytest.fixture
def operator(bearer: Bearer) -> Headers:
    """The headers of the operator, who writes too."""
    return bearer(OPS, WRITE, READ, ANSWER)


def officer_of(bearer: Bearer, municipality: str) -> Headers:
    """Make the headers of an officer."""
    return bearer(f"persona:municipal_officer:{municipality}", READ, ANSWER, "registry.me.read")


async def ask(client: AsyncClient, headers: Headers, **changes: Any) -> Response:
    """Write to municipalities."""
    return await client.post(NOTICES, json=ASKED | changes, headers=headers)


def states(shown: dict[str, Any]) -> dict[str, str]:
    """Return how far each municipality of a notice is."""
    return {one["municipality"]: one["state"] for one in shown["items"]}


async def furnish(registry: ServiceDatabase) -> None:
    """Give Viti an office with a holder, a contact, and a unit that a source calls missing."""
    await registry.fetch(
        "insert into office (code, kind, municipality, names, seats, words, source, locator)"
        " select slug || '-test-officer', $1, slug, '{}', 1, '', source, 'test'"
        " from municipality where slug in ('viti', 'prishtine', 'gracanice')",
        KIND,
    )
    await hold(registry, "viti")
    await reach(registry, "viti")
    await registry.fetch(
        "insert into mechanism_statement (kind, municipality, aspect, holds, valid_from, source,"
        " locator) select 'human_rights_unit', slug, 'established', false, $1, source, 'test'"
        " from municipality where slug = 'viti'",
        today() - timedelta(days=1),
    )


async def hold(registry: ServiceDatabase, municipality: str) -> str:
    """Have somebody hold the office of a municipality from today on; return the tenure's id."""
    [row] = await registry.fetch(
        "insert into tenure (office, seat, holder, since, certain, possible, is_acting, source,"
        " locator) select code, 1, (select min(code) from holder), $1::date::text,"
        " daterange($1, null), daterange($1, null), false, source, 'test' from office"
        " where municipality = $2 and kind = $3 returning id",
        today(),
        municipality,
        KIND,
    )
    return str(row["id"])


async def reach(registry: ServiceDatabase, municipality: str) -> str:
    """Enter a contact of a municipality; return its id."""
    [row] = await registry.fetch(
        "insert into contact (municipality, kind, name, email, languages, is_synthetic, words,"
        " certain, possible, source, locator) select slug, $1, 'Arta', 'a@viti.example', '{}',"
        " false, '', '[2026-01-01,)', '[2026-01-01,)', source, 'test' from municipality"
        " where slug = $2 returning id",
        KIND,
        municipality,
    )
    return str(row["id"])


_OBJECT = re.compile(rb"(\d+) 0 obj\n(.*?)\nendobj", re.DOTALL)
_STREAM = re.compile(rb"stream\n(.*)\nendstream", re.DOTALL)
_LETTER = re.compile(rb"<([0-9A-F]{4})> <([0-9A-F]{4,})>")
_SHOWN = re.compile(rb"/(f\d+) [\d.]+ Tf.*?Tm(.*?)T[Jj]\nET", re.DOTALL)
_SIGN = re.compile(rb"\\([0-7]{1,3}|.)|([()])|([^()\\])", re.DOTALL)
_ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


def read_pdf(body: bytes) -> str:
    """Return the text of a PDF, by the letters that each of its fonts says its shapes mean."""
    objects = {int(number): content for number, content in _OBJECT.findall(body)}
    fonts = {
        name: _letters(objects, int(number))
        for content in objects.values()
        for group in re.findall(rb"/Font<<(.*?)>>", content)
        for name, number in re.findall(rb"/(f\d+) (\d+) 0 R", group)
    }
    said = []
    for number in re.findall(rb"/Contents (\d+) 0 R", b"\n".join(objects.values())):
        for font, pieces in _SHOWN.findall(_unpack(objects[int(number)])):
            shapes = _read_strings(pieces)
            codes = (shapes[at : at + 2] for at in range(0, len(shapes), 2))
            said.append("".join(fonts[font][code] for code in codes))
    return " ".join(" ".join(said).split())


def _unpack(content: bytes) -> bytes:
    found = _STREAM.search(content)
    assert found is not None
    return zlib.decompress(found.group(1))


def _letters(objects: dict[int, bytes], number: int) -> dict[bytes, str]:
    [table] = re.findall(rb"/ToUnicode (\d+) 0 R", objects[number])
    return {
        bytes.fromhex(shape.decode()): bytes.fromhex(letter.decode()).decode("utf-16-be")
        for shape, letter in _LETTER.findall(_unpack(objects[int(table)]))
    }


def _read_strings(pieces: bytes) -> bytes:
    """Return the bytes between brackets; balanced brackets inside are bytes like others."""
    said, depth = bytearray(), 0
    for escaped, bracket, other in _SIGN.findall(pieces):
        depth -= bracket == b")"
        if depth:
            said += other or bracket or _unescape(escaped)
        depth += bracket == b"("
    return bytes(said)


def _unescape(named: bytes) -> bytes:
    return bytes([int(named, 8)]) if named.isdigit() else _ESCAPES.get(named, named)
