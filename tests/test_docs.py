"""The reference is complete and true: settings, error codes, commands, words of make, links."""

import re
import shlex
import subprocess
from pathlib import Path

import pytest
from pydantic_core import PydanticUndefined

from tests import inventory, measured, reference
from tests.lints import ROOT

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *ROOT.glob("*/README.md")])
LINK = re.compile(r"\[[^\]]*\]\(([^)#]+)(?:#[^)]*)?\)")
PAGE = re.compile(r"\bdocs/[a-z0-9/-]+\.md")
SHELL = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)


def read(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", reference.PAGES)
def test_a_written_page_is_as_the_code_is(name: str) -> None:
    assert read(f"docs/reference/{name}") == reference.page(name), "make reference"


def test_the_readme_says_what_was_measured() -> None:
    assert measured.block() in read("README.md"), "python -m tests.measured"


def rows(page: str) -> dict[str, str]:
    """Return the rows of a page's tables by what stands in their first cell."""
    return dict(re.findall(r"^\| `([A-Z_]+)` \|(.*)$", page, re.MULTILINE))


class TestSettings:
    def test_are_all_documented(self) -> None:
        declared = {variable.name for variable in inventory.variables()}
        documented = set(rows(read("docs/reference/settings.md")))

        assert (declared | inventory.named_variables()) - with_files(documented) == set()

    def test_are_not_invented(self) -> None:
        declared = {variable.name for variable in inventory.variables()}
        documented = set(rows(read("docs/reference/settings.md")))
        tests = set(re.findall(r"KOMUNA_[A-Z_]+", read("tests/conftest.py")))
        # The command puts these together from the names of the services.
        composed = {f"KOMUNA_{name.upper()}_DATABASE_URL" for name in inventory.SERVICES}
        known = declared | inventory.named_variables() | tests | composed | {"DATABASE_URL"}

        assert documented - known == set()

    def test_name_their_defaults(self) -> None:
        documented = rows(read("docs/reference/settings.md"))

        for variable in inventory.variables():
            default = variable.field.default
            if isinstance(default, str | int | float) and default != "":
                assert f"`{default}`" in documented[variable.name], variable.name
            elif default is PydanticUndefined:
                assert "required" in documented[variable.name], variable.name


def with_files(names: set[str]) -> set[str]:
    """Add the `..._FILE` form, which every variable has."""
    return names | {f"{name}_FILE" for name in names}


class TestMake:
    def test_prints_every_word(self) -> None:
        printed = subprocess.run(
            ["make", "-s"], cwd=ROOT, capture_output=True, text=True, check=True
        ).stdout

        words = inventory.make_words()
        assert printed.split("\n") == [
            *(f"  make {word:10} {what}" for word, what in words.items()),
            "",
        ]

    def test_has_help_for_every_target(self) -> None:
        phony = re.findall(r"^\.PHONY: (.*)$", read("Makefile"), re.MULTILINE)[0]

        assert set(phony.split()) == set(inventory.make_words())


def test_the_code_names_pages_that_exist() -> None:
    folders = [ROOT / name for name in ("shared", "gateway", "services", "deploy")]
    files = [*ROOT.glob("*.yml"), *(one for folder in folders for one in folder.rglob("*.py"))]
    named = {page for file in files for page in PAGE.findall(file.read_text(encoding="utf-8"))}

    assert {page for page in named if not (ROOT / page).exists()} == set()


def commands_of(text: str) -> list[list[str]]:
    """Return the commands of a page's shell blocks, word by word."""
    lines = "\n".join(SHELL.findall(text)).replace("\\\n", " ").splitlines()
    parts = [part for line in lines for part in re.split(r"&&|\|", line)]
    return [words for part in parts if (words := shlex.split(part, comments=True))]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
class TestPages:
    def test_links_lead_somewhere(self, page: Path) -> None:
        links = [
            link for link in LINK.findall(page.read_text(encoding="utf-8")) if "://" not in link
        ]

        assert [link for link in links if not (page.parent / link).exists()] == []

    def test_commands_exist(self, page: Path) -> None:
        known = {command.words for command in inventory.commands()}
        for words in commands_of(page.read_text(encoding="utf-8")):
            if words[0] == "make":
                named = [word for word in words[1:] if "=" not in word]
                assert set(named) <= set(inventory.make_words()), words
            if words[0] == "./komuna":
                said = ["komuna", *words[1:]]
                assert any(said[: len(one.split())] == one.split() for one in known), words


def test_a_command_that_does_not_exist_would_be_found() -> None:
    found = commands_of("```sh\nmake tset && ./komuna upp   # no such words\n```\n")

    assert found == [["make", "tset"], ["./komuna", "upp"]]
