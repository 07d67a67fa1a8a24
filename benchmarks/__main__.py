"""Measure and keep the report: `make bench`, or some rows with `make bench ARGS="3 5"`."""

import argparse
import importlib
import json
import subprocess
import sys
import time
from datetime import UTC, date, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

from benchmarks.results import Result, SkippedError

FOLDER = Path(__file__).parent
REPORT = FOLDER / "report.json"


def modules() -> list[ModuleType]:
    """Return the rows, in the order of their numbers."""
    names = sorted(path.stem for path in FOLDER.glob("b[0-9][0-9]_*.py"))
    return [importlib.import_module(f"benchmarks.{name}") for name in names]


def commit() -> str:
    """Return the commit that is measured, with a mark when the tree differs from it."""
    described = subprocess.run(
        ["git", "describe", "--always", "--dirty", "--abbrev=12"],
        cwd=FOLDER,
        capture_output=True,
        text=True,
        check=False,
    )
    return described.stdout.strip() or "unknown"


def entry(row: ModuleType, result: Result) -> dict[str, Any]:
    """Return what the report keeps of one row."""
    return {
        "id": row.ID,
        "name": row.NAME,
        "figures": {name: _rounded(value) for name, value in result.figures.items()},
        "target": row.TARGET,
        "met": result.met,
        "cpu_us": {name: _rounded(value) for name, value in result.cpu_us.items()},
        "peer": result.peer,
        "rounds": result.rounds,
        "dropped": result.dropped,
        "commit": commit(),
        "date": date.isoformat(datetime.now(UTC).date()),
    }


def keep(entries: list[dict[str, Any]]) -> None:
    """Write the entries into the report, leaving rows that were not run as last measured."""
    kept = {one["id"]: one for one in json.loads(REPORT.read_text())} if REPORT.exists() else {}
    kept.update({one["id"]: one for one in entries})
    ordered = [kept[number] for number in sorted(kept)]
    REPORT.write_text(json.dumps(ordered, indent=2, ensure_ascii=False) + "\n")


def main() -> int:
    """Measure what was asked for; a missed target is reported, not an error."""
    arguments = argparse.ArgumentParser(prog="make bench", description=__doc__)
    arguments.add_argument("number", nargs="*", type=int, help="measure these rows only")
    arguments.add_argument("--dry", action="store_true", help="leave the report as it is")
    asked = arguments.parse_args()
    rows = [row for row in modules() if not asked.number or row.ID in asked.number]
    if not rows:
        print("There is no such row.", file=sys.stderr)
        return 64
    entries = []
    for row in rows:
        print(f"row {row.ID}: {row.NAME}", flush=True)
        started = time.monotonic()
        try:
            measured = entry(row, row.run())
        except SkippedError as reason:
            print(f"  skipped: {reason}")
            continue
        entries.append(measured)
        verdict = "met" if measured["met"] else "NOT met"
        print(f"  {measured['figures']} cpu µs {measured['cpu_us']}")
        print(
            f"  target {row.TARGET}: {verdict}; {measured['rounds']} rounds, "
            f"{measured['dropped']} samples dropped, {time.monotonic() - started:.0f} s",
            flush=True,
        )
    if entries and not asked.dry:
        keep(entries)
    return 0


def _rounded(value: float) -> float:
    return float(f"{value:.4g}")


if __name__ == "__main__":
    sys.exit(main())
