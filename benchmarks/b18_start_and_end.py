"""Row 18: how soon a warm start answers, and how soon nothing is left of one that was killed."""

import contextlib
import json
import os
import signal
import statistics
import subprocess
import time
from pathlib import Path

import httpx
import psutil

from benchmarks.load import needs
from benchmarks.results import Result
from benchmarks.whole import ROOT, STOP_SECONDS, folder, free_base, start

ID = 18
NAME = "`make run` warm to first 200 through the gateway; parent killed: postgres gone"
TARGET = "<= 5 s; <= 2 s"
MOST_START_S, MOST_GONE_S = 5.0, 2.0
ROUNDS = 3
PATIENCE_S = 120.0
COMMAND = ["make", "-s", "run"]


def run() -> Result:
    """Start and kill Komuna three times in a folder that has its data already."""
    needs("make")
    with folder() as home:
        base = free_base()
        _load(home, base)
        rounds = [_once(home, base, sign=signal.SIGKILL) for _ in range(ROUNDS)]
        # A start after a kill also recovers the database; after a stop it need not.
        calm = [_once(home, base, sign=signal.SIGINT) for _ in range(ROUNDS)]
    figures = {
        "start_s": statistics.median(started for started, _ in calm),
        "start_after_kill_s": statistics.median(started for started, _ in rounds[1:]),
        "gone_s": max(gone for _, gone in rounds),
    }
    met = max(figures["start_s"], figures["start_after_kill_s"]) <= MOST_START_S
    return Result(
        figures=figures,
        met=met and figures["gone_s"] <= MOST_GONE_S,
        cpu_us={},
        peer="the clock",
        rounds=ROUNDS,
        dropped=0,
    )


def _load(home: Path, base: int) -> None:
    # Nothing is installed while the clock runs.
    subprocess.run(["make", "-s", "setup"], cwd=ROOT, check=True)
    process = start(["./komuna", "up", "--json"], home, base)
    assert process.stdout is not None
    process.stdout.readline()
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=STOP_SECONDS)


def _once(home: Path, base: int, *, sign: signal.Signals) -> tuple[float, float]:
    started = time.monotonic()
    process = start(COMMAND, home, base)
    try:
        _wait_for_answer(f"http://localhost:{base}/registry/v1/municipalities", process)
        answered = time.monotonic() - started
        return answered, _end(home, sign)
    finally:
        # Whatever happened, nothing of this group stays.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGINT)
        process.communicate(timeout=STOP_SECONDS)


def _wait_for_answer(url: str, process: subprocess.Popen[str]) -> None:
    with httpx.Client(trust_env=False) as client:
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until and process.poll() is None:
            with contextlib.suppress(httpx.TransportError):
                answer = client.get(url)
                if answer.status_code == httpx.codes.OK and answer.json()["items"]:
                    return
            time.sleep(0.02)
    raise RuntimeError("Komuna did not answer.")


def _end(home: Path, sign: signal.Signals) -> float:
    note = json.loads((home / "running.json").read_text())
    parent = psutil.Process(note["pid"])
    servers = [one for one in parent.children(recursive=True) if one.name() == "postgres"]
    if not servers:
        raise RuntimeError("There is no postgres to be seen: nothing can be measured.")
    asked = time.monotonic()
    parent.send_signal(sign)
    while any(map(_is_there, servers)):
        if time.monotonic() - asked > STOP_SECONDS:
            raise RuntimeError("A postgres is still there.")
        time.sleep(0.005)
    return time.monotonic() - asked


def _is_there(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
