"""Row 5: how much longer a caller waits because the gateway is there."""

import tempfile
from functools import partial
from pathlib import Path

from benchmarks.load import TESTED, needs, wrk
from benchmarks.results import Result
from benchmarks.sampling import Variant, alternate
from benchmarks.servers import fast_upstream, gateway, nginx, port_of, proxied
from komuna_shared.testing import Issuer

ID = 5
NAME = "added p50 at 1 connection over nginx; p99 at 32 vs nginx's"
TARGET = "p50 + <= 0.15 ms; p99 <= 3x"
MOST_ADDED_MS = 0.15
MOST_P99 = 3.0
SECONDS = 3


def run() -> Result:
    """Measure the latencies of the gateway and of nginx in turns."""
    needs("nginx", "wrk", "taskset")
    issuer = Issuer()
    with (
        tempfile.TemporaryDirectory() as name,
        fast_upstream(Path(name)) as upstream,
        gateway(Path(name), issuer, port_of(upstream)) as ours,
        nginx(Path(name), proxied(), core=TESTED, upstream=port_of(upstream)) as peer,
    ):
        headers = {"Authorization": f"Bearer {issuer.token('persona:frontend')}"}
        ask = partial(wrk, seconds=SECONDS, headers=headers)
        measured = alternate(
            {
                f"{kind} {count}": Variant(
                    partial(ask, f"{server.url}/registry/v1/municipalities", connections=count),
                    server.process,
                    [upstream.process],
                )
                for count in (1, 32)
                for kind, server in (("gateway", ours), ("nginx", peer))
            }
        )
    p50 = {kind: measured.median(f"{kind} 1", "p50_ms") for kind in ("gateway", "nginx")}
    p99 = {kind: measured.median(f"{kind} 32", "p99_ms") for kind in ("gateway", "nginx")}
    figures = {
        "added_p50_ms": p50["gateway"] - p50["nginx"],
        "gateway_p50_ms": p50["gateway"],
        "nginx_p50_ms": p50["nginx"],
        "p99_ratio": p99["gateway"] / p99["nginx"],
        "gateway_p99_ms": p99["gateway"],
        "nginx_p99_ms": p99["nginx"],
    }
    return Result(
        figures=figures,
        met=figures["added_p50_ms"] <= MOST_ADDED_MS and figures["p99_ratio"] <= MOST_P99,
        cpu_us={kind: measured.median(f"{kind} 1", "cpu_us") for kind in ("gateway", "nginx")},
        peer="nginx",
        rounds=measured.rounds,
        dropped=measured.dropped,
    )
