"""How offices and tenures are answered: as plain values, under a tag of what was shown."""

from typing import Any

from fastapi import Request, Response
from pydantic import TypeAdapter

from komuna_shared.answers import answer
from komuna_shared.etags import etag
from komuna_shared.idempotency import Made

# Plain values: rows of Postgres are shown as they are, tests hold them to the documented shapes.
PLAIN = TypeAdapter(dict[str, Any])


def tag_of(request: Request, shown: dict[str, Any]) -> str:
    """Return the tag under which `answer` served these values."""
    return etag(PLAIN.dump_json(shown), key=request.app.state.etag_key)


def made_answer(request: Request, made: Made, address: str, shown: dict[str, Any]) -> Response:
    """Return what was made, now or when the request came first, and where it is."""
    answered = answer(request, PLAIN, shown, status=201)
    answered.headers.update(made.headers)
    answered.headers["Location"] = f"{request.app.state.base_url}/v1/{address}"
    return answered
