"""Writes what was last measured and proved into the README: python -m tests.measured."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from tests.lints import ROOT

README = ROOT / "README.md"
BEGIN, END = "<!-- measured -->", "<!-- /measured -->"
BETWEEN = re.compile(f"{BEGIN}.*?{END}", re.DOTALL)
# Rates say something only beside their peer's, which the ratios do.
UNSHOWN = re.compile(r"_?rate(_|$)")


def _report(folder: str) -> list[dict[str, Any]]:
    path = ROOT / folder / "report.json"
    found: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    return found


def _said(figures: Mapping[str, float]) -> str:
    shown = {name: value for name, value in figures.items() if not UNSHOWN.search(name)}
    return ", ".join(f"{name.replace('_', ' ')} {value:g}" for name, value in shown.items())


def _lines() -> Iterator[str]:
    yield from ("| # | measured | target | figures | |", "| --- | --- | --- | --- | --- |")
    for row in _report("benchmarks"):
        verdict = "met" if row["met"] else "**not met**"
        figures = _said(row["figures"])
        yield f"| {row['id']} | {row['name']} | {row['target']} | {figures} | {verdict} |"
    yield from ("", "| # | proof | figures | |", "| --- | --- | --- | --- |")
    for proof in _report("proofs"):
        caught = "canary caught" if proof["canary"]["caught"] else "**canary not caught**"
        verdict = "passed" if proof["passed"] else "**failed**"
        figures = _said(proof["figures"])
        yield f"| {proof['id']} | {proof['name']} | {figures} | {verdict}, {caught} |"


def block() -> str:
    """Return both tables between their marks."""
    return "\n".join((BEGIN, *_lines(), END))


def readme(text: str) -> str:
    """Return the README with the tables as the reports have them."""
    return BETWEEN.sub(lambda _: block(), text)


def main() -> None:
    """Write the README."""
    README.write_text(readme(README.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
