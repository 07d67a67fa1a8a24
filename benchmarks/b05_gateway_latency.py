"""Row 5: how much longer a caller waits because the gateway is there."""

from benchmarks.results import Result
from benchmarks.sampling import alternate
from benchmarks.servers import side_by_side

ID = 5
NAME = "added p50 at 1 connection over nginx; p99 at 32 vs nginx's"
TARGET = "p50 + <= 0.15 ms; p99 <= 3x"
MOST_ADDED_MS = 0.15
MOST_P99 = 3.0
SECONDS = 3


def run() -> Result:
    """Measure the latencies of the gateway and of nginx in turns."""
    with side_by_side() as pair:
        measured = alternate(
            {
                f"{kind} {count}": pair.variant(kind, count, SECONDS)
                for count in (1, 32)
                for kind in ("gateway", "nginx")
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
