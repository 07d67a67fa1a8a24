"""What every operation asks and answers, completed in the document of a service."""

from typing import Any

from komuna_shared.errors import (
    BadRequestError,
    ConflictError,
    ForbiddenError,
    HeadersTooLargeError,
    NotAcceptableError,
    NotFoundError,
    PreconditionFailedError,
    PreconditionRequiredError,
    RuleError,
    ServiceError,
    SlowRequestError,
    TooLargeError,
    TooManyRequestsError,
    UnauthorizedError,
    UnavailableError,
    UnsupportedMediaTypeError,
    UriTooLongError,
)
from komuna_shared.languages import LANGUAGES
from komuna_shared.problems import MEDIA_TYPE
from komuna_shared.routing import Route

_ALWAYS: tuple[type[ServiceError], ...] = (
    BadRequestError,
    NotAcceptableError,
    UriTooLongError,
    TooManyRequestsError,
    HeadersTooLargeError,
    ServiceError,
    UnavailableError,
)
_REFERENCE = {"schema": {"$ref": "#/components/schemas/Problem"}}
_TEXT = {"type": "string"}
# A header whose absence has a code of its own: our code asks for it, the document demands it.
DEMANDED: dict[str, Any] = {"x-demanded": True}
# Every route has these without naming them.
PARAMETERS: dict[str, dict[str, Any]] = {
    "Lang": {
        "name": "lang",
        "in": "query",
        "description": "The language of the answer; it beats `Accept-Language`.",
        "schema": {"type": "string", "enum": [*LANGUAGES, "sr"]},
        "example": "en",
    },
    "AcceptLanguage": {
        "name": "Accept-Language",
        "in": "header",
        "description": "The languages you read; Albanian unless given.",
        "schema": _TEXT,
        "example": "sr-Latn, en;q=0.5",
    },
    "IfNoneMatch": {
        "name": "If-None-Match",
        "in": "header",
        "description": "An `ETag` that you have; while it is the present one the answer is 304.",
        "schema": _TEXT,
    },
    "IfMatch": {
        "name": "If-Match",
        "in": "header",
        "required": True,
        "description": "The `ETag` that you read: what changed since is not overwritten.",
        "schema": _TEXT,
    },
}
# A segment of a path is never encoded, and none of our codes is longer.
_SEGMENT = {"pattern": "^[A-Za-z0-9_~-][A-Za-z0-9._~-]*$", "minLength": 1, "maxLength": 200}


def complete(operation: dict[str, Any], route: Route, method: str) -> None:
    """Say who may call, what every route reads, and every problem it may answer with."""
    access = route.access
    # A public route that shows more to whoever says who they are has said so itself.
    operation.setdefault("security", [] if access.is_public else [{"bearer": list(access.scopes)}])
    _ask(operation, method)
    answers = operation.setdefault("responses", {})
    # FastAPI lists its own 422 wherever there is any parameter; ours is listed where it occurs.
    if "HTTPValidationError" in str(answers.get("422", "")):
        del answers["422"]
    if method == "GET":
        answers["304"] = {"description": "You have this version already."}
    for kind in _problems(operation, route, method):
        answers.setdefault(str(kind.status), {"description": kind.title})
    for status, described in answers.items():
        if status >= "4":
            described.setdefault("description", "A problem.")
            described["content"] = {MEDIA_TYPE: _REFERENCE}
    operation["responses"] = dict(sorted(answers.items()))


def _ask(operation: dict[str, Any], method: str) -> None:
    """Complete what a caller may say: what every route reads, and what FastAPI cannot know."""
    asked: list[dict[str, Any]] = operation.setdefault("parameters", [])
    for one in asked:
        schema = one["schema"] = _said(one["schema"])
        if schema.pop("x-demanded", False):
            one["required"] = True
        if one["in"] == "path" and "format" not in schema:
            one["schema"] = _SEGMENT | schema
    more = ["Lang", "AcceptLanguage", *_versions(operation, method)]
    asked += [{"$ref": f"#/components/parameters/{name}"} for name in more]


def _versions(operation: dict[str, Any], method: str) -> list[str]:
    if method == "GET":
        return ["IfNoneMatch"]
    # A route of its own kind says itself how it reads a version.
    is_told = any(one["name"] == "If-Match" for one in operation["parameters"])
    asks = method != "POST" or "428" in operation.get("responses", {})
    return ["IfMatch"] if asks and not is_told else []


def _said(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a parameter without null, which no query and no header can say."""
    choices = [one for one in schema.get("anyOf", ()) if one.get("type") != "null"]
    if len(choices) != 1:
        return schema
    return {**choices[0], **{key: value for key, value in schema.items() if key != "anyOf"}}


def _problems(operation: dict[str, Any], route: Route, method: str) -> list[type[ServiceError]]:
    kinds = list(_ALWAYS)
    if not route.access.is_public:
        kinds += [UnauthorizedError, ForbiddenError]
    named = [one for one in operation["parameters"] if "$ref" not in one]
    if any(one["in"] == "path" for one in named):
        kinds.append(NotFoundError)
    if any(one["in"] == "header" for one in named):
        kinds.append(RuleError)
    if any(one["name"] == "Idempotency-Key" for one in named):
        # A repeated request may be about something that is gone by now.
        kinds += [ConflictError, NotFoundError]
    if method not in {"GET", "POST"}:
        kinds += [ConflictError, PreconditionFailedError, PreconditionRequiredError]
    if "requestBody" in operation:
        kinds += [SlowRequestError, TooLargeError, UnsupportedMediaTypeError, RuleError]
    return kinds
