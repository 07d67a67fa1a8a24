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
    "docs/how-to/read-the-directory.md",
)
# Told from the first block to the last in one terminal; a refusal that they speak of must come.
STORIES = (
    "docs/tutorial/two-journeys.md",
    "docs/how-to/report-figures.md",
    "docs/how-to/survey-a-building.md",
    "docs/how-to/write-to-municipalities.md",
)
# These start, stop or delete what this test stands on, or name a person who is not there.
QUOTED = re.compile(r'`("[^`]*)`')
REFUSAL = re.compile(r"\b4\d\d\b")
NOT_HERE = ("make ", "./komuna up", "./komuna demo", "./komuna admin", "DATABASE_URL=")


@dataclass(frozen=True)
class Block:
    """Commands as a page prints them, and what its next words promise of the answer."""

    page: str
    commands: str
    promised: tuple[str, ...]
    # The refusals that its words speak of.
    refused: frozenset[str]


def blocks(page: str) -> Iterator[Block]:
    """Yield the blocks of a page that ask something of a running Komuna."""
    text = (ROOT / page).read_text(encoding="utf-8")
    for before, after in pairwise([*SHELL.finditer(text), None]):
        assert before is not None
        words = text[before.end() : after.start() if after else len(text)]
        promised = [piece for quoted in QUOTED.findall(words) for piece in quoted.split(",…")]
        if not any(word in before[1] for word in NOT_HERE):
            refused = frozenset(REFUSAL.findall(words))
            yield Block(page, before[1], tuple(promised), refused)


CASES = [block for page in PAGES for block in blocks(page)]


@pytest.mark.system
@pytest.mark.parametrize("block", CASES, ids=lambda block: str(block.page))
def test_a_block_works_as_it_stands(block: Block, stack: Stack) -> None:
    check(block, run(block.commands, stack))


@pytest.mark.system
@pytest.mark.parametrize("page", STORIES)
def test_a_story_works_from_its_first_block_to_its_last(page: str, stack: Stack) -> None:
    told = list(blocks(page))
    mark = "---- the next block ----"
    commands = "".join(f"echo '{mark}'\n{block.commands}" for block in told)

    answers = run(commands, stack).split(f"{mark}\n")[1:]

    assert len(answers) == len(told) > 3
    for block, answer in zip(told, answers, strict=True):
        check(block, answer)
        assert block.refused <= statuses(answer), answer


def run(commands: str, stack: Stack) -> str:
    """Return what commands answer when they are typed in the checkout."""
    done = subprocess.run(
        ["sh", "-eu", "-c", commands.replace("http://localhost:8080", stack.url)],
        cwd=ROOT,
        env=environment(stack.home, stack.port_base),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def check(block: Block, answer: str) -> None:
    """Check that an answer is what the page's next words say of it."""
    assert answer.strip()
    assert [piece for piece in block.promised if piece not in answer] == [], answer
    assert statuses(answer) <= block.refused, answer
    assert not re.findall(r'"status":5\d\d\b', answer), answer


def statuses(answer: str) -> frozenset[str]:
    """Return the refusals in an answer."""
    return frozenset(re.findall(r'"status":(4\d\d)\b', answer))


def test_every_page_has_something_to_ask() -> None:
    assert {block.page for block in CASES} == set(PAGES)
    assert sum(len(block.promised) for block in CASES) > 5
    assert all(Path(ROOT / page).exists() for page in PAGES)
