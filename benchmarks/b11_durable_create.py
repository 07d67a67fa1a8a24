"""Row 11: granting a role, with all that is written beside it, against pgbench of the same SQL."""

import asyncio
import re
import subprocess
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import asyncpg
import psutil

from benchmarks.load import OTHERS, needs, wrk
from benchmarks.results import Result
from benchmarks.sampling import Variant, alternate
from benchmarks.whole import Whole, komuna
from komuna_deploy.issuer import keys, tokens

ID = 11
NAME = "create with idempotency, outbox, audit, durable, vs pgbench of the same SQL"
TARGET = ">= 0.10x of pgbench's transactions/s, at 8 connections"
LEAST = 0.10
CONNECTIONS = 8
SECONDS = 4
SCOPE = "registry.assignments.write"
OPERATOR = "persona:ops"
SCRIPT = Path(__file__).with_name("granting.sql")
# Every request is another person and another key, or nothing would be created.
_REQUESTS = """
local number, round = 0, "ROUND"
request = function()
  number = number + 1
  wrk.headers["Idempotency-Key"] = string.format("%s-%018d", round, number)
  local body = '{"subject":"bench-%s-%d","name":"Somebody","role":"frontend",'
  body = body .. '"valid_from":"2026-01-01","source":"Demonstration"}'
  return wrk.format("POST", nil, nil, string.format(body, round, number))
end
"""


def run() -> Result:
    """Measure the service and pgbench in turns, both on the same durable database."""
    needs("wrk", "taskset", "pgbench")
    with komuna("registry") as whole:
        url = f"{whole.tested.url}/v1/assignments"
        headers = {"Authorization": f"Bearer {_token(whole)}", "Content-Type": "application/json"}
        address = whole.home.secret("registry_database_url").replace("+asyncpg", "", 1)
        asyncio.run(_seat_operator(address))
        _check(address, url, headers)
        ours, bare = partial(_create, url, headers), partial(_pgbench, address)
        owner = whole.home.secret("registry_migrate_url").replace("+asyncpg", "", 1)
        helpers = whole.others
        measured = alternate(
            {
                "ours": Variant(partial(_analyzed, owner, ours), whole.tested.process, helpers),
                # Its own work is no part of the row: the server's processes are the helpers.
                "peer": Variant(partial(_analyzed, owner, bare), psutil.Process(), helpers),
            }
        )
    figures = {
        "ratio": measured.ratio("rate", "ours", "peer"),
        "our_rate": measured.median("ours", "rate"),
        "peer_rate": measured.median("peer", "rate"),
        "our_p50_ms": measured.median("ours", "p50_ms"),
    }
    return Result(
        figures=figures,
        met=figures["ratio"] >= LEAST,
        cpu_us={"ours": measured.median("ours", "cpu_us")},
        peer="pgbench, prepared statements",
        rounds=measured.rounds,
        dropped=measured.dropped,
    )


def _create(url: str, headers: dict[str, str], seconds: float = SECONDS) -> dict[str, float]:
    script = _REQUESTS.replace("ROUND", f"{time.monotonic_ns():x}")
    return wrk(url, connections=CONNECTIONS, seconds=seconds, headers=headers, script=script)


def _pgbench(address: str, seconds: int = SECONDS) -> dict[str, float]:
    command = ["taskset", "-c", OTHERS, "pgbench", "--no-vacuum", "--protocol=prepared"]
    shape = [f"--client={CONNECTIONS}", "--jobs=1", f"--time={seconds}", f"--file={SCRIPT}"]
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [*command, *shape, address], capture_output=True, text=True, check=False, cwd=folder
        )
    if done.returncode != 0:
        raise RuntimeError(f"pgbench: {done.stderr}")
    rate = re.search(r"tps = ([\d.]+)", done.stdout)
    count = re.search(r"transactions actually processed: (\d+)", done.stdout)
    assert rate is not None, done.stdout
    assert count is not None, done.stdout
    return {"requests": float(count[1]), "rate": float(rate[1])}


def _check(address: str, url: str, headers: dict[str, str]) -> None:
    """Raise unless one turn of either writes as many rows into the same tables."""
    before = asyncio.run(_count(address))
    ours = int(_create(url, headers, seconds=1)["requests"])
    between = asyncio.run(_count(address))
    peers = int(_pgbench(address, seconds=1)["requests"])
    after = asyncio.run(_count(address))
    for table, number in before.items():
        written = between[table] - number, after[table] - between[table]
        # What was under way when the time was over is written but not counted.
        more = written[0] - ours, written[1] - peers
        if not all(0 <= one <= CONNECTIONS for one in more):
            raise RuntimeError(f"{table}: {written} rows for {ours} and {peers} creations.")


def _analyzed(owner: str, measure: Callable[[], dict[str, float]]) -> dict[str, float]:
    asyncio.run(_analyze(owner))
    return measure()


async def _analyze(owner: str) -> None:
    """Tell the planner how the tables have grown, as it would know after years of growing.

    In a minute they grow a hundredfold; connections that stay would keep plans for small tables,
    while pgbench comes with new ones.
    """
    connection = await asyncpg.connect(owner)
    try:
        await connection.execute("analyze account, assignment, change, idempotency_key")
    finally:
        await connection.close()


async def _seat_operator(address: str) -> None:
    """Give pgbench an operator of its own: in its scripts a colon would begin a variable."""
    connection = await asyncpg.connect(address)
    try:
        await connection.execute(
            "with one as (insert into account (issuer, subject, name, is_synthetic) "
            "values ('bench', 'operator', 'Operations', true) returning id) "
            "insert into assignment (account, role, valid_from, source) "
            "select id, 'ops', '2020-01-01', 'Demonstration' from one"
        )
    finally:
        await connection.close()


async def _count(address: str) -> dict[str, int]:
    tables = ("account", "assignment", "change", "outbox", "audit_event", "idempotency_key")
    connection = await asyncpg.connect(address)
    try:
        return {
            one: await connection.fetchval(f"select count(*) from {one}")  # noqa: S608 -- ours.
            for one in tables
        }
    finally:
        await connection.close()


def _token(whole: Whole) -> str:
    port = int(whole.services["registry"].rpartition(":")[2]) - 1
    return tokens.issue(
        keys.load_key(whole.home),
        issuer=f"http://127.0.0.1:{port}",
        subject=OPERATOR,
        client="komuna-cli",
        scopes=frozenset({SCOPE}),
    )
