"""Problem documents (RFC 9457) in the caller's language, without anything the caller sent."""

import re
from typing import Any

import orjson
from starlette.responses import Response

from komuna_shared.errors import FieldError, ServiceError
from komuna_shared.languages import translate

MEDIA_TYPE = "application/problem+json"

# What pydantic finds, in words that repeat no value; anything else gets the last sentence.
FIELD_SENTENCES = {
    "missing": "This is required.",
    "unknown_field": "There is a field here that is not known.",
    "unknown_parameter": "There is a parameter that is not known. Known are: {known}.",
    "repeated_parameter": "This may be given only once.",
    "enum": "This is not one of the values that exist.",
    "literal_error": "This is not one of the values that exist.",
    "date": "This is not a date like `2026-11-21`.",
    "datetime": "This is not an instant like `2026-11-21T09:30:00Z`.",
    "timezone_aware": "This is not an instant like `2026-11-21T09:30:00Z`.",
    "int": "This is not a whole number.",
    "decimal": "This is not a number.",
    "float": "This is not a number.",
    "bool": "This is neither true nor false.",
    "uuid": "This is not a `UUID`.",
    "string_too_short": "This is too short.",
    "string_too_long": "This is too long.",
    "string_pattern_mismatch": "This does not have the form that is needed.",
    "string": "This is not text.",
    "too_short": "There are too few entries.",
    "too_long": "There are too many entries.",
    "greater_than": "This is too small.",
    "greater_than_equal": "This is too small.",
    "less_than": "This is too large.",
    "less_than_equal": "This is too large.",
    "list": "This is not a list.",
    "model": "This is not an object.",
    "dict": "This is not an object.",
}
OTHER_SENTENCE = "This is not accepted here."

_KIND = re.compile(r"_(?:type|parsing|from|attributes|invalid|object).*$")


def problem(
    error: ServiceError, *, language: str, trace_id: str, public_url: str = ""
) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
    """Return status, headers and body of the problem document of an error."""
    document: dict[str, Any] = {
        "type": f"{public_url}/problems/{error.code}",
        "title": translate(error.title, language),
        "status": error.status,
        "detail": translate(error.detail, language, **error.params),
        "instance": f"urn:uuid:{trace_id}",
        "code": error.code,
        "trace_id": trace_id,
    }
    if error.errors:
        document["errors"] = [_field(one, error, language) for one in error.errors]
    body = orjson.dumps(document)
    headers = [
        (b"content-type", b"application/problem+json"),
        (b"content-length", str(len(body)).encode()),
        (b"content-language", language.encode()),
        (b"cache-control", b"no-store"),
        *((name.encode(), value.encode()) for name, value in error.headers.items()),
    ]
    return error.status, headers, body


def problem_response(
    error: ServiceError, *, language: str, trace_id: str, public_url: str = ""
) -> Response:
    """Return the problem document of an error as a response."""
    status, headers, body = problem(
        error, language=language, trace_id=trace_id, public_url=public_url
    )
    response = Response(body, status)
    response.raw_headers = headers
    return response


def sentence_of(code: str, otherwise: str = OTHER_SENTENCE) -> str:
    """Return the sentence that explains the code of a field error."""
    return FIELD_SENTENCES.get(code) or FIELD_SENTENCES.get(_KIND.sub("", code), otherwise)


def trace_id_of(hexadecimal: str) -> str:
    """Return 32 hexadecimal digits of a trace as the text of a UUID."""
    h = hexadecimal
    return f"{h[:8]}-{h[8:12]}-{h[12:16]}-{h[16:20]}-{h[20:]}"


def _field(one: FieldError, error: ServiceError, language: str) -> dict[str, str]:
    whole = error.detail if one.code == error.code else OTHER_SENTENCE
    sentence = one.detail or sentence_of(one.code, whole)
    said = translate(sentence, language, **{**error.params, **one.params})
    return {"pointer": one.pointer, "code": one.code, "detail": said}
