"""What the pages tell a newcomer to type works as it stands, against a running Komuna."""

import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest

from tests.lints import ROOT
from tests.system.conftest import Stack, environment
from tests.test_docs import SHELL

PAGES = (
    "README.md",
    "docs/tutorial/first-questions.md",
    "docs/how-to/get-a-token.md",
    "docs/how-to/follow-changes.md",
    "docs/how-to/import-data.md",
)
# These start, stop or delete what this test stands on, or name a person who is not there.
QUOTED = re.compile(r'`("[^`]*)`')
NOT_HERE = ("make ", "./komuna up", "./komuna demo", "./komuna admin", "DATABASE_URL=")


@dataclass(frozen=True)
class Block:
    """Commands as a page prints them, and what its next words promise of the answer."""

    page: str
    commands: str
    promised: tuple[str, ...]


def blocks(page: str) -> Iterator[Block]:
    """Yield the blocks of a page that ask something of a running Komuna."""
    text = (ROOT / page).read_text(encoding="utf-8")
    for before, after in pairwise([*SHELL.finditer(text), None]):
        assert before is not None
        words = text[before.end() : after.start() if after else len(text)]
        promised = [piece for quoted in QUOTED.findall(words) for piece in quoted.split(",…")]
        if not any(word in before[1] for word in NOT_HERE):
            yield Block(page, before[1], tuple(promised))


CASES = [block for page in PAGES for block in blocks(page)]


@pytest.mark.system
@pytest.mark.parametrize("block", CASES, ids=lambda block: str(block.page))
def test_a_block_works_as_it_stands(block: Block, stack: Stack) -> None:
    done = subprocess.run(
        ["sh", "-eu", "-c", block.commands.replace("http://localhost:8080", stack.url)],
        cwd=ROOT,
        env=environment(stack.home, stack.port_base),
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()
    assert [piece for piece in block.promised if piece not in done.stdout] == [], done.stdout
    for code in re.findall(r'"status":([45]\d\d)\b', done.stdout):
        # The tutorial has itself refused twice, and says so.
        assert (block.page, code) in {(PAGES[1], "401"), (PAGES[1], "404")}, done.stdout


def test_every_page_has_something_to_ask() -> None:
    assert {block.page for block in CASES} == set(PAGES)
    assert sum(len(block.promised) for block in CASES) > 5
    assert all(Path(ROOT / page).exists() for page in PAGES)
