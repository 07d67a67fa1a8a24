"""Row 20: what the register is asked most, against the same SQL with nothing around it."""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial
from itertools import cycle, islice
from typing import Any

import httpx

from benchmarks.load import in_turn, needs, posting, wrk
from benchmarks.results import Result
from benchmarks.sampling import Measured, Variant, alternate
from benchmarks.servers import Server
from benchmarks.tenures import KIND, bare, fill
from benchmarks.whole import Whole, komuna

ID = 20
NAME = "registry coverage, office counts, resolve of 10,000 names vs the same SQL over bare asyncpg"
TARGET = ">= 0.40x of the peer's req/s each, at 8 connections (resolve at 1)"
LEAST = 0.40
_COVERAGE = "kind=language_link&as_of={day}"
_COUNTS = f"kind={KIND}&by=sex&by=municipality&as_of={{day}}"
_BY_HAND = f"kind={KIND}&as_of={{day}}"
_DAY = "2020-12-31"
# More days than anybody keeps answers of.
_DAYS = [str(date(2019, 1, 1) + timedelta(days=day)) for day in range(1_000)]
_OURS = {
    "coverage": f"/v1/mechanisms/coverage?{_COVERAGE}",
    "counts": f"/v1/offices/counts?{_COUNTS}",
    "resolve": "/v1/municipality-resolutions",
}
_PEERS = {
    "coverage": f"/coverage?{_COVERAGE}",
    "counts": f"/counts?{_BY_HAND}",
    "resolve": "/resolve",
}
_ANEW = ("coverage", "counts")
ENGLISH = {"Accept-Language": "en"}
NAMES = 10_000
SECONDS = 3


def run() -> Result:
    """Ask both the three questions in turns, from one database with 100,000 tenures."""
    needs("wrk", "taskset")
    with komuna("registry") as whole:
        fill(whole)
        with bare(whole) as peer:
            names = _names(whole.tested.url)
            _compare(whole.tested.url, peer.url, names)
            variants = {}
            for whose, server, paths in (
                ("ours", whole.tested, _OURS),
                ("peer", peer, _PEERS),
            ):
                for question, path in paths.items():
                    variants[f"{whose} {question}"] = _variant(server, path, names, whole)
                for one in _ANEW:
                    variants[f"{whose} {one} anew"] = _days(server, paths[one], whole)
            measured = alternate(variants)
    cpu = {kind: measured.median(kind, "cpu_us") for kind in variants}
    figures = _figures(measured, cpu)
    return Result(
        figures=figures,
        met=all(figures[f"{one}_ratio"] >= LEAST for one in _OURS),
        cpu_us=cpu,
        peer="raw ASGI + asyncpg + orjson with the same SQL",
        rounds=measured.rounds,
        dropped=measured.dropped,
    )


def _variant(server: Server, path: str, names: list[str], whole: Whole) -> Variant:
    url = server.url + path.format(day=_DAY)
    script = posting(httpx.Request("POST", url, json={"names": names}).content)
    is_posted = "resol" in path
    ask = partial(
        wrk,
        url,
        connections=1 if is_posted else 8,
        seconds=SECONDS,
        headers=ENGLISH,
        script=script if is_posted else "",
    )
    ask()  # Opens the connections to the database, whose servers are helpers then.
    return Variant(ask, server.process, whole.others)


def _days(server: Server, path: str, whole: Whole) -> Variant:
    url, _, query = path.partition("?")
    script = in_turn(server.url + url, [query.format(day=day) for day in _DAYS])
    ask = partial(
        wrk, server.url + url, connections=8, seconds=SECONDS, headers=ENGLISH, script=script
    )
    return Variant(ask, server.process, whole.others)


def _figures(measured: Measured, cpu: dict[str, float]) -> dict[str, float]:
    figures: dict[str, float] = {}
    for one in _OURS:
        figures[f"{one}_ratio"] = measured.ratio("rate", f"ours {one}", f"peer {one}")
        figures[f"{one}_cpu_ratio"] = cpu[f"peer {one}"] / cpu[f"ours {one}"]
        figures[f"{one}_rate"] = measured.median(f"ours {one}", "rate")
    for one in _ANEW:
        # Not demanded: a thousand days in turn, of none of which the answer is kept.
        figures[f"{one}_anew_ratio"] = measured.ratio(
            "rate", f"ours {one} anew", f"peer {one} anew"
        )
    return figures


def _names(url: str) -> list[str]:
    """Return ten thousand spellings that mean a municipality, those of every one in turn."""
    page = httpx.get(f"{url}/v1/municipalities?limit=200").raise_for_status().json()
    spellings: list[str] = []
    for one in page["items"]:
        # Cyrillic is made from Latin and stands in no table; one Mitrovica was two on some days.
        if "Mitrov" not in one["label"]:
            spellings += [one["names"][language] for language in ("sq", "sr-Latn", "en")]
    known = [one for one, told in _resolved(url, spellings) if told["status"] == "matched"]
    return list(islice(cycle(known), NAMES))


def _resolved(url: str, names: list[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    answer = httpx.post(
        f"{url}/v1/municipality-resolutions", json={"names": names}, headers=ENGLISH, timeout=30
    )
    return zip(names, answer.raise_for_status().json()["items"], strict=True)


def _compare(ours: str, peer: str, names: list[str]) -> None:
    told = httpx.post(f"{peer}/resolve", json={"names": names}, timeout=30).json()["items"]
    for (_, mine), other in zip(_resolved(ours, names), told, strict=True):
        if (mine["slug"], mine["label"]) != (other["slug"], other["label"]):
            raise RuntimeError("The peer resolves otherwise: nothing can be compared.")
    mine = (
        httpx.get(f"{ours}/v1/offices/counts?{_COUNTS.format(day=_DAY)}").raise_for_status().json()
    )
    other = httpx.get(f"{peer}/counts?{_BY_HAND.format(day=_DAY)}").raise_for_status().json()
    counted = [
        {(one["sex"], one["municipality"], one["count"]) for one in answer["items"]}
        for answer in (mine, other)
    ]
    if counted[0] != counted[1] or mine["seat_count"] != other["seat_count"]:
        raise RuntimeError("The peer counts otherwise: nothing can be compared.")
