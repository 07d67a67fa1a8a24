"""Whether the gateway lives, and whether what it leads to can be reached."""

import asyncio
from importlib.metadata import version
from time import monotonic
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Request
from starlette.responses import Response

from komuna_gateway.proxy import Service
from komuna_gateway.transport import Outgoing, UpstreamError
from komuna_shared.access import Principal, public
from komuna_shared.errors import UnavailableError

router = APIRouter(tags=["gateway"], redirect_slashes=False)

Asking = Annotated[Principal | None, public()]

SCOPE = "ops.read"
SECONDS = 2.0
# The question is free for everyone, so it must not become a stream of questions to the services.
FRESH_SECONDS = 1.0


class Readiness:
    """What the services said last about being ready."""

    def __init__(self, services: dict[str, Service]) -> None:
        self._services = services
        self._asked_at = -FRESH_SECONDS
        self._found: dict[str, bool] = {}
        self._lock = asyncio.Lock()

    async def ask(self) -> dict[str, bool]:
        """Return for each service whether it is ready."""
        async with self._lock:
            if monotonic() - self._asked_at >= FRESH_SECONDS:
                answers = await asyncio.gather(*(_is_ready(one) for one in self._services.values()))
                self._found = dict(zip(self._services, answers, strict=True))
                self._asked_at = monotonic()
            return self._found


@router.get("/livez", include_in_schema=False, dependencies=[public()])
async def read_life() -> Response:
    """Say that the gateway runs."""
    return _json({"status": "ok"})


@router.get("/readyz", include_in_schema=False)
async def read_readiness(
    request: Request, principal: Asking, verbose: str | None = None
) -> Response:
    """Say whether every service can be reached; which one cannot is for ops."""
    state = request.app.state
    checks = {**await state.readiness.ask(), "keys": state.verifier.is_ready}
    is_ready = all(checks.values())
    if verbose is not None and principal is not None and SCOPE in principal.scopes:
        shut = [name for name, service in state.services.items() if service.gate.is_shut]
        return _json({"checks": checks, "left_alone": shut}, 200 if is_ready else 503)
    if not is_ready:
        raise UnavailableError
    return _json({"status": "ok"})


@router.get("/version", dependencies=[public()])
async def get_version() -> Response:
    """Return the version that runs. Everybody may ask; nothing is recorded."""
    return _json({"service": "gateway", "version": version("komuna-gateway")})


async def _is_ready(service: Service) -> bool:
    try:
        answer = await service.transport.send(Outgoing("GET", "/readyz", [], SECONDS))
    except UpstreamError:
        return False
    await answer.close()
    return answer.status == 200  # noqa: PLR2004 -- the status says it.


def _json(value: dict[str, Any], status: int = 200) -> Response:
    return Response(
        orjson.dumps(value),
        status,
        headers={"cache-control": "no-store"},
        media_type="application/json",
    )
