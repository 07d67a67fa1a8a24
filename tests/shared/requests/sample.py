"""A small service with one route of each kind, made as every service is made."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, FastAPI, Header, Query, Request
from pydantic import BaseModel, ConfigDict, Field, SecretStr, TypeAdapter, field_validator
from pydantic_core import PydanticCustomError
from starlette.responses import Response, StreamingResponse

from komuna_shared.access import Principal, public, requires
from komuna_shared.answers import PUBLIC, Language, answer, negotiate_format
from komuna_shared.app import create_service
from komuna_shared.errors import ConflictError
from komuna_shared.etags import check_if_match, etag
from komuna_shared.settings import ServiceSettings
from komuna_shared.testing import Issuer

CSV = ("text/csv", "application/x-ndjson")

Reader = Annotated[Principal, requires("sample.things.read")]
Writer = Annotated[
    Principal,
    requires("sample.things.write", media=("application/json", "application/merge-patch+json")),
]
Importer = Annotated[Principal, requires("sample.imports.write", body=100_000, media=CSV)]
Feeder = Annotated[Principal, requires("service.things.read")]

router = APIRouter(prefix="/v1", tags=["things"], redirect_slashes=False)


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid")

    age: int
    names: dict[str, str] = Field(default_factory=dict)


class ThingIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    title: str = Field(max_length=40)
    parts: list[Part] = Field(default_factory=list)

    @field_validator("title")
    @classmethod
    def _check_said(cls, title: str) -> str:
        if title == "-":
            raise PydanticCustomError("missing_value", "A value is missing.")
        if title == "?":
            raise PydanticCustomError("doubtful", f"{title} is no sentence of ours")
        return title


class ThingOut(BaseModel):
    id: str
    title: str


class LockedError(ConflictError):
    code = "thing_locked"
    detail = "This thing is locked."


@router.get("/things")
async def list_things(
    caller: Reader,
    kind: Annotated[list[str] | None, Query()] = None,
    size: int = 5,
    flavour: Annotated[int, Header()] = 1,
) -> list[ThingOut]:
    """List things."""
    return [ThingOut(id=str(size * flavour), title=f"{caller.subject} {kind}")]


@router.get("/things/public", response_model=ThingOut)
async def get_public_thing(
    request: Request, caller: Annotated[Principal | None, public()], language: Language
) -> Response:
    """Return what everybody may see."""
    seen = ThingOut(id="1", title=f"{caller.subject if caller else 'nobody'} reads {language}")
    return answer(request, TypeAdapter(ThingOut), seen, cache=PUBLIC)


@router.get("/things/report")
async def get_report(request: Request, _: Reader, format: str | None = None) -> Response:  # noqa: A002, ARG001
    """Return a report in one of its formats."""
    return Response(negotiate_format(request, ("json", "csv")), media_type="text/plain")


@router.post("/things", status_code=201)
async def make_thing(request: Request, _: Writer, thing: ThingIn) -> ThingOut:
    """Make a thing."""
    return ThingOut(id=request.scope["state"]["body_digest"][:8], title=thing.title)


@router.get("/things/{thing_id}")
async def get_thing(thing_id: UUID, _: Reader) -> ThingOut:
    """Return a thing."""
    return ThingOut(id=str(thing_id), title="one")


@router.put("/things/{thing_id}")
async def replace_thing(request: Request, thing_id: UUID, _: Writer, thing: ThingIn) -> ThingOut:
    """Replace a thing."""
    check_if_match(request, etag(thing_id, 1, key=request.app.state.etag_key))
    return ThingOut(id=str(thing_id), title=thing.title)


@router.delete("/things/{thing_id}", status_code=204)
async def lock_thing(thing_id: UUID, _: Writer) -> None:  # noqa: ARG001
    """Refuse to delete a thing."""
    raise LockedError


@router.post("/imports", status_code=202)
async def import_things(request: Request, _: Importer) -> dict[str, int]:
    """Count the bytes of a stream."""
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
    return {"bytes": size}


@router.get("/feed")
async def read_feed(_: Feeder) -> dict[str, str]:
    """Return what only services read."""
    return {"feed": "empty"}


@router.get("/broken")
async def break_down(_: Reader, secret: str = "") -> None:
    """Fail with the received value in the message."""
    raise RuntimeError(f"cannot read {secret}")


@router.get("/broken-answer", response_model=ThingOut)
async def break_answer(_: Reader, secret: str = "") -> Any:
    """Answer with what is no thing."""
    return {"id": 1, "title": [secret]}


@router.get("/broken-stream")
async def break_stream(_: Annotated[Principal | None, public()]) -> StreamingResponse:
    """Fail when half of the answer is out."""

    async def pieces() -> AsyncIterator[bytes]:
        yield b"half"
        raise RuntimeError("no more")

    return StreamingResponse(pieces(), media_type="application/json")


def make_settings(issuer: Issuer, folder: Path, **overrides: Any) -> ServiceSettings:
    given: dict[str, Any] = {
        "issuer": issuer.url,
        "jwks_url": issuer.jwks_file(folder / "jwks.json"),
        # Nothing listens on port 1: these routes need no database.
        "database_url": SecretStr("postgresql+asyncpg://nobody:nothing@127.0.0.1:1/none"),
        "cursor_key": SecretStr("one-key-for-the-tests-of-the-request-side"),
    }
    return ServiceSettings(**(given | overrides))


def make_api(issuer: Issuer, folder: Path, **overrides: Any) -> FastAPI:
    settings = make_settings(issuer, folder, **overrides)
    return create_service("sample", settings=settings, routers=[router])
