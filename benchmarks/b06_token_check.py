"""Row 6: what a token costs, known and unknown, against the library that checks it."""

import asyncio
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from joserfc import jwt

from benchmarks.results import Result
from komuna_shared.settings import Settings
from komuna_shared.testing import Issuer
from komuna_shared.tokens import SIGNATURES, Verifier, bearer

ID = 6
NAME = "token check from the cache; uncached vs the library alone"
TARGET = "<= 3 µs; <= 1.5x"
MOST_CACHED_US = 3.0
MOST_UNCACHED = 1.5
ROUNDS = 7
TIMES = 1000


def run() -> Result:
    """Measure in turns, in this process: CPU time only."""
    issuer = Issuer()
    with tempfile.TemporaryDirectory() as name:
        url = issuer.jwks_file(Path(name) / "jwks.json")
        settings = Settings(issuer=issuer.url, jwks_url=url)
        return asyncio.run(_measure(Verifier(settings), issuer))


async def _measure(verifier: Verifier, issuer: Issuer) -> Result:
    await verifier.start()
    scopes = ["registry.read", "indicators.read"]
    headers = [f"Bearer {issuer.token('persona:a', scopes)}".encode() for _ in range(TIMES)]
    tokens = [bearer(header) or "" for header in headers]
    spent: dict[str, list[float]] = {"cached": [], "uncached": [], "library": []}
    for _ in range(ROUNDS):
        spent["library"].append(_spent(lambda: [_decode(token, issuer) for token in tokens]))
        verifier._forget()  # noqa: SLF001 -- what a rotation of keys does.
        started = time.process_time()
        for token in tokens:
            await verifier.verify(token)
        spent["uncached"].append((time.process_time() - started) * 1e6 / TIMES)
        spent["cached"].append(_spent(lambda: [verifier.cached(bearer(h) or "") for h in headers]))
    await verifier.close()
    return _result({f"{name}_us": statistics.median(times) for name, times in spent.items()})


def _result(figures: dict[str, float]) -> Result:
    figures["uncached_ratio"] = figures["uncached_us"] / figures["library_us"]
    return Result(
        figures=figures,
        met=figures["cached_us"] <= MOST_CACHED_US and figures["uncached_ratio"] <= MOST_UNCACHED,
        cpu_us={"cached": figures["cached_us"], "uncached": figures["uncached_us"]},
        peer="joserfc",
        rounds=ROUNDS,
        dropped=0,
    )


def _decode(token: str, issuer: Issuer) -> object:
    return jwt.decode(token, issuer.key, algorithms=["EdDSA"], registry=SIGNATURES)


def _spent(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return (time.process_time() - started) * 1e6 / TIMES
