"""The kinds of failure a caller can act on; plain Python, so that rules may raise them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class FieldError:
    """One thing wrong with one place of a request; `params` hold trusted text only."""

    pointer: str
    code: str
    detail: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)


class ServiceError(Exception):
    """A failure with a stable code; `detail` may have placeholders that only `params` fill."""

    status: ClassVar[int] = 500
    code: str = "internal_error"
    title: ClassVar[str] = "Something went wrong on our side"
    detail: str = "The request was not completed. Name the trace id when you report it."

    def __init__(
        self,
        *,
        errors: tuple[FieldError, ...] = (),
        headers: Mapping[str, str] | None = None,
        **params: Any,
    ) -> None:
        # The message of the exception is its code alone: messages end up in logs and tracebacks.
        super().__init__(self.code)
        self.errors = tuple(errors)
        self.headers = dict(headers or {})
        self.params = params


class BadRequestError(ServiceError):
    """The request is malformed."""

    status = 400
    code = "bad_request"
    title = "The request is malformed"
    detail = "The request could not be read."


class UnauthorizedError(ServiceError):
    """The caller has not shown who they are."""

    status = 401
    code = "unauthorized"
    title = "A valid token is needed"
    detail = "Send a valid access token in the `Authorization` header."

    def __init__(self, **details: Any) -> None:
        super().__init__(**details)
        self.headers.setdefault("www-authenticate", 'Bearer realm="komuna"')


class ForbiddenError(ServiceError):
    """The caller may not do this, and that it exists is no secret."""

    status = 403
    code = "forbidden"
    title = "This is not allowed"
    detail = "Your roles or scopes do not allow this."


class NotFoundError(ServiceError):
    """It does not exist, or not for this caller."""

    status = 404
    code = "not_found"
    title = "Not found"
    detail = "There is nothing here that you may see."


class MethodNotAllowedError(ServiceError):
    """The address exists, but not with this method."""

    status = 405
    code = "method_not_allowed"
    title = "The method is not allowed"
    detail = "The `Allow` header lists the methods of this address."


class NotAcceptableError(ServiceError):
    """No offered format suits the caller."""

    status = 406
    code = "not_acceptable"
    title = "No acceptable format"
    detail = "This address offers: {offered}."

    def __init__(self, *, offered: str = "application/json", **details: Any) -> None:
        super().__init__(offered=offered, **details)


class SlowRequestError(ServiceError):
    """The body came too slowly."""

    status = 408
    code = "request_timeout"
    title = "The request took too long to arrive"
    detail = "The body was not complete in time. Send it again."


class ConflictError(ServiceError):
    """The state of things does not allow it."""

    status = 409
    code = "conflict"
    title = "This conflicts with the present state"
    detail = "Read the present state, then decide again."


class GoneError(ServiceError):
    """What the caller held on to has expired."""

    status = 410
    code = "gone"
    title = "No longer available"
    detail = "This has expired."


class PreconditionFailedError(ServiceError):
    """Someone else changed it in between."""

    status = 412
    code = "precondition_failed"
    title = "It was changed in the meantime"
    detail = "The `If-Match` header does not name the present version. Read it again first."


class TooLargeError(ServiceError):
    """The body is over its cap."""

    status = 413
    code = "too_large"
    title = "The request is too large"
    detail = "The body of this request may have at most {limit} bytes."

    def __init__(self, *, limit: int = 0, **details: Any) -> None:
        super().__init__(limit=limit, **details)


class UriTooLongError(ServiceError):
    """The request line is over its cap."""

    status = 414
    code = "uri_too_long"
    title = "The address is too long"
    detail = "Method, path, and query may have at most {limit} bytes together."


class UnsupportedMediaTypeError(ServiceError):
    """The body is of a type that is not read here."""

    status = 415
    code = "unsupported_media_type"
    title = "The content type is not supported"
    detail = "This address reads: {accepted}."

    def __init__(self, *, accepted: str = "application/json", **details: Any) -> None:
        super().__init__(accepted=accepted, **details)


class RuleError(ServiceError):
    """The request is well formed and breaks a rule."""

    status = 422
    code = "rule_broken"
    title = "The request breaks a rule"
    detail = "The list of errors says what is wrong and where."


class PreconditionRequiredError(ServiceError):
    """A change needs the version it is based on."""

    status = 428
    code = "precondition_required"
    title = "The version is missing"
    detail = "Send the `ETag` that you read as `If-Match`."


class TooManyRequestsError(ServiceError):
    """The caller asks too often."""

    status = 429
    code = "too_many_requests"
    title = "Too many requests"
    detail = "Wait for the number of seconds in the `Retry-After` header."

    def __init__(self, *, retry_after: int = 1, **details: Any) -> None:
        super().__init__(**details)
        self.headers.setdefault("retry-after", str(retry_after))


class HeadersTooLargeError(ServiceError):
    """The headers are over their cap."""

    status = 431
    code = "headers_too_large"
    title = "The headers are too large"
    detail = "Send fewer or shorter headers."


class UnavailableError(ServiceError):
    """Something we depend on does not answer; asking again later may help."""

    status = 503
    code = "unavailable"
    title = "Not available at the moment"
    detail = "Try again after the number of seconds in the `Retry-After` header."

    def __init__(self, *, retry_after: int = 2, **details: Any) -> None:
        super().__init__(**details)
        self.headers.setdefault("retry-after", str(retry_after))
