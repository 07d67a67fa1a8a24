"""What the operator sees: lines with their seconds, on a terminal with a moving hand."""

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from rich.console import Console
from rich.text import Text

from .errors import OperatorError


@dataclass
class Screen:
    """Where the command speaks: people read lines, programs read one JSON object."""

    json_wanted: bool = False
    quiet: bool = False
    console: Console = field(default_factory=lambda: Console(highlight=False, soft_wrap=True))
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def speaks(self) -> bool:
        """Say whether lines are wanted."""
        return not self.quiet and not self.json_wanted

    def say(self, line: str = "", style: str = "") -> None:
        """Print one line for people."""
        if self.speaks:
            self.console.print(Text(line, style=style))

    def answer(self, document: dict[str, Any]) -> None:
        """Print the one object for programs, when asked for."""
        if self.json_wanted:
            sys.stdout.write(json.dumps(document) + "\n")
            sys.stdout.flush()

    @contextmanager
    def step(self, name: str) -> Iterator["Step"]:
        """Show one step while it runs, and its seconds when it is done."""
        step = Step(name)
        started = time.monotonic()
        if self.speaks and self.console.is_terminal:
            with self.console.status(f" {name}") as status:
                step.tell = lambda now: status.update(f" {name}: {now}")
                yield step
        else:
            yield step
        step.seconds = time.monotonic() - started
        self.seconds[name] = round(step.seconds, 2)
        self.say(step.line())


@dataclass
class Step:
    """One line: what was done, how long it took, what came of it."""

    name: str
    outcome: str = ""
    seconds: float = 0.0
    # What is being done right now; only a terminal shows it.
    tell: Callable[[str], None] = lambda _: None

    def line(self) -> str:
        """Return the line as it is printed."""
        return f"  ✔ {self.name:<26}{self.seconds:6.2f} s   {self.outcome}".rstrip()


def complain(error: OperatorError, *, json_wanted: bool = False) -> None:
    """Say on the error stream what happened and what to do."""
    if json_wanted:
        document = {"error": error.message, "advice": error.advice, "exit": int(error.code)}
        sys.stderr.write(json.dumps(document) + "\n")
        return
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    console.print(Text(error.message, style="bold red"))
    console.print(Text(error.advice))
