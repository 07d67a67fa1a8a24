"""Row 8: a page of figures through every layer of the service, against the same by hand."""

from functools import partial

import httpx

from benchmarks.figures import INDICATORS, bare, fill
from benchmarks.load import in_turn, needs, wrk
from benchmarks.results import Result
from benchmarks.sampling import Variant, alternate
from benchmarks.whole import komuna

ID = 8
NAME = "validated list, 50 rows of 1,000,000, vs raw ASGI + asyncpg + orjson"
TARGET = ">= 0.40x of the peer's req/s, at 32 connections"
LEAST = 0.40
PATH = "/v1/observations"
QUERIES = [f"indicator=bench-{number}" for number in range(1, INDICATORS + 1)]
# More than either has connections to the database: waiting for one is part of it.
CONNECTIONS = 32
SECONDS = 3


def run() -> Result:
    """Measure the service and the peer in turns, both on the same database."""
    needs("wrk", "taskset")
    with komuna("indicators") as whole:
        fill(whole)
        with bare(whole) as peer:
            ours, by_hand = whole.tested.url + PATH, peer.url + "/"
            _compare(ours, by_hand)

            def ask(url: str, connections: int = CONNECTIONS) -> dict[str, float]:
                script = in_turn(url, QUERIES)
                return wrk(url, connections=connections, seconds=SECONDS, headers={}, script=script)

            # Opens the connections to the database, whose servers are helpers then. Few ask at
            # first: while none is open yet, whoever waits too long is told to come again.
            ask(ours, connections=8)
            helpers = whole.others
            measured = alternate(
                {
                    "ours": Variant(partial(ask, ours), whole.tested.process, helpers),
                    "peer": Variant(partial(ask, by_hand), peer.process, helpers),
                }
            )
    cpu = {kind: measured.median(kind, "cpu_us") for kind in ("ours", "peer")}
    figures = {
        "ratio": measured.ratio("rate", "ours", "peer"),
        "cpu_ratio": cpu["peer"] / cpu["ours"],
        "our_rate": measured.median("ours", "rate"),
        "peer_rate": measured.median("peer", "rate"),
    }
    return Result(
        figures=figures,
        met=figures["ratio"] >= LEAST,
        cpu_us=cpu,
        peer="raw ASGI + asyncpg + orjson",
        rounds=measured.rounds,
        dropped=measured.dropped,
    )


def _compare(ours: str, by_hand: str) -> None:
    for query in QUERIES:
        items = [httpx.get(f"{url}?{query}").raise_for_status().json() for url in (ours, by_hand)]
        if items[0]["items"] != items[1]["items"]:
            raise RuntimeError("The peer reads other figures: nothing can be compared.")
