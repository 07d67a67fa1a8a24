"""Where to start: what there is, where it is described, and what its limits are."""

from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Header, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import RedirectResponse, Response

from komuna_gateway import upstreams
from komuna_gateway.quotas import PERIOD, Quotas
from komuna_gateway.settings import Settings
from komuna_shared import wire
from komuna_shared.access import public
from komuna_shared.answers import PUBLIC

router = APIRouter(tags=["gateway"], redirect_slashes=False)

LINKSET = 'application/linkset+json; profile="https://www.rfc-editor.org/info/rfc9727"'


class ServiceOut(BaseModel):
    """One service, and where its API begins."""

    name: str = Field(examples=["registry"])
    url: str = Field(examples=["http://localhost:8080/registry/v1"])


class StartOut(BaseModel):
    """Where everything is."""

    name: str = Field(examples=["Komuna"])
    docs: str = Field(examples=["http://localhost:8080/docs"])
    openapi: str = Field(examples=["http://localhost:8080/openapi.json"])
    problems: str = Field(examples=["http://localhost:8080/problems"])
    limits: str = Field(examples=["http://localhost:8080/limits"])
    services: list[ServiceOut]


class QuotaOut(BaseModel):
    """How many requests one kind of caller may make."""

    name: str = Field(examples=["caller"])
    requests: int = Field(examples=[1200])
    seconds: int = Field(examples=[60])


class LimitsOut(BaseModel):
    """What a request may be at most."""

    model_config = ConfigDict(
        json_schema_extra={"description": "Sizes are bytes, times are seconds of a whole request."}
    )

    request_line_bytes: int = Field(examples=[4096])
    header_bytes: int = Field(examples=[8192])
    headers_bytes: int = Field(examples=[16384])
    headers_count: int = Field(examples=[64])
    json_body_bytes: int = Field(examples=[1048576])
    import_body_bytes: int = Field(examples=[67108864])
    request_seconds: float = Field(examples=[10.0])
    import_seconds: float = Field(examples=[300.0])
    export_seconds: float = Field(examples=[300.0])
    quotas: list[QuotaOut]


async def read_settings(request: Request) -> Settings:
    """Return the gateway's settings."""
    settings: Settings = request.app.state.settings
    return settings


async def read_quotas(request: Request) -> Quotas:
    """Return the quotas of all callers."""
    quotas: Quotas = request.app.state.quotas
    return quotas


@router.get("/", response_model=StartOut, dependencies=[public()])
async def get_start(
    settings: Annotated[Settings, Depends(read_settings)],
    response: Response,
    accept: Annotated[str, Header(include_in_schema=False)] = "",
) -> Any:
    """Return where everything is; a browser goes on to the documentation.

    Everybody may call this; nothing is recorded.
    """
    # A browser names HTML; what accepts anything is a program.
    if "text/html" in accept:
        return RedirectResponse("/docs", 307, headers={"cache-control": PUBLIC})
    response.headers["cache-control"] = PUBLIC
    base = settings.public_url
    return StartOut(
        name="Komuna",
        docs=f"{base}/docs",
        openapi=f"{base}/openapi.json",
        problems=f"{base}/problems",
        limits=f"{base}/limits",
        services=[
            ServiceOut(name=one.name, url=f"{base}/{one.name}/v1") for one in upstreams.UPSTREAMS
        ],
    )


@router.get("/limits", dependencies=[public()])
async def get_limits(
    quotas: Annotated[Quotas, Depends(read_quotas)], response: Response
) -> LimitsOut:
    """Return how large, how long and how frequent requests may be.

    Everybody may call this; nothing is recorded.
    """
    response.headers["cache-control"] = PUBLIC
    return LimitsOut(
        request_line_bytes=wire.MAX_REQUEST_LINE,
        header_bytes=wire.MAX_HEADER,
        headers_bytes=wire.MAX_HEADER_BLOCK,
        headers_count=wire.MAX_HEADERS,
        json_body_bytes=upstreams.USUAL.body,
        import_body_bytes=upstreams.IMPORT.body,
        request_seconds=upstreams.USUAL.seconds,
        import_seconds=upstreams.IMPORT.seconds,
        export_seconds=upstreams.EXPORT.seconds,
        quotas=[
            QuotaOut(name=one.name, requests=one.requests, seconds=PERIOD)
            for one in (quotas.verified, quotas.address, quotas.open_body)
        ],
    )


@router.get("/.well-known/api-catalog", include_in_schema=False, dependencies=[public()])
async def get_catalogue(settings: Annotated[Settings, Depends(read_settings)]) -> Response:
    """Return the catalogue of APIs (RFC 9727)."""
    base = settings.public_url
    described = {
        "service-desc": [{"href": f"{base}/openapi.json", "type": "application/json"}],
        "service-doc": [{"href": f"{base}/docs", "type": "text/html"}],
        "status": [{"href": f"{base}/readyz", "type": "application/json"}],
    }
    linkset = [{"anchor": f"{base}/{one.name}/v1"} | described for one in upstreams.UPSTREAMS]
    return Response(
        orjson.dumps({"linkset": linkset}),
        headers={"cache-control": PUBLIC},
        media_type=LINKSET,
    )
