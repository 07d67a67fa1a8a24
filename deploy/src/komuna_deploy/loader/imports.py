"""One file through a service's public import: post it, follow the job, tell what is wrong."""

import asyncio
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx

from komuna_deploy.errors import OperatorError

from .manifest import Load

_ACCEPTED = 202
_WAIT_FOR = (403, 429, 503)
_PATIENCE = 20.0
_UNFINISHED = ("queued", "running")
_DONE = "succeeded"
_SHOWN_PROBLEMS = 5


class RefusedLoadError(OperatorError):
    """A file did not go in."""

    def __init__(self, load: Load, why: str) -> None:
        super().__init__(
            f"{load.name} was not taken in: {why}",
            f"Correct {load.path} and start again; nothing of it was written.",
        )


@dataclass(frozen=True)
class Gateway:
    """The public door, and who asks there."""

    client: httpx.AsyncClient
    fresh_token: Callable[[], str]

    async def ask(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Send one request as the persona."""
        headers = {
            "Authorization": f"Bearer {self.fresh_token()}",
            "Accept-Language": "en",
            **options.pop("headers", {}),
        }
        return await self.client.request(method, path, headers=headers, **options)


async def load_file(gateway: Gateway, load: Load) -> dict[str, Any]:
    """Take one file in and return the finished job, or raise with its first problems."""
    job, replayed = await _post(gateway, load, load.digest())
    job = await _finished(gateway, load, job)
    if job["state"] != _DONE and replayed:
        # The answer of an earlier start, when what the file builds on may have been missing.
        job, _ = await _post(gateway, load, f"{load.digest()[:48]}-{secrets.token_hex(4)}")
        job = await _finished(gateway, load, job)
    if job["state"] != _DONE:
        raise RefusedLoadError(load, await _problems(gateway, load, job))
    return job


async def _finished(gateway: Gateway, load: Load, job: dict[str, Any]) -> dict[str, Any]:
    pause = 0.02
    while job["state"] in _UNFINISHED:
        await asyncio.sleep(pause)
        pause = min(pause * 1.5, 0.5)
        answer = await gateway.ask("GET", _path(load, job))
        if answer.status_code not in (200, *_WAIT_FOR):
            raise RefusedLoadError(load, _refusal(answer))
        job = dict(answer.json()) if answer.status_code not in _WAIT_FOR else job
    return job


def _path(load: Load, job: dict[str, Any]) -> str:
    return f"/{load.service}/v1/imports/{job['id']}"


async def _post(gateway: Gateway, load: Load, key: str) -> tuple[dict[str, Any], bool]:
    until = time.monotonic() + _PATIENCE
    while True:
        answer = await gateway.ask(
            "POST",
            f"/{load.service}/v1/imports",
            params={"collection": load.collection},
            content=load.path.read_bytes(),
            headers={"Content-Type": load.media, "Idempotency-Key": key},
        )
        if answer.status_code == _ACCEPTED:
            return dict(answer.json()), "Idempotent-Replayed" in answer.headers
        # A new account reaches the other services with the next reading of registry's feed.
        if answer.status_code not in _WAIT_FOR or time.monotonic() > until:
            raise RefusedLoadError(load, _refusal(answer))
        await asyncio.sleep(float(answer.headers.get("Retry-After", "0.3")))


async def _problems(gateway: Gateway, load: Load, job: dict[str, Any]) -> str:
    answer = await gateway.ask("GET", f"{_path(load, job)}/problems")
    found = answer.json().get("items", []) if answer.status_code == 200 else []  # noqa: PLR2004
    lines = [f"row {p['row']}, {p['column']}: {p['code']}" for p in found[:_SHOWN_PROBLEMS]]
    return "; ".join(lines) or str(job["code"] or job["state"])


def _refusal(answer: httpx.Response) -> str:
    try:
        problem = answer.json()
    except ValueError:
        return f"HTTP {answer.status_code}"
    return f"HTTP {answer.status_code} {problem.get('code', '')}: {problem.get('detail', '')}"
