"""How taxonomies and their terms are shown in HSDS."""

from komuna_shared.languages import translate

from .filters import TermsIn
from .rules import TERMS, Taxonomy, Term
from .schemas import HsdsTaxonomyOut, HsdsTermOut

_VERSION = "1"


def show_taxonomy(taxonomy: Taxonomy, language: str) -> HsdsTaxonomyOut:
    """Return a taxonomy in a language."""
    return HsdsTaxonomyOut(
        id=taxonomy.id,
        name=translate(taxonomy.name, language),
        description=translate(taxonomy.description, language),
        version=_VERSION,
    )


def show_term(term: Term, language: str) -> HsdsTermOut:
    """Return a term in a language."""
    detail = show_taxonomy(term.taxonomy, language)
    return HsdsTermOut(
        id=term.id,
        code=term.code,
        name=translate(term.name, language),
        description=f"{detail.name}: {translate(term.name, language)}",
        parent_id=term.parent_id,
        taxonomy=detail.name,
        taxonomy_detail=detail,
        language=language,
    )


def list_terms(asked: TermsIn) -> list[Term]:
    """Return the terms that fit every filter."""
    return [
        term
        for term in TERMS.values()
        if (asked.taxonomy_id is None or term.taxonomy.id == asked.taxonomy_id)
        and (asked.parent_id is None or term.parent_id == asked.parent_id)
        and not (asked.top_only and term.parent is not None)
    ]
