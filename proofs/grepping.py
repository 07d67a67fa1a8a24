"""Every way in which a text could stand in a dump, a log or a data file."""

import base64
import json
import os
import subprocess
from collections import Counter
from collections.abc import Collection, Iterator
from pathlib import Path

from komuna_referrals.sealing.spelling import fold_name

_ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be")
# Shorter ones would be found by chance.
SHORTEST = 6


def forms(text: str) -> dict[str, bytes]:
    """Return the bytes to look for, by what they are."""
    found: dict[str, bytes] = {}
    for spelling, spelled in _spellings(text).items():
        for encoding in _ENCODINGS:
            for number, data in enumerate(encoded(spelled.encode(encoding))):
                found.setdefault(f"{spelling} {encoding} {number}", data)
    return {form: data for form, data in found.items() if len(data) >= SHORTEST}


def search(folder: Path, wanted: Collection[bytes]) -> dict[str, int]:
    """Return which files below a folder hold one of these, each with how often."""
    # As bytes, for patterns and files are no text: thousands of patterns at the speed of a disk.
    command = ["grep", "--recursive", "--text", "--fixed-strings", "--only-matching", "--file=-"]
    done = subprocess.run(
        [*command, str(folder)],
        input=b"\n".join(wanted),
        env=os.environ | {"LC_ALL": "C"},
        capture_output=True,
        check=False,
    )
    if done.returncode not in {0, 1}:
        raise RuntimeError(done.stderr.decode(errors="replace"))
    places = Counter(line.partition(b":")[0] for line in done.stdout.splitlines() if b":" in line)
    return {path.decode(): count for path, count in places.items()}


def finds_everything(folder: Path, wanted: Collection[bytes]) -> bool:
    """Tell whether the search finds each of these where it does stand."""
    decoy = folder / "decoy" / "file"
    decoy.parent.mkdir()
    for one in wanted:
        decoy.write_bytes(b"\x00\xff before " + one + b" after \n\x80")
        if not search(decoy.parent, [one]):
            return False
    return True


def _spellings(text: str) -> dict[str, str]:
    spelled = {
        "as written": text,
        "small": text.casefold(),
        "capital": text.upper(),
        "escaped": json.dumps(text)[1:-1],
        "folded": fold_name(text),
    }
    return {name: one for name, one in spelled.items() if len(one) >= SHORTEST}


def encoded(data: bytes) -> Iterator[bytes]:
    """Yield bytes as they are, in hex, and in base64 wherever in a longer text they begin."""
    yield from (data, data.hex().encode(), data.hex().upper().encode())
    for shift in range(3):
        whole = base64.b64encode(bytes(shift) + data)
        # Characters that do not also depend on what stands before or after.
        inner = whole[-(-shift * 8 // 6) : (shift + len(data)) * 8 // 6]
        yield from (inner, inner.replace(b"+", b"-").replace(b"/", b"_"))
