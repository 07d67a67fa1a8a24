"""Run the proofs and keep their report: `make proofs`, or one with `make proofs PROOF=1`."""

import argparse
import importlib
import json
import secrets
import subprocess
import sys
import time
from datetime import UTC, date, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

FOLDER = Path(__file__).parent
REPORT = FOLDER / "report.json"


def modules() -> list[ModuleType]:
    """Return the proofs, in the order of their numbers."""
    names = sorted(path.stem for path in FOLDER.glob("p[0-9][0-9]_*.py"))
    return [importlib.import_module(f"proofs.{name}") for name in names]


def commit() -> str:
    """Return the commit that is proved, with a mark when the tree differs from it."""
    described = subprocess.run(
        ["git", "describe", "--always", "--dirty", "--abbrev=12"],
        cwd=FOLDER,
        capture_output=True,
        text=True,
        check=False,
    )
    return described.stdout.strip() or "unknown"


def prove(proof: ModuleType, seed: int) -> dict[str, Any]:
    """Run one proof and its canary, and return the entry of the report."""
    started = time.monotonic()
    figures = proof.run(seed, mutant=None)
    broken = proof.broken(figures)
    mutated = proof.run(seed, mutant=proof.CANARY)
    caught = bool(proof.caught(mutated))
    for line in broken:
        print(f"  broken: {line}")
    print(f"  canary {proof.CANARY}: {'caught' if caught else 'NOT caught'} {mutated}")
    return {
        "id": proof.ID,
        "name": proof.NAME,
        "figures": figures,
        "demanded": proof.DEMANDED,
        "passed": not broken and caught,
        "canary": {"mutant": proof.CANARY, "caught": caught, "figures": mutated},
        "seed": seed,
        "commit": commit(),
        "date": date.isoformat(datetime.now(UTC).date()),
        "seconds": round(time.monotonic() - started, 1),
    }


def keep(entries: list[dict[str, Any]]) -> None:
    """Write the entries into the report, leaving proofs that were not run as last measured."""
    kept = (
        {entry["id"]: entry for entry in json.loads(REPORT.read_text())} if REPORT.exists() else {}
    )
    kept.update({entry["id"]: entry for entry in entries})
    ordered = [kept[number] for number in sorted(kept)]
    REPORT.write_text(json.dumps(ordered, indent=2, ensure_ascii=False) + "\n")


def main() -> int:
    """Run what was asked for; end with 0 only if all passed and every canary was caught."""
    arguments = argparse.ArgumentParser(prog="make proofs", description=__doc__)
    arguments.add_argument("number", nargs="?", type=int, help="run this proof only")
    arguments.add_argument("--seed", type=int, default=None, help="repeat a run of the report")
    asked = arguments.parse_args()
    chosen = [proof for proof in modules() if asked.number in (None, proof.ID)]
    if not chosen:
        print(f"There is no proof {asked.number}.", file=sys.stderr)
        return 64
    seed = secrets.randbelow(2**31) if asked.seed is None else asked.seed
    entries = []
    for proof in chosen:
        print(f"proof {proof.ID}: {proof.NAME} (seed {seed})", flush=True)
        entry = prove(proof, seed)
        verdict = "passed" if entry["passed"] else "FAILED"
        print(f"  {verdict} in {entry['seconds']} s {entry['figures']}")
        entries.append(entry)
    keep(entries)
    return 0 if all(entry["passed"] for entry in entries) else 2


if __name__ == "__main__":
    sys.exit(main())
