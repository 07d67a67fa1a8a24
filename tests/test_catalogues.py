"""The sentences people read: every one in every language, with the same placeholders."""

import ast
import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from komuna_shared import languages
from tests import inventory
from tests.lints import ROOT, modules

FILES = ("sq.po", "sr_Latn.po")
FOLDERS = sorted(
    folder
    for pattern in ("*/src/*/locale", "services/*/src/*/locale")
    for folder in ROOT.glob(pattern)
)
KEPT = re.compile(r"\{[^}]*\}|`[^`]*`")


def sentences(file: Path) -> dict[str, str]:
    """Read one catalogue; its header is no sentence."""
    with file.open("rb") as opened:
        return {str(one.id): str(one.string) for one in read_po(opened) if one.id}


def faults(english: str, translated: str) -> list[str]:
    """Say what is wrong with one translation."""
    found = [] if translated.strip() else ["empty"]
    if translated == english:
        found.append("not translated")
    # A word may be dropped or repeated by another grammar; none may appear that is not given.
    if {*KEPT.findall(translated)} != {*KEPT.findall(english)}:
        found.append("other placeholders or technical words")
    return found


@pytest.mark.parametrize(
    ("english", "translated"),
    [
        ("At most {limit} bytes.", ""),
        ("At most {limit} bytes.", "At most {limit} bytes."),
        ("At most {limit} bytes.", "Më së shumti {kufiri} bajt."),
        ("Send `If-Match`.", "Dërgoni If-Match."),
    ],
)
def test_a_faulty_translation_is_seen(english: str, translated: str) -> None:
    assert faults(english, translated)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: str(folder.parent.name))
class TestCatalogues:
    def test_have_the_same_sentences(self, folder: Path) -> None:
        albanian, serbian = (set(sentences(folder / file)) for file in FILES)

        assert albanian ^ serbian == set()

    @pytest.mark.parametrize("file", FILES)
    def test_are_translated(self, folder: Path, file: str) -> None:
        found = sentences(folder / file).items()

        assert {
            english: faults(english, other) for english, other in found if faults(english, other)
        } == {}

    def test_hold_no_sentence_that_the_code_lost(self, folder: Path) -> None:
        said = {
            str(node.value)
            for module in modules()
            if str(folder.parent.relative_to(ROOT)) in str(module.path)
            for node in ast.walk(module.tree)
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        }

        assert set(sentences(folder / "sq.po")) - said == set()


@pytest.fixture(scope="module", autouse=True)
def every_catalogue() -> None:
    """As in the one process that would hold all members."""
    for folder in FOLDERS:
        languages.add_catalogue(folder)


def test_every_error_speaks_every_language() -> None:
    said = {sentence for kind in inventory.errors() for sentence in (kind.title, kind.detail)}

    assert {sentence for sentence in said if not languages.is_translated(sentence)} == set()


def test_every_row_and_field_speaks_every_language() -> None:
    own = [one for one in modules() if one.in_member]
    said = {sentence for one in own for _, sentence in inventory.places(one) if sentence}

    assert {
        sentence
        for sentence in said.union(*inventory.place_codes().values())
        if sentence and not languages.is_translated(sentence)
    } == set()
