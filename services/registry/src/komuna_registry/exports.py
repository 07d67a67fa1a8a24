"""Every table that may be taken out whole: the same columns that its import reads."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncConnection

from komuna_registry.accounts.models import Account, Assignment
from komuna_registry.accounts.rules import Role
from komuna_registry.activities.models import (
    Activity,
    ActivityEvidence,
    ActivityMunicipality,
    ActivityParticipant,
    ActivityParty,
    ActivityPublication,
)
from komuna_registry.contacts.models import Contact
from komuna_registry.directory.models import (
    Service,
    ServiceArea,
    ServiceEligibility,
    ServiceLanguage,
    ServiceLicense,
)
from komuna_registry.directory.particulars import (
    InstitutionChannel,
    ServiceCapacity,
    ServiceChannel,
    ServiceCost,
    ServiceSchedule,
    ServiceText,
)
from komuna_registry.directory.places import Location, LocationAccessibility, ServiceAtLocation
from komuna_registry.facilities.models import (
    AccessibilityCriterion,
    Facility,
    FacilityFinding,
    FacilitySurvey,
)
from komuna_registry.institutions.models import (
    Institution,
    InstitutionName,
    InstitutionParent,
    InstitutionSuccession,
    Membership,
)
from komuna_registry.intake import KEEPERS, WRITERS
from komuna_registry.languages.models import LanguageRule, MunicipalityLanguage
from komuna_registry.mechanisms.models import (
    Mechanism,
    MechanismAttendance,
    MechanismKind,
    MechanismMeeting,
    MechanismMunicipality,
    MechanismPublication,
    MechanismState,
    MechanismStatement,
)
from komuna_registry.municipalities.models import (
    Municipality,
    MunicipalityAlias,
    MunicipalityCode,
    MunicipalityCommunity,
    MunicipalityName,
    MunicipalityPopulation,
    MunicipalityRegion,
    MunicipalitySuccession,
    Region,
    Settlement,
    SettlementMunicipality,
)
from komuna_registry.offices.models import Holder, Office, OfficeKind, OfficePublication, Tenure
from komuna_registry.sources.models import Source
from komuna_registry.sources.rules import Standing
from komuna_registry.tables import Base
from komuna_shared.exports import Dataset
from komuna_shared.exports.dataset import Rows

_BATCH = 1000
_OURS = frozenset({"certain", "possible", "version", "words", "names", "id"})
_OURS |= {"public_id", "modified_at", "first_day", "last_day"}
_NAMES = {"name_sq": "sq", "name_sr_latn": "sr-Latn", "name_en": "en"}
_TABLES: dict[str, type[Base]] = {
    "sources": Source,
    "regions": Region,
    "municipalities": Municipality,
    "municipality_names": MunicipalityName,
    "municipality_codes": MunicipalityCode,
    "municipality_aliases": MunicipalityAlias,
    "municipality_regions": MunicipalityRegion,
    "municipality_populations": MunicipalityPopulation,
    "municipality_successions": MunicipalitySuccession,
    "municipality_communities": MunicipalityCommunity,
    "settlements": Settlement,
    "settlement_municipalities": SettlementMunicipality,
    "language_rules": LanguageRule,
    "municipality_languages": MunicipalityLanguage,
    "institutions": Institution,
    "institution_names": InstitutionName,
    "institution_parents": InstitutionParent,
    "institution_successions": InstitutionSuccession,
    "mechanism_kinds": MechanismKind,
    "mechanism_statements": MechanismStatement,
    "mechanism_publications": MechanismPublication,
    "mechanisms": Mechanism,
    "mechanism_municipalities": MechanismMunicipality,
    "mechanism_states": MechanismState,
    "mechanism_meetings": MechanismMeeting,
    "mechanism_attendances": MechanismAttendance,
    "office_kinds": OfficeKind,
    "office_publications": OfficePublication,
    "offices": Office,
    "holders": Holder,
    "tenures": Tenure,
    "contacts": Contact,
    "memberships": Membership,
    "services": Service,
    "service_licenses": ServiceLicense,
    "service_languages": ServiceLanguage,
    "service_eligibility": ServiceEligibility,
    "service_areas": ServiceArea,
    "locations": Location,
    "location_accessibility": LocationAccessibility,
    "service_at_locations": ServiceAtLocation,
    "service_schedules": ServiceSchedule,
    "service_channels": ServiceChannel,
    "institution_channels": InstitutionChannel,
    "service_costs": ServiceCost,
    "service_texts": ServiceText,
    "service_capacities": ServiceCapacity,
    "accessibility_criteria": AccessibilityCriterion,
    "facilities": Facility,
    "facility_surveys": FacilitySurvey,
    "facility_findings": FacilityFinding,
    "activities": Activity,
    "activity_municipalities": ActivityMunicipality,
    "activity_parties": ActivityParty,
    "activity_participants": ActivityParticipant,
    "activity_evidence": ActivityEvidence,
    "activity_publications": ActivityPublication,
    "accounts": Account,
}
_INTERNAL = frozenset({"accounts", "assignments"})
# Work contacts are for whoever acts for some institution or municipality.
_ROLES = frozenset(one.value for one in Role)
# What is made up for the demonstration leaves in no table of real things.
_FLAGGED: tuple[tuple[Any, str], ...] = (
    (Mechanism, "mechanism"),
    (AccessibilityCriterion, ""),
    (Facility, "facility"),
    (Activity, "activity"),
)
# Of these the source alone says whether they are made up.
_MADE_UP_BY_SOURCE = frozenset({"offices", "holders", "tenures", "memberships"})
# A whole table tells of every service or place there is, so it is for those who know of all.
_TIERED = frozenset(name for name in _TABLES if name.startswith(("service", "location")))


def _columns(model: type[Base]) -> dict[str, ColumnElement[Any]]:
    table = model.__table__
    ours = _OURS if model is Service else _OURS | {"is_confidential"}
    if model is Contact:
        ours -= {"id"}  # It says which contact a row changes that comes back with another name.
    named: dict[str, ColumnElement[Any]] = {
        column.name: column for column in table.c if column.name not in ours
    }
    if "names" in table.c:
        named |= {name: table.c.names[language].astext for name, language in _NAMES.items()}
    return named


def _dataset(
    name: str, columns: dict[str, ColumnElement[Any]], order: Sequence[Any], start: Any
) -> Dataset:
    statement = (
        select(*(column.label(label) for label, column in columns.items()))
        .select_from(start)
        .order_by(*order)
    )
    if name in _MADE_UP_BY_SOURCE:
        made_up = select(Source.code).where(Source.standing == Standing.SYNTHETIC)
        statement = statement.where(columns["source"].not_in(made_up))
    for model, owner in _FLAGGED:
        column = columns.get("code" if _TABLES.get(name) is model else owner)
        if column is not None:
            real = select(model.code).where(model.is_synthetic.is_(False))
            statement = statement.where(column.in_(real))

    async def read(connection: AsyncConnection) -> AsyncIterator[Rows]:
        async with connection.stream(statement) as rows:
            async for batch in rows.mappings().partitions(_BATCH):
                yield [dict(row) for row in batch]

    return Dataset(name, tuple(columns), read, _readers(name))


def _readers(name: str) -> frozenset[str] | None:
    if name in _INTERNAL:
        return KEEPERS
    if name == "contacts":
        return _ROLES
    return WRITERS if name in _TIERED else None


def _assignments() -> Dataset:
    columns: dict[str, ColumnElement[Any]] = {
        "issuer": Account.__table__.c.issuer,
        "subject": Account.__table__.c.subject,
        **{
            name: Assignment.__table__.c[name]
            for name in (
                *("role", "institution", "municipality"),
                *("valid_from", "valid_until", "source"),
            )
        },
    }
    joined = Assignment.__table__.join(
        Account.__table__,
        (Account.__table__.c.id == Assignment.__table__.c.account)
        & Assignment.__table__.c.revoked_at.is_(None)
        # Brought in again, a loan would stand by itself and outlive what it was lent from.
        & Assignment.__table__.c.delegated_from.is_(None),
    )
    return _dataset("assignments", columns, [Assignment.__table__.c.id], joined)


DATASETS = (
    *(
        _dataset(name, _columns(model), list(model.__table__.primary_key), model.__table__)
        for name, model in _TABLES.items()
    ),
    _assignments(),
)
