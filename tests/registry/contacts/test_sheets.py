"""The list as a table: what somebody sends back is what was sent to them."""

import tempfile
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from komuna_registry.contacts.fields import LANGUAGES
from komuna_registry.contacts.rows import ContactRow
from komuna_registry.contacts.sheets import cells_of, write_csv, write_workbook
from komuna_shared.formats import Media
from komuna_shared.formats.reading import read_rows
from komuna_shared.imports.rows import columns_of, present

from .test_imports import read_workbook

KINDS = [("mayor", {"sq": "Kryetar i komunës"}), ("minister", {"sq": "Ministër"})]
NAMES = st.text(st.characters(categories=("L", "N", "P", "S", "Zs")), min_size=1, max_size=30).map(
    str.strip
)
TRAPS = st.sampled_from(
    ["=1+1", "@SUM(A1)", "-2+3", "+cmd|' /C calc'!A0", "'=x", "''@y", "+383 38 200 300", "'", "-"]
)
CONTACTS = st.fixed_dictionaries(
    {
        "id": st.none() | st.uuids(),
        "municipality": st.just("prishtine"),
        "institution": st.none(),
        "kind": st.none() | st.just("mayor"),
        "position": TRAPS | NAMES.filter(bool),
        "office": st.none(),
        "name": TRAPS | NAMES.filter(bool),
        "email": st.none() | st.just("a@b.example"),
        "telephone": st.sampled_from(["+383 38 200 300", "038/200-300", "0038338200300"]),
        "languages": st.lists(st.sampled_from(LANGUAGES), unique=True).map(
            lambda spoken: sorted(spoken, key=LANGUAGES.index)
        ),
        "valid_from": st.sampled_from(["2026", "2026-03", "2026-03-01", "2026..2027"]),
        "valid_until": st.none(),
        "source": st.just("s0"),
        "locator": st.just("L1"),
        "is_synthetic": st.booleans(),
    }
)


def read_back(content: bytes, media: Media) -> list[dict[str, Any]]:
    columns = columns_of(ContactRow)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "contacts"
        path.write_bytes(content)
        rows = list(read_rows(path, media, columns))
    return [ContactRow.model_validate(present(one.cells, columns)).model_dump() for one in rows]


@pytest.mark.parametrize(("media", "examples"), [(Media.CSV, 40), (Media.XLSX, 4)])
def test_whatever_is_stored_comes_back_the_same(media: Media, examples: int) -> None:
    @settings(max_examples=examples, deadline=None)
    @given(st.lists(CONTACTS, min_size=1, max_size=8))
    def holds(stored: list[dict[str, Any]]) -> None:
        cells = [cells_of(one) for one in stored]
        made = write_csv(cells) if media is Media.CSV else write_workbook(cells, KINDS, "sq")

        assert read_back(made, media) == stored

    holds()


def test_a_telephone_number_is_text_and_a_formula_is_none() -> None:
    stored = dict.fromkeys(ContactRow.model_fields) | {
        "id": UUID(int=1),
        "name": "=HYPERLINK(1)",
        "telephone": "+383 38 200 300",
        "languages": ["sq", "sr"],
        "is_synthetic": False,
    }

    [row] = read_workbook(write_workbook([cells_of(stored)], KINDS, "sq"))

    assert (row["telephone"], row["name"]) == ("+383 38 200 300", "'=HYPERLINK(1)")
    assert (row["languages"], row["is_synthetic"]) == ("sq,sr", "false")


@pytest.mark.parametrize("language", ["sq", "sr-Latn", "sr-Cyrl", "en"])
def test_helps_in_the_language_of_whoever_fetches_it(language: str) -> None:
    made = write_workbook([], KINDS, language)

    assert read_workbook(made) == []
    assert len(made) > 5000
