"""HTTP for what HSDS says of this API itself, and for its taxonomies."""

from typing import Annotated, TypeVar
from uuid import UUID

from fastapi import APIRouter, Request, Response

from komuna_shared.access import public
from komuna_shared.answers import Language
from komuna_shared.parameters import query

from .answering import answer_hsds, page_of
from .filters import PagesIn, TermsIn
from .rules import TAXONOMIES, TERMS, TaxonomyNotFoundError
from .schemas import HsdsOut, HsdsPageOut, HsdsTaxonomyOut, HsdsTermOut
from .taxonomies import list_terms, show_taxonomy, show_term

router = APIRouter(prefix="/v1/hsds", tags=["hsds"], redirect_slashes=False)

_VERSION = "3.0"
One = TypeVar("One")


@router.get("", response_model=HsdsOut, dependencies=[public()])
async def get_hsds(request: Request) -> Response:
    """Tell which version and profile of HSDS this is; public."""
    home = request.app.state.settings.public_url
    found = HsdsOut(version=_VERSION, profile=f"{home}/docs", openapi_url=f"{home}/openapi.json")
    return answer_hsds(request, found)


@router.get("/taxonomies", response_model=HsdsPageOut[HsdsTaxonomyOut], dependencies=[public()])
async def list_hsds_taxonomies(
    request: Request, asked: Annotated[PagesIn, query(PagesIn)], language: Language
) -> Response:
    """List the lists of terms that services carry; public."""
    known = list(TAXONOMIES.values())
    shown = [show_taxonomy(one, language) for one in _cut(known, asked)]
    return answer_hsds(request, page_of(shown, len(known), asked))


@router.get("/taxonomies/{id}", response_model=HsdsTaxonomyOut, dependencies=[public()])
async def get_hsds_taxonomy(request: Request, id: UUID, language: Language) -> Response:  # noqa: A002
    """Show one list of terms; public."""
    for one in TAXONOMIES.values():
        if one.id == id:
            return answer_hsds(request, show_taxonomy(one, language))
    raise TaxonomyNotFoundError


@router.get("/taxonomy_terms", response_model=HsdsPageOut[HsdsTermOut], dependencies=[public()])
async def list_hsds_taxonomy_terms(
    request: Request, asked: Annotated[TermsIn, query(TermsIn)], language: Language
) -> Response:
    """List the terms: what services give, in groups, and whom they take; public."""
    known = list_terms(asked)
    shown = [show_term(one, language) for one in _cut(known, asked)]
    return answer_hsds(request, page_of(shown, len(known), asked))


@router.get("/taxonomy_terms/{id}", response_model=HsdsTermOut, dependencies=[public()])
async def get_hsds_taxonomy_term(request: Request, id: UUID, language: Language) -> Response:  # noqa: A002
    """Show one term; public."""
    term = TERMS.get(id)
    if term is None:
        raise TaxonomyNotFoundError
    return answer_hsds(request, show_term(term, language))


def _cut(known: list[One], pages: PagesIn) -> list[One]:
    return known[pages.offset : pages.offset + pages.per_page]
