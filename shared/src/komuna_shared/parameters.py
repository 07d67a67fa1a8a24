"""The parameters of a query, read by one model and remembered by the text of the query."""

from collections.abc import Callable, Iterator, Sequence
from functools import cache, lru_cache
from types import UnionType
from typing import Annotated, Any, Generic, TypeVar, Union, get_args, get_origin
from urllib.parse import parse_qsl

from fastapi import Depends, FastAPI, Query, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError

Model = TypeVar("Model", bound=BaseModel)
_KEPT = 512
# What FastAPI says of refusals, which we word otherwise.
FASTAPIS_OWN = ("HTTPValidationError", "ValidationError")


class Parameters(Generic[Model]):
    """A dependency that gives what `make` makes of its model; the same object for the same text.

    FastAPI would look each parameter up anew for every request, which costs more than the rest.
    """

    def __init__(self, model: type[Model], make: Callable[[Model], Any]) -> None:
        self.model = model
        self._make = make
        self._is_many = dict(names(model))
        self._kept = lru_cache(maxsize=_KEPT)(self._read)

    async def __call__(self, request: Request) -> Any:
        """Return what the query of this request asks for, or raise what FastAPI would."""
        return self._kept(request.scope["query_string"])

    def _read(self, query: bytes) -> Any:
        given: dict[str, Any] = {}
        for name, value in parse_qsl(query.decode(), keep_blank_values=True):
            is_many = self._is_many.get(name)
            if is_many:
                given.setdefault(name, []).append(value)
            elif is_many is not None:
                given[name] = value
        try:
            return self._make(self.model.model_validate(given))
        except ValidationError as invalid:
            errors = [{**one, "loc": ("query", *one["loc"])} for one in invalid.errors()]
            raise RequestValidationError(errors) from None


def query(model: type[Model], make: Callable[[Model], Any] = lambda asked: asked) -> Any:
    """Declare the parameters of a model; what `make` returns must not be changed afterwards."""
    return Depends(Parameters(model, make))


@cache
def described(model: type[BaseModel]) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Return the parameters as FastAPI describes them, and the schemas they refer to."""

    async def read(_: Any) -> None:
        """Stand for any route with these parameters."""

    read.__annotations__["_"] = Annotated[model, Query()]
    alone = FastAPI()
    alone.get("/")(read)
    told = alone.openapi()
    schemas = told.get("components", {}).get("schemas", {})
    own = {name: schema for name, schema in schemas.items() if name not in FASTAPIS_OWN}
    return told["paths"]["/"]["get"]["parameters"], own


def names(model: type[BaseModel]) -> Iterator[tuple[str, bool]]:
    """Yield the public name of each parameter of a model, and whether it may be repeated."""
    for name, field in model.model_fields.items():
        yield field.alias or name, is_many(field.annotation)


def is_many(annotation: Any) -> bool:
    """Tell whether a parameter of this type has several values."""
    origin = get_origin(annotation)
    if origin in {Union, UnionType, Annotated}:
        return any(map(is_many, get_args(annotation)))
    return (origin or annotation) in {list, tuple, set, frozenset, Sequence}
