"""Row 3: the whole gateway before an upstream that costs nothing: only the gateway counts."""

import tempfile
from functools import partial
from pathlib import Path

from benchmarks.load import TESTED, needs, wrk
from benchmarks.results import Result
from benchmarks.sampling import Variant, alternate
from benchmarks.servers import fast_upstream, gateway, nginx, port_of, proxied
from komuna_shared.testing import Issuer

ID = 3
NAME = "gateway, all features on, uncached, fast upstream, vs nginx"
TARGET = ">= 0.14x of nginx's req/s, at 32 and at 128 connections"
LEAST = 0.14
CONNECTIONS = (32, 128)
SECONDS = 3


def run() -> Result:
    """Measure the gateway and nginx in turns."""
    needs("nginx", "wrk", "taskset")
    issuer = Issuer()
    with (
        tempfile.TemporaryDirectory() as name,
        fast_upstream(Path(name)) as upstream,
        gateway(Path(name), issuer, port_of(upstream)) as ours,
        nginx(Path(name), proxied(), core=TESTED, upstream=port_of(upstream)) as peer,
    ):
        headers = {"Authorization": f"Bearer {issuer.token('persona:frontend', ['registry.read'])}"}
        path = "/registry/v1/municipalities?limit=50"
        measured = alternate(
            {
                f"{kind} {connections}": Variant(
                    partial(
                        wrk,
                        server.url + path,
                        connections=connections,
                        seconds=SECONDS,
                        headers=headers,
                    ),
                    server.process,
                    [upstream.process],
                )
                for connections in CONNECTIONS
                for kind, server in (("gateway", ours), ("nginx", peer))
            }
        )
    figures: dict[str, float] = {}
    for count in CONNECTIONS:
        figures[f"ratio_{count}"] = measured.ratio("rate", f"gateway {count}", f"nginx {count}")
        figures[f"gateway_rate_{count}"] = measured.median(f"gateway {count}", "rate")
        figures[f"nginx_rate_{count}"] = measured.median(f"nginx {count}", "rate")
    return Result(
        figures=figures,
        met=all(figures[f"ratio_{count}"] >= LEAST for count in CONNECTIONS),
        cpu_us={
            "gateway": measured.median("gateway 32", "cpu_us"),
            "nginx": measured.median("nginx 32", "cpu_us"),
        },
        peer="nginx",
        rounds=measured.rounds,
        dropped=measured.dropped,
    )
