"""`komuna doctor`: what is well and what is not."""

from dataclasses import asdict

import typer

from komuna_deploy.errors import Exit
from komuna_deploy.run.diagnosis import Verdict, diagnose
from komuna_deploy.screen import Screen
from komuna_deploy.settings import read_settings

from .options import Json, Quiet

_MARKS = {Verdict.OK: "✔", Verdict.WARNING: "!", Verdict.FAILURE: "✘"}
_EXITS = {Verdict.OK: Exit.OK, Verdict.WARNING: Exit.WARNING, Verdict.FAILURE: Exit.FAILURE}


def doctor(*, json: Json = False, quiet: Quiet = False) -> None:
    """Look at this machine and at what runs; say what to do about each fault."""
    screen = Screen(json_wanted=json, quiet=quiet)
    findings = []
    for finding in diagnose(read_settings()):
        findings.append(finding)
        screen.say(f"  {_MARKS[finding.verdict]} {finding.name:<14}{finding.detail}")
        if finding.advice:
            screen.say(f"    {finding.advice}")
    screen.answer({"findings": [asdict(finding) for finding in findings]})
    raise typer.Exit(max(_EXITS[finding.verdict] for finding in findings))
