"""The workbook that answers a file, from what was kept of it, in the reader's language."""

from collections.abc import Mapping, Sequence
from typing import Any

from komuna_shared.languages import translate

from .rules import Column, Given, Template
from .texts import NO_PROBLEM, PROBLEM_COUNT
from .writing import Reply, write_reply

Problem = Mapping[str, Any]


def make_reply(
    template: Template, problems: Sequence[Problem], given: Mapping[str, Mapping[str, str]]
) -> bytes:
    """Return the workbook with what was sent, each wrong cell marked and explained."""
    language = template.manifest.language
    lines = {line.cell for line in (*template.lines, template.attest)}
    marks: dict[str, frozenset[Column]] = {}
    remarks: dict[str, list[str]] = {}
    others: list[str] = []
    for problem in problems:
        said = _said(problem, language)
        cell = problem["cell"]
        if cell not in lines:
            # What belongs to no line is found only by its place in the file that was sent.
            others.append(f"{problem['place']}: {said}" if problem["place"] else said)
            continue
        remarks.setdefault(cell, []).append(said)
        if problem["column"]:
            marks[cell] = marks.get(cell, frozenset()) | {Column(problem["column"])}
    count = len(problems)
    summary = translate(PROBLEM_COUNT, language, count=count) if count else ""
    reply = Reply(
        summary=summary or translate(NO_PROBLEM, language),
        given={cell: Given(**told) for cell, told in given.items()},
        marks=marks,
        remarks=remarks,
        others=others,
    )
    return write_reply(template, reply)


def _said(problem: Problem, language: str) -> str:
    # In a cell of a workbook, the marks around technical words are only in the way.
    return translate(problem["detail"], language, **problem["params"]).replace("`", "")
