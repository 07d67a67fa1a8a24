"""Row 3: the whole gateway before an upstream that costs nothing: only the gateway counts."""

from benchmarks.results import Result
from benchmarks.sampling import alternate
from benchmarks.servers import side_by_side

ID = 3
NAME = "gateway, all features on, uncached, fast upstream, vs nginx"
TARGET = ">= 0.14x of nginx's req/s, at 32 and at 128 connections"
LEAST = 0.14
CONNECTIONS = (32, 128)
SECONDS = 3


def run() -> Result:
    """Measure the gateway and nginx in turns."""
    with side_by_side() as pair:
        measured = alternate(
            {
                f"{kind} {count}": pair.variant(kind, count, SECONDS)
                for count in CONNECTIONS
                for kind in ("gateway", "nginx")
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
        cpu_us={kind: measured.median(f"{kind} 32", "cpu_us") for kind in ("gateway", "nginx")},
        peer="nginx",
        rounds=measured.rounds,
        dropped=measured.dropped,
    )
