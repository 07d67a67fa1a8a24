"""The taxonomies of HSDS: what services give and whom they take, as two lists of terms."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from komuna_registry.directory.rules import Eligibility, ServiceStatus, ServiceType
from komuna_shared.errors import NotFoundError

from .identifiers import identify

TYPES = "service-types"
TAKES = "eligibility"


class TaxonomyNotFoundError(NotFoundError):
    """There is no such taxonomy, or no such term of one."""

    detail = "There is no such taxonomy or term."


class PlaceNotFoundError(NotFoundError):
    """There is no service at a place under that identifier, or the caller may not know of it."""

    detail = "There is no such service at a place."


@dataclass(frozen=True, slots=True)
class Taxonomy:
    """A list of terms; its words are sentences of the catalogues."""

    code: str
    name: str
    description: str

    @property
    def id(self) -> UUID:
        """The identifier under which HSDS knows it."""
        return identify("taxonomy", self.code)


@dataclass(frozen=True, slots=True)
class Term:
    """A term of a taxonomy, possibly below another one."""

    taxonomy: Taxonomy
    code: str
    name: str
    parent: str | None = None

    @property
    def id(self) -> UUID:
        """The identifier under which HSDS knows it."""
        return identify(self.taxonomy.code, self.code)

    @property
    def parent_id(self) -> UUID | None:
        """The identifier of the term above it."""
        return None if self.parent is None else identify(self.taxonomy.code, self.parent)


TAXONOMIES = {
    TYPES: Taxonomy(TYPES, "Kinds of services", "What a service gives to people."),
    TAKES: Taxonomy(TAKES, "Who is taken", "Whom a service takes; nothing said means everybody."),
}

_GROUPS: dict[str, tuple[str, Mapping[ServiceType, str]]] = {
    "accommodation": (
        "Somewhere to stay",
        {
            ServiceType.EMERGENCY_ACCOMMODATION: "Emergency accommodation",
            ServiceType.LONG_TERM_ACCOMMODATION: "Long-term accommodation",
            ServiceType.INTERIM_SECURITY_FACILITY: "Interim security facility",
        },
    ),
    "health": (
        "Health care",
        {
            ServiceType.MEDICAL_EMERGENCY: "Medical emergency care",
            ServiceType.MEDICAL_ROUTINE: "Routine medical care",
            ServiceType.SEXUAL_REPRODUCTIVE_HEALTH: "Sexual and reproductive health",
            ServiceType.MENTAL_HEALTH: "Mental health care",
            ServiceType.SUBSTANCE_USE: "Help with substance use",
            ServiceType.DISABILITY_SUPPORT: "Support with a disability",
        },
    ),
    "support": (
        "Support and safety",
        {
            ServiceType.PSYCHOSOCIAL_SUPPORT: "Psychosocial support",
            ServiceType.VICTIM_ADVOCACY: "Advocacy for victims",
            ServiceType.POLICE_PROTECTION: "Police protection",
            ServiceType.WITNESS_PROTECTION: "Witness protection",
            ServiceType.RISK_ASSESSMENT: "Assessment of risk",
            ServiceType.SAFETY_PLANNING: "Safety planning",
            ServiceType.INTERPRETATION: "Interpretation between languages",
        },
    ),
    "rights": (
        "Rights and documents",
        {
            ServiceType.LEGAL_INFORMATION: "Legal information",
            ServiceType.LEGAL_REPRESENTATION: "Legal representation",
            ServiceType.DOCUMENTS_AND_REGISTRATION: "Documents and registration",
            ServiceType.RESIDENCE_PERMIT: "Residence permit",
            ServiceType.ASYLUM: "Asylum",
            ServiceType.COMPENSATION_CLAIM: "Claim for compensation",
            ServiceType.VICTIM_PROPERTY_RECOVERY: "Recovery of a victim's property",
        },
    ),
    "family": (
        "Children and family",
        {
            ServiceType.GUARDIANSHIP: "Guardianship",
            ServiceType.FAMILY_MEDIATION: "Mediation in the family",
            ServiceType.FAMILY_TRACING_REUNIFICATION: "Tracing and reuniting families",
            ServiceType.CHILD_PROTECTION: "Protection of children",
            ServiceType.CHILDCARE: "Childcare",
        },
    ),
    "livelihood": (
        "Work and livelihood",
        {
            ServiceType.EDUCATION: "Education",
            ServiceType.VOCATIONAL_TRAINING: "Vocational training",
            ServiceType.EMPLOYMENT: "Employment",
            ServiceType.LIVELIHOOD_GRANT: "Grant for a livelihood",
            ServiceType.SOCIAL_ASSISTANCE: "Social assistance",
            ServiceType.CASH_ASSISTANCE: "Cash assistance",
            ServiceType.FOOD: "Food",
            ServiceType.CLOTHING_HYGIENE: "Clothing and hygiene",
            ServiceType.TRANSPORT: "Transport of people",
        },
    ),
    "return": (
        "Return and a new start",
        {
            ServiceType.VOLUNTARY_RETURN: "Voluntary return",
            ServiceType.REINTEGRATION_FOLLOW_UP: "Follow-up of reintegration",
            ServiceType.OTHER: "Another service",
        },
    ),
}
_TAKEN = {
    Eligibility.CHILD: "Children",
    Eligibility.ADULT: "Adults",
    Eligibility.FEMALE: "Women and girls",
    Eligibility.MALE: "Men and boys",
    Eligibility.WITH_CHILDREN: "People with their children",
    Eligibility.UNACCOMPANIED_CHILD: "Children without an adult",
    Eligibility.DISABILITY: "People with disabilities",
    Eligibility.RISK_LOW: "People at low risk",
    Eligibility.RISK_MEDIUM: "People at medium risk",
    Eligibility.RISK_HIGH: "People at high risk",
}


def _list_terms() -> list[Term]:
    kinds, taken = TAXONOMIES[TYPES], TAXONOMIES[TAKES]
    terms = []
    for group, (name, below) in _GROUPS.items():
        terms.append(Term(kinds, group, name))
        terms += [Term(kinds, kind.value, words, group) for kind, words in below.items()]
    return terms + [Term(taken, code.value, name) for code, name in _TAKEN.items()]


TERMS: Mapping[UUID, Term] = {term.id: term for term in _list_terms()}


def get_term(kind: str, code: str) -> Term:
    """Return the term of a code that services carry."""
    return TERMS[identify(kind, code)]


def types_below(term: Term) -> list[ServiceType]:
    """Return the kinds of services that a term means: itself, or all of its group."""
    if term.taxonomy.code != TYPES:
        return []
    below = _GROUPS[term.code][1] if term.parent is None else [ServiceType(term.code)]
    return list(below)


def say_status(status: ServiceStatus) -> str:
    """Return a status as HSDS writes it."""
    return status.value.replace("_", " ")
