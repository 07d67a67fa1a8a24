"""Row 4: the gateway where it works, before our own registry with its data."""

import tempfile
from functools import partial
from pathlib import Path

from benchmarks.load import TESTED, needs, wrk
from benchmarks.results import Result
from benchmarks.sampling import Variant, alternate
from benchmarks.servers import nginx, proxied
from benchmarks.whole import komuna

ID = 4
NAME = "gateway uncached before our real service, vs nginx there"
TARGET = ">= 0.85x of nginx's req/s, at 32 connections"
LEAST = 0.85
PATH = "/v1/municipalities?limit=50"
SECONDS = 4


def run() -> Result:
    """Measure the gateway and nginx in turns, both before the same registry."""
    needs("nginx", "wrk", "taskset")
    with tempfile.TemporaryDirectory() as name, komuna() as whole:
        registry = int(whole.services["registry"].rpartition(":")[2])
        with nginx(Path(name), proxied(), core=TESTED, upstream=registry) as peer:
            ask = partial(wrk, connections=32, seconds=SECONDS, headers={})
            gateway = partial(ask, f"{whole.tested.url}/registry{PATH}")
            measured = alternate(
                {
                    "gateway": Variant(gateway, whole.tested.process, whole.others),
                    "nginx": Variant(partial(ask, peer.url + PATH), peer.process, whole.others),
                }
            )
    figures = {
        "ratio": measured.ratio("rate", "gateway", "nginx"),
        "gateway_rate": measured.median("gateway", "rate"),
        "nginx_rate": measured.median("nginx", "rate"),
    }
    return Result(
        figures=figures,
        met=figures["ratio"] >= LEAST,
        cpu_us={kind: measured.median(kind, "cpu_us") for kind in ("gateway", "nginx")},
        peer="nginx",
        rounds=measured.rounds,
        dropped=measured.dropped,
    )
