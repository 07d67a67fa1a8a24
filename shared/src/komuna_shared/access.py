"""Who is calling, and what a route asks of them."""

from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from fastapi import Depends, Request

JSON = ("application/json",)


@dataclass(frozen=True, slots=True)
class Principal:
    """Whoever a verified token speaks for."""

    issuer: str
    subject: str
    client_id: str
    scopes: frozenset[str]
    token: str
    expires_at: float

    @property
    def is_service(self) -> bool:
        """Tell whether a service speaks for itself."""
        return self.subject == self.client_id

    def __repr__(self) -> str:
        # A subject may be a person's name, and the token is a secret: neither belongs in a log.
        return f"<Principal of {self.client_id!r}>" if self.is_service else "<Principal>"


class Access:
    """What one route asks of its caller; as a dependency it gives the `Principal`."""

    def __init__(
        self, *, scopes: tuple[str, ...], body: int, media: tuple[str, ...], is_public: bool
    ) -> None:
        self.scopes = scopes
        self.body = body
        self.media = media
        self.is_public = is_public
        self.is_for_services = any(scope.startswith("service.") for scope in scopes)

    async def __call__(self, request: Request) -> Principal | None:
        """Return who calls; the access layer has asked all that is asked here."""
        state = request.scope["state"]
        # The layer before FastAPI resolved the route by itself: both must mean the same one.
        if state.get("access") is not self:
            raise UnguardedRouteError
        return cast("Principal | None", state["principal"])


class UnguardedRouteError(RuntimeError):
    """A route ran that the access layer did not guard."""


def requires(*scopes: str, body: int = 262_144, media: tuple[str, ...] = JSON) -> Any:
    """Declare a route for callers whose token carries all `scopes`."""
    return Depends(Access(scopes=scopes, body=body, media=media, is_public=False))


def public(*, body: int = 65_536, media: tuple[str, ...] = JSON) -> Any:
    """Declare a route for everybody."""
    return Depends(Access(scopes=(), body=body, media=media, is_public=True))


@dataclass(frozen=True, slots=True)
class Assignment:
    """A role that somebody holds, for an institution or a municipality, for a time."""

    role: str
    institution: str | None
    municipality: str | None
    valid_from: date
    valid_until: date | None


@dataclass(frozen=True, slots=True)
class Caller:
    """A principal with the assignments that are valid now."""

    principal: Principal
    assignments: tuple[Assignment, ...]

    @property
    def roles(self) -> frozenset[str]:
        """Return the names of all roles held."""
        return frozenset(one.role for one in self.assignments)

    def has(
        self, role: str, *, municipality: str | None = None, institution: str | None = None
    ) -> bool:
        """Tell whether the role is held, and for that municipality or institution if named."""
        return any(
            one.role == role
            and (municipality is None or one.municipality == municipality)
            and (institution is None or one.institution == institution)
            for one in self.assignments
        )
