"""Requests by wrk, on a core of its own."""

import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence

from benchmarks.results import SkippedError

# The one under test has the first core; load and upstreams share the second.
TESTED, OTHERS = "0", "1"
_UNITS = {"us": 0.001, "ms": 1.0, "s": 1000.0}


def needs(*programs: str) -> None:
    """Skip the row unless these programs are installed."""
    missing = [one for one in programs if shutil.which(one) is None]
    if missing:
        raise SkippedError(f"{', '.join(missing)} not found; Debian has it: apt-get install")


def wrk(
    url: str,
    *,
    connections: int,
    seconds: float,
    headers: Mapping[str, str],
    script: str = "",
) -> dict[str, float]:
    """Ask as fast as answers come; return requests, their rate and latencies in milliseconds.

    A `script` in Lua says what each request is; without one they are all the url.
    """
    lines = [part for name, value in headers.items() for part in ("-H", f"{name}: {value}")]
    command = ["taskset", "-c", OTHERS, "wrk", "-t1", f"-c{connections}", f"-d{seconds:.0f}s"]
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as file:
        if script:
            file.write(script)
            file.flush()
            command += ["-s", file.name]
        said = subprocess.run(
            [*command, "--latency", *lines, url], capture_output=True, text=True, check=True
        ).stdout
    # An answer later than two seconds counts against the latencies; a refusal makes no sense here.
    refused = re.search(r"Non-2xx or 3xx responses: \d+|connect [1-9].*", said)
    if refused:
        raise RuntimeError(f"{url}: {refused[0]}")
    requests = re.search(r"(\d+) requests in", said)
    rate = re.search(r"Requests/sec:\s+([\d.]+)", said)
    assert requests, said
    assert rate, said
    return {
        "requests": float(requests[1]),
        "rate": float(rate[1]),
        "p50_ms": _latency(said, "50%"),
        "p99_ms": _latency(said, "99%"),
    }


def in_turn(url: str, queries: Sequence[str]) -> str:
    """Return the script by which each request has the next query behind the path of the url."""
    path = "/" + url.split("/", 3)[3]
    paths = ", ".join(f'"{path}?{query}"' for query in queries)
    return (
        f"local paths, asked = {{{paths}}}, 0\n"
        "request = function()\n"
        "  asked = asked + 1\n"
        '  return wrk.format("GET", paths[asked % #paths + 1])\n'
        "end\n"
    )


def posting(body: bytes) -> str:
    """Return the script by which each request sends the same JSON."""
    quoted = body.decode().replace("\\", "\\\\").replace("'", "\\'")
    return (
        "wrk.method = 'POST'\n"
        "wrk.headers['Content-Type'] = 'application/json'\n"
        f"wrk.body = '{quoted}'\n"
    )


def _latency(said: str, share: str) -> float:
    found = re.search(rf"{share}\s+([\d.]+)(us|ms|s)", said)
    assert found, said
    return float(found[1]) * _UNITS[found[2]]
