"""HTTP for the catalogue: what may be asked for, in which dimensions and units."""

from collections.abc import Callable, Iterable
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field, TypeAdapter
from sqlalchemy import Row

from komuna_shared.access import public
from komuna_shared.answers import JSON, PUBLIC, Language, answer_bytes
from komuna_shared.errors import NotFoundError
from komuna_shared.etags import etag
from komuna_shared.paging import Page, PageRequest, Paging
from komuna_shared.parameters import query

from . import presentation
from .schemas import CodeListOut, CodeListSummary, DataflowOut, DocumentOut, IndicatorOut
from .snapshot import Catalogue, CurrentCatalogue

router = APIRouter(
    prefix="/v1", tags=["catalogue"], redirect_slashes=False, dependencies=[public()]
)

_INDICATORS = TypeAdapter(Page[IndicatorOut])
_DATAFLOWS = TypeAdapter(Page[DataflowOut])
_CODE_LISTS = TypeAdapter(Page[CodeListSummary])
_DOCUMENTS = TypeAdapter(Page[DocumentOut])
_INDICATOR = TypeAdapter(IndicatorOut)
_DATAFLOW = TypeAdapter(DataflowOut)
_CODE_LIST = TypeAdapter(CodeListOut)


class IndicatorFilters(BaseModel):
    """The filters of the list of indicators."""

    dataflow: list[str] = Field([], description="Repeat for or.")
    q: Annotated[str, Field(max_length=200)] | None = Field(None, description="Part of a name.")


@router.get("/indicators", response_model=Page[IndicatorOut])
async def list_indicators(
    request: Request,
    catalogue: CurrentCatalogue,
    page: Paging,
    language: Language,
    wanted: Annotated[IndicatorFilters, query(IndicatorFilters)],
) -> Response:
    """List the indicators in their current versions, in the order of their codes; public."""

    def entries() -> list[Row[Any]]:
        return [
            row
            for row in catalogue.indicators.values()
            if (not wanted.dataflow or row.dataflow in wanted.dataflow) and _is_named(row, wanted.q)
        ]

    def present(row: Row[Any]) -> IndicatorOut:
        return presentation.present_indicator(row, catalogue, language)

    return _listed(request, catalogue, page, language, _INDICATORS, (entries, present))


@router.get("/indicators/{code}", response_model=IndicatorOut)
async def get_indicator(
    request: Request, catalogue: CurrentCatalogue, code: str, language: Language
) -> Response:
    """Show one indicator: what it counts, in which unit, by which law; public."""
    row = _found(catalogue.indicators.get(code))
    shown = presentation.present_indicator(row, catalogue, language)
    return _shown(request, catalogue, language, _INDICATOR, shown)


@router.get("/dataflows", response_model=Page[DataflowOut])
async def list_dataflows(
    request: Request, catalogue: CurrentCatalogue, page: Paging, language: Language
) -> Response:
    """List the families of figures with their dimensions and their protection; public."""

    def present(row: Row[Any]) -> DataflowOut:
        return presentation.present_dataflow(row, language)

    entries = catalogue.dataflows.values
    return _listed(request, catalogue, page, language, _DATAFLOWS, (entries, present))


@router.get("/dataflows/{code}", response_model=DataflowOut)
async def get_dataflow(
    request: Request, catalogue: CurrentCatalogue, code: str, language: Language
) -> Response:
    """Show one dataflow: its dimensions in the order of a figure's key; public."""
    shown = presentation.present_dataflow(_found(catalogue.dataflows.get(code)), language)
    return _shown(request, catalogue, language, _DATAFLOW, shown)


@router.get("/code-lists", response_model=Page[CodeListSummary])
async def list_code_lists(
    request: Request, catalogue: CurrentCatalogue, page: Paging, language: Language
) -> Response:
    """List the code lists, without their codes; public."""

    def present(row: Row[Any]) -> CodeListSummary:
        return presentation.summarise_code_list(row, language)

    entries = catalogue.code_lists.values
    return _listed(request, catalogue, page, language, _CODE_LISTS, (entries, present))


@router.get("/code-lists/{code}", response_model=CodeListOut)
async def get_code_list(
    request: Request, catalogue: CurrentCatalogue, code: str, language: Language
) -> Response:
    """Show one code list with its codes in three languages; public."""
    shown = presentation.present_code_list(_found(catalogue.code_lists.get(code)), language)
    return _shown(request, catalogue, language, _CODE_LIST, shown)


@router.get("/documents", response_model=Page[DocumentOut])
async def list_documents(
    request: Request, catalogue: CurrentCatalogue, page: Paging, language: Language
) -> Response:
    """List the documents that published figures were printed in; public."""

    def present(row: Row[Any]) -> DocumentOut:
        return presentation.present_document(row, language)

    entries = catalogue.documents.values
    return _listed(request, catalogue, page, language, _DOCUMENTS, (entries, present))


Shown = tuple[Callable[[], Iterable[Row[Any]]], Callable[[Row[Any]], Any]]


def _listed(
    request: Request,
    catalogue: Catalogue,
    page: PageRequest,
    language: str,
    adapter: TypeAdapter[Any],
    shown: Shown,
) -> Response:
    # The page's key stands for path, filters and caller: a cursor inside belongs to its caller.
    asked = (language, request.scope["query_string"].decode(), page.key.hex())
    body = catalogue.answers.get(asked)
    if body is None:
        entries, present = shown
        found = presentation.list_page(entries(), page, present)
        body = adapter.dump_json(adapter.validate_python(found, from_attributes=True))
        catalogue.keep(asked, body)
    return _answered(request, catalogue, asked, body)


def _shown(
    request: Request,
    catalogue: Catalogue,
    language: str,
    adapter: TypeAdapter[Any],
    shown: Any,
) -> Response:
    asked = (language, request.scope["path"])
    return _answered(request, catalogue, asked, adapter.dump_json(shown))


def _answered(
    request: Request, catalogue: Catalogue, asked: tuple[str, ...], body: bytes
) -> Response:
    tag = etag(catalogue.version, *asked, key=request.app.state.etag_key)
    return answer_bytes(request, body, media_type=JSON, tag=tag, cache=PUBLIC)


def _found(row: Row[Any] | None) -> Row[Any]:
    if row is None:
        raise NotFoundError
    return row


def _is_named(row: Row[Any], wanted: str | None) -> bool:
    return wanted is None or any(
        wanted.casefold() in name.casefold() for name in row.names.values()
    )
