"""The vocabulary of the directory, and who may know that a service exists."""

from collections.abc import Iterable
from enum import StrEnum

from komuna_registry.accounts.rules import Role
from komuna_shared.errors import NotFoundError


class ServiceType(StrEnum):
    """What a service gives, grouped as the pillars of the referral mechanism are."""

    EMERGENCY_ACCOMMODATION = "emergency_accommodation"
    LONG_TERM_ACCOMMODATION = "long_term_accommodation"
    INTERIM_SECURITY_FACILITY = "interim_security_facility"
    MEDICAL_EMERGENCY = "medical_emergency"
    MEDICAL_ROUTINE = "medical_routine"
    SEXUAL_REPRODUCTIVE_HEALTH = "sexual_reproductive_health"
    MENTAL_HEALTH = "mental_health"
    PSYCHOSOCIAL_SUPPORT = "psychosocial_support"
    LEGAL_INFORMATION = "legal_information"
    LEGAL_REPRESENTATION = "legal_representation"
    VICTIM_ADVOCACY = "victim_advocacy"
    POLICE_PROTECTION = "police_protection"
    WITNESS_PROTECTION = "witness_protection"
    INTERPRETATION = "interpretation"
    DOCUMENTS_AND_REGISTRATION = "documents_and_registration"
    RESIDENCE_PERMIT = "residence_permit"
    ASYLUM = "asylum"
    GUARDIANSHIP = "guardianship"
    FAMILY_MEDIATION = "family_mediation"
    FAMILY_TRACING_REUNIFICATION = "family_tracing_reunification"
    VOLUNTARY_RETURN = "voluntary_return"
    CHILD_PROTECTION = "child_protection"
    EDUCATION = "education"
    VOCATIONAL_TRAINING = "vocational_training"
    EMPLOYMENT = "employment"
    LIVELIHOOD_GRANT = "livelihood_grant"
    SOCIAL_ASSISTANCE = "social_assistance"
    CASH_ASSISTANCE = "cash_assistance"
    FOOD = "food"
    CLOTHING_HYGIENE = "clothing_hygiene"
    TRANSPORT = "transport"
    CHILDCARE = "childcare"
    DISABILITY_SUPPORT = "disability_support"
    SUBSTANCE_USE = "substance_use"
    COMPENSATION_CLAIM = "compensation_claim"
    VICTIM_PROPERTY_RECOVERY = "victim_property_recovery"
    RISK_ASSESSMENT = "risk_assessment"
    SAFETY_PLANNING = "safety_planning"
    REINTEGRATION_FOLLOW_UP = "reintegration_follow_up"
    OTHER = "other"


class ServiceStatus(StrEnum):
    """Whether a service works, in the words of HSDS 3.0."""

    ACTIVE = "active"
    INACTIVE = "inactive"
    DEFUNCT = "defunct"
    TEMPORARILY_CLOSED = "temporarily_closed"


class Eligibility(StrEnum):
    """Whom a service takes; where nothing is said of a kind (age, sex, risk), everybody."""

    CHILD = "child"
    ADULT = "adult"
    FEMALE = "female"
    MALE = "male"
    WITH_CHILDREN = "with_children"
    UNACCOMPANIED_CHILD = "unaccompanied_child"
    DISABILITY = "disability"
    RISK_LOW = "risk_low"
    RISK_MEDIUM = "risk_medium"
    RISK_HIGH = "risk_high"


class LocationType(StrEnum):
    """What kind of a place people go to, in the words of HSDS 3.0."""

    PHYSICAL = "physical"
    POSTAL = "postal"
    VIRTUAL = "virtual"


class AccessFeature(StrEnum):
    """What a place has for people who move, see or hear otherwise."""

    STEP_FREE_ENTRANCE = "step_free_entrance"
    LIFT = "lift"
    ACCESSIBLE_TOILET = "accessible_toilet"
    PARKING = "parking"
    INDUCTION_LOOP = "induction_loop"
    SIGN_LANGUAGE = "sign_language"
    TACTILE_GUIDANCE = "tactile_guidance"
    CHILD_FRIENDLY_ROOM = "child_friendly_room"


class Frequency(StrEnum):
    """How a schedule repeats, in the words of iCalendar that HSDS takes."""

    WEEKLY = "WEEKLY"
    MONTHLY = "MONTHLY"


class Attending(StrEnum):
    """How people use a service at its hours."""

    IN_PERSON = "in_person"
    BY_TELEPHONE = "by_telephone"
    ONLINE = "online"


class ChannelKind(StrEnum):
    """A way to reach somebody that is open to everybody."""

    TELEPHONE = "telephone"
    TEXT_MESSAGE = "text_message"
    EMAIL = "email"
    WEBSITE = "website"


class CostOption(StrEnum):
    """What people pay."""

    FREE = "free"
    FIXED = "fixed"
    BY_INCOME = "by_income"
    INSURANCE = "insurance"


class TextKind(StrEnum):
    """What a sentence about a service is about."""

    DESCRIPTION = "description"
    APPLICATION_PROCESS = "application_process"
    ELIGIBILITY = "eligibility"
    FEES = "fees"
    INTERPRETATION = "interpretation"
    ALERT = "alert"


class CapacityUnit(StrEnum):
    """What a capacity is counted in."""

    PLACES = "places"
    APPOINTMENTS_A_WEEK = "appointments_a_week"
    CASES = "cases"


class Audience(StrEnum):
    """Who may know that a service exists; the value is also its audience in the feed."""

    PUBLIC = "public"
    REGISTERED_INSTITUTION = "registered_institution"
    NRM_MEMBER = "nrm_member"


# Those who refer and receive, who coordinate them, and who keep the directory's files.
_MEMBERS = frozenset(
    {
        Role.FIRST_RESPONDER,
        Role.INVESTIGATOR,
        Role.ADVOCATE,
        Role.SOCIAL_WORKER,
        Role.CASE_OWNER,
        Role.SUPERVISOR,
        Role.SHELTER_INTAKE,
        Role.PROVIDER,
        Role.PROSECUTOR_LIAISON,
        Role.COORDINATOR,
        Role.OPS,
    }
)


class ServiceNotFoundError(NotFoundError):
    """There is no service of that code, or the caller may not know of it."""

    detail = "There is no such service."


def audiences_of(roles: Iterable[str]) -> frozenset[Audience]:
    """Return the audiences that somebody with these roles belongs to."""
    held = set(roles)
    if held & _MEMBERS:
        return frozenset(Audience)
    if held:
        return frozenset({Audience.PUBLIC, Audience.REGISTERED_INSTITUTION})
    return frozenset({Audience.PUBLIC})
