"""Which route a request means, decided before any of its body is read."""

from collections.abc import Iterator
from dataclasses import dataclass
from re import Pattern

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import RouteContext, iter_route_contexts
from pydantic import BaseModel
from starlette.routing import compile_path

from komuna_shared.access import Access
from komuna_shared.errors import MethodNotAllowedError, NotFoundError
from komuna_shared.parameters import Parameters, is_many, names

# Read by the layer itself, on every route.
EVERYWHERE = frozenset({"lang"})


class UndeclaredRouteError(RuntimeError):
    """A route does not say who may call it, or says it twice; the service must not start."""


@dataclass(frozen=True, slots=True)
class Route:
    """One route as the access layer sees it."""

    template: str
    methods: frozenset[str]
    access: Access
    parameters: frozenset[str]
    repeatable: frozenset[str]
    media_type: str | None
    # What the query is read by, besides what FastAPI knows of.
    models: tuple[type[BaseModel], ...]


class RouteTable:
    """All routes of an API by path; refuses at start what is not declared."""

    def __init__(self, api: FastAPI) -> None:
        # By the number of segments: only routes of the same depth are compared.
        self._patterns: dict[int, list[tuple[Pattern[str], Route]]] = {}
        self.routes: list[Route] = []
        for context in iter_route_contexts(api.routes):
            self._add(_read(context))

    def _add(self, route: Route) -> None:
        self.routes.append(route)
        pattern, _, convertors = compile_path(route.template)
        if any(type(one).__name__ == "PathConvertor" for one in convertors.values()):
            raise UndeclaredRouteError(f"{route.template}: a parameter may not span segments.")
        segments = route.template.count("/")
        known = self._patterns.setdefault(segments, [])
        known.append((pattern, route))
        # As OpenAPI has it: an address without variables is never one with them, by no method.
        known.sort(key=lambda one: "{" in one[1].template)

    def resolve(self, path: str, method: str) -> Route:
        """Return the route of a request, or raise 404, or 405 with every allowed method."""
        allowed, is_fixed = set[str](), False
        for pattern, route in self._patterns.get(path.count("/"), ()):
            if pattern.match(path) is None or (is_fixed and "{" in route.template):
                continue
            is_fixed = "{" not in route.template
            if method in route.methods:
                return route
            allowed |= route.methods
        if not allowed:
            raise NotFoundError
        raise MethodNotAllowedError(headers={"allow": ", ".join(sorted(_with_head(allowed)))})


def _with_head(methods: set[str]) -> set[str]:
    return methods | {"HEAD"} if "GET" in methods else methods


def _read(context: RouteContext) -> Route:
    template = context.path
    dependant = getattr(context, "dependant", None)
    if template is None or dependant is None or not context.methods:
        raise UndeclaredRouteError(f"{template}: only API routes can declare who may call them.")
    declared = {id(one): one for one in _accesses(dependant)}
    if len(declared) != 1:
        raise UndeclaredRouteError(f"{template}: declares {len(declared)} accesses, not one.")
    models = tuple(dict.fromkeys(_models(dependant)))
    parameters = dict(_parameters(dependant))
    parameters |= {name: many for model in models for name, many in names(model)}
    return Route(
        template=template,
        methods=frozenset(context.methods),
        access=next(iter(declared.values())),
        parameters=frozenset(parameters) | EVERYWHERE,
        repeatable=frozenset(name for name, many in parameters.items() if many),
        media_type=_media_type(context),
        models=models,
    )


def _accesses(dependant: Dependant) -> Iterator[Access]:
    for inner in dependant.dependencies:
        if isinstance(inner.call, Access):
            yield inner.call
        yield from _accesses(inner)


def _models(dependant: Dependant) -> Iterator[type[BaseModel]]:
    for inner in dependant.dependencies:
        if isinstance(inner.call, Parameters):
            yield inner.call.model
        yield from _models(inner)


def _parameters(dependant: Dependant) -> Iterator[tuple[str, bool]]:
    for field in dependant.query_params:
        model = field.field_info.annotation
        if isinstance(model, type) and issubclass(model, BaseModel):
            yield from names(model)
        else:
            yield field.alias, is_many(model)
    for inner in dependant.dependencies:
        yield from _parameters(inner)


def _media_type(context: RouteContext) -> str | None:
    chosen = context.response_class
    return getattr(getattr(chosen, "value", chosen), "media_type", None)
