"""Row 9: a page far into a list costs what the first one costs."""

from functools import partial

import httpx

from benchmarks.figures import fill
from benchmarks.load import needs, wrk
from benchmarks.results import Result
from benchmarks.sampling import Variant, alternate
from benchmarks.whole import komuna

ID = 9
NAME = "page 10,000 vs page 1"
TARGET = "<= 1.2x the time, 50 rows each, at 1 connection"
MOST = 1.2
PATH = "/v1/observations"
PAGE, SIZE, STEP = 10_000, 50, 200
SECONDS = 2


def run() -> Result:
    """Walk to the page once by `next_cursor`, then measure it and the first one in turns."""
    needs("wrk", "taskset")
    with komuna("indicators") as whole:
        fill(whole)
        url = whole.tested.url + PATH
        far = f"{url}?limit={SIZE}&cursor={_cursor(url)}"
        ask = partial(wrk, connections=1, seconds=SECONDS, headers={})
        helpers = whole.others
        measured = alternate(
            {
                "first": Variant(
                    partial(ask, f"{url}?limit={SIZE}"), whole.tested.process, helpers
                ),
                "far": Variant(partial(ask, far), whole.tested.process, helpers),
            }
        )
    cpu = {kind: measured.median(kind, "cpu_us") for kind in ("first", "far")}
    figures = {
        "ratio": measured.ratio("rate", "first", "far"),
        "cpu_ratio": cpu["far"] / cpu["first"],
        "first_p50_ms": measured.median("first", "p50_ms"),
        "far_p50_ms": measured.median("far", "p50_ms"),
    }
    return Result(
        figures=figures,
        met=figures["ratio"] <= MOST,
        cpu_us=cpu,
        peer="page 1",
        rounds=measured.rounds,
        dropped=measured.dropped,
    )


def _cursor(url: str) -> str:
    # A cursor is not bound to the size of its page: two hundred rows a step, the rest by fifty.
    before = (PAGE - 1) * SIZE
    sizes = [STEP] * (before // STEP) + [SIZE] * (before % STEP // SIZE)
    cursor = ""
    with httpx.Client(trust_env=False, timeout=30) as client:
        for size in sizes:
            asked = {"limit": size} | ({"cursor": cursor} if cursor else {})
            page = client.get(url, params=asked).raise_for_status().json()["page"]
            cursor = str(page["next_cursor"])
    return cursor
