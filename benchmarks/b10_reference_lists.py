"""Row 10: lists that everybody asks for, from kept bytes, against a route that does nothing."""

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial

import httpx

from benchmarks.load import TESTED, needs, wrk
from benchmarks.results import Result
from benchmarks.sampling import Measured, Variant, alternate
from benchmarks.servers import Server, answering, free_port, running
from benchmarks.whole import Whole, komuna

ID = 10
NAME = "reference lists vs a trivial route of the same FastAPI; 304 vs 200"
TARGET = ">= 0.85x of the trivial route's req/s, at 32 connections; 304 not slower than 200"
LEAST, LEAST_304 = 0.85, 1.0
LISTS = {"registry": "/v1/municipalities", "indicators": "/v1/indicators"}
TRIVIAL = "/v1/nothing"
SECONDS = 2


def run() -> Result:
    """Measure both lists, their 304 and the trivial routes in turns."""
    needs("wrk", "taskset")
    with komuna() as whole, ExitStack() as servers:
        variants: dict[str, Variant] = {}
        for name, path in LISTS.items():
            server = servers.enter_context(_service(whole, name))
            tag = httpx.get(server.url + path).raise_for_status().headers["etag"]
            for kind, asked, headers in (
                ("list", path, {}),
                ("304", path, {"If-None-Match": tag}),
                ("trivial", TRIVIAL, {}),
            ):
                variants[f"{name} {kind}"] = _variant(server, asked, headers, whole)
        bare = servers.enter_context(_server("create_bare", {}))
        variants["bare"] = _variant(bare, TRIVIAL, {}, whole)
        measured = alternate(variants)
    figures = _figures(measured)
    return Result(
        figures=figures,
        met=all(
            figures[f"{name}_ratio"] >= LEAST and figures[f"{name}_304_ratio"] >= LEAST_304
            for name in LISTS
        ),
        cpu_us={kind: measured.median(kind, "cpu_us") for kind in variants},
        peer="a route of the same API that does nothing",
        rounds=measured.rounds,
        dropped=measured.dropped,
    )


def _figures(measured: Measured) -> dict[str, float]:
    figures: dict[str, float] = {}
    for name in LISTS:
        figures[f"{name}_ratio"] = measured.ratio("rate", f"{name} list", f"{name} trivial")
        figures[f"{name}_304_ratio"] = measured.ratio("rate", f"{name} 304", f"{name} list")
        figures[f"{name}_cpu_ratio"] = measured.ratio("cpu_us", f"{name} trivial", f"{name} list")
        figures[f"{name}_rate"] = measured.median(f"{name} list", "rate")
        # Not demanded: FastAPI without our layers, which check nothing and log nothing there.
        figures[f"{name}_bare_ratio"] = measured.ratio("rate", f"{name} list", "bare")
    return figures


def _variant(server: Server, path: str, headers: dict[str, str], whole: Whole) -> Variant:
    ask = partial(wrk, server.url + path, connections=32, seconds=SECONDS, headers=headers)
    return Variant(ask, server.process, whole.others)


@contextmanager
def _service(whole: Whole, name: str) -> Iterator[Server]:
    secrets = whole.home.secret_path("jwks.json").parent
    variables = {
        "KOMUNA_ISSUER": "http://127.0.0.1",
        "KOMUNA_JWKS_URL": f"file://{secrets}/jwks.json",
        "KOMUNA_DATABASE_URL_FILE": f"{secrets}/{name}_database_url",
        "KOMUNA_CURSOR_KEY_FILE": f"{secrets}/{name}_cursor_key",
        "KOMUNA_REGISTRY_URL": whole.services["registry"],
    }
    with _server(f"create_{name}", variables) as server:
        yield server


@contextmanager
def _server(factory: str, variables: dict[str, str]) -> Iterator[Server]:
    port = free_port()
    protocol = "komuna_shared.server:Protocol" if variables else "httptools"
    command = [
        *(sys.executable, "-m", "uvicorn", "--factory", f"benchmarks.trivial:{factory}"),
        *("--host", "127.0.0.1", "--port", str(port), "--loop", "uvloop", "--http", protocol),
        *("--no-access-log", "--no-server-header", "--no-proxy-headers"),
    ]
    with running(command, TESTED, {**os.environ, **variables}) as process:
        yield answering(port, process)
