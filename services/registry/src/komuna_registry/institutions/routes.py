"""HTTP for institutions."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import TypeAdapter

from komuna_registry.clock import today
from komuna_shared.access import public
from komuna_shared.answers import PUBLIC, Language, answer
from komuna_shared.database import Reader
from komuna_shared.days import Day
from komuna_shared.etags import etag
from komuna_shared.languages import label
from komuna_shared.paging import Page, Paging

from . import queries
from .queries import Wanted
from .rules import InstitutionKind
from .schemas import InstitutionOut, InstitutionPageOut, NameOut, ParentOut, SuccessionOut

router = APIRouter(prefix="/v1/institutions", tags=["institutions"], redirect_slashes=False)

_LIST = TypeAdapter(dict[str, Any])
_ONE = TypeAdapter(InstitutionPageOut)


async def read_wanted(
    as_of: Annotated[Day | None, Query(description="The day; today unless given.")] = None,
    q: Annotated[str | None, Query(min_length=2, max_length=200)] = None,
    kind: Annotated[list[InstitutionKind], Query()] = [],  # noqa: B006  FastAPI copies it.
) -> Wanted:
    """Read which institutions a request is about."""
    return Wanted(as_of or today(), q, tuple(kind))


@router.get("", response_model=Page[InstitutionOut], dependencies=[public()])
async def list_institutions(
    request: Request,
    connection: Reader,
    page: Paging,
    wanted: Annotated[Wanted, Depends(read_wanted)],
    language: Language,
) -> Response:
    """List the institutions of a day, by code; `q` looks in every name and abbreviation. Public."""
    found = await queries.list_institutions(connection, page, wanted)
    items = [
        {
            "code": row.code,
            "kind": row.kind,
            "label": label(row.names, language)[0],
            "names": row.names,
            "municipality": row.municipality,
            "valid_from": row.valid_from,
            "valid_until": row.valid_until,
            "certainty": row.certainty,
            "source": row.source,
            "locator": row.locator,
        }
        for row in found.items
    ]
    return answer(request, _LIST, {"items": items, "page": found.page}, cache=PUBLIC)


@router.get("/{code}", response_model=InstitutionPageOut, dependencies=[public()])
async def get_institution(
    request: Request, connection: Reader, code: str, language: Language
) -> Response:
    """Show everything known of one institution, each statement with its source; public."""
    said = await queries.get_institution(connection, code)
    row = said.row
    shown = InstitutionPageOut(
        code=row.code,
        kind=row.kind,
        label=label(row.names, language)[0],
        names=row.names,
        municipality=row.municipality,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        version=row.version,
        source=row.source,
        locator=row.locator,
        name_statements=[NameOut.model_validate(one) for one in said.names],
        parents=[ParentOut.model_validate(one) for one in said.parents],
        predecessors=[SuccessionOut.model_validate(one) for one in said.predecessors],
        successors=[SuccessionOut.model_validate(one) for one in said.successors],
    )
    tag = etag("institution", code, row.version, language, key=request.app.state.etag_key)
    return answer(request, _ONE, shown, tag=tag, cache=PUBLIC)
