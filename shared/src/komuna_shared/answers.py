"""Answers made of bytes: versioned, cacheable, and without a second pass over the rows."""

from collections.abc import Sequence
from typing import Annotated, Any, cast

from fastapi import Depends, Request
from pydantic import TypeAdapter
from starlette.responses import Response

from komuna_shared.errors import NotAcceptableError
from komuna_shared.etags import etag, not_modified
from komuna_shared.guard import accepts

PUBLIC = "public, max-age=60, stale-while-revalidate=300"
PRIVATE = "private, no-cache"
NO_STORE = "no-store"

JSON = "application/json"
MEDIA_TYPES = {
    "json": JSON,
    "csv": "text/csv",
    "ndjson": "application/x-ndjson",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "sdmx-csv": "application/vnd.sdmx.data+csv",
    "sdmx-json": "application/vnd.sdmx.data+json",
    "json-stat": "application/vnd.json-stat+json",
    "parquet": "application/vnd.apache.parquet",
}


async def read_language(request: Request) -> str:
    """Return the language that the access layer chose for the caller."""
    return cast("str", request.scope["state"]["language"])


Language = Annotated[str, Depends(read_language)]


def negotiate_format(request: Request, offered: Sequence[str]) -> str:
    """Return one of the offered formats; `format=` beats `Accept`, and the first is the default."""
    named = request.query_params.get("format")
    if named is not None:
        if named in offered:
            return named
    else:
        accept = request.headers.get("accept", "*/*").encode()
        for one in offered:
            if accepts(accept, MEDIA_TYPES[one]):
                return one
    raise NotAcceptableError(offered=", ".join(f"{MEDIA_TYPES[one]} ({one})" for one in offered))


def answer(
    request: Request,
    adapter: TypeAdapter[Any],
    value: Any,
    *,
    tag: str | None = None,
    cache: str = PRIVATE,
    status: int = 200,
) -> Response:
    """Return a value as JSON, or 304; without `tag`, what may be cached is tagged by its bytes."""
    if tag is not None and not_modified(request, tag):
        return _unchanged(tag, cache)
    body = adapter.dump_json(value)
    return answer_bytes(request, body, media_type=JSON, tag=tag, cache=cache, status=status)


def answer_bytes(  # noqa: PLR0913 -- what an answer is made of.
    request: Request,
    body: bytes,
    *,
    media_type: str,
    tag: str | None = None,
    cache: str = PRIVATE,
    status: int = 200,
    filename: str | None = None,
) -> Response:
    """Return bytes as they are, or 304."""
    if tag is None and cache != NO_STORE:
        tag = etag(body, key=request.app.state.etag_key)
    if tag is not None and not_modified(request, tag):
        return _unchanged(tag, cache)
    headers = {"cache-control": cache} | ({"etag": tag} if tag else {})
    if filename is not None:
        headers["content-disposition"] = f'attachment; filename="{filename}"'
    return Response(body, status, headers=headers, media_type=media_type)


def csv_answer(
    request: Request, body: bytes, *, filename: str, tag: str | None = None, cache: str = PRIVATE
) -> Response:
    """Return a CSV file, or 304."""
    return answer_bytes(
        request, body, media_type="text/csv", tag=tag, cache=cache, filename=filename
    )


def _unchanged(tag: str, cache: str) -> Response:
    return Response(status_code=304, headers={"etag": tag, "cache-control": cache})
