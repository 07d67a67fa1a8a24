"""Every record whose history may be asked for, and who may see how much of it."""

from fastapi import APIRouter
from sqlalchemy.ext.asyncio import AsyncConnection

from komuna_registry.activities.models import Activity
from komuna_registry.contacts.audiences import SCOPE as CONTACTS_SCOPE
from komuna_registry.contacts.audiences import look_at_contact
from komuna_registry.directory import audiences
from komuna_registry.directory.queries import get_service
from komuna_registry.facilities.models import AccessibilityCriterion, Facility
from komuna_registry.history.endpoints import History, add_history, known
from komuna_registry.history.openness import find_last_open
from komuna_registry.history.queries import Sight
from komuna_registry.institutions.models import Institution
from komuna_registry.mechanisms.models import Mechanism, MechanismKind
from komuna_registry.municipalities.models import Municipality, Region, Settlement
from komuna_registry.offices.models import Office
from komuna_registry.sources.models import Source
from komuna_shared.access import Principal


async def look_at_service(
    connection: AsyncConnection, principal: Principal | None, code: str
) -> Sight:
    """Return how much of a service's past a caller may see who may know of the service now.

    Of a confidential one nothing is told from the time before it was that: it may have had a place.
    """
    seen = await audiences.find_audiences(connection, principal)
    service = await get_service(connection, code, seen)
    after = None
    if service.is_confidential:
        after = await find_last_open(connection, ("service", code))
    return Sight(frozenset(one.value for one in seen), after)


HISTORIES = {
    "/municipalities": History("municipality", "a municipality", known(Municipality.slug)),
    "/settlements": History("settlement", "a settlement", known(Settlement.code)),
    "/regions": History("region", "a region", known(Region.code)),
    "/sources": History("source", "a source", known(Source.code)),
    "/institutions": History("institution", "an institution", known(Institution.code)),
    "/mechanisms": History("mechanism", "a mechanism", known(Mechanism.code)),
    "/mechanism-kinds": History("mechanism_kind", "a kind of mechanism", known(MechanismKind.code)),
    "/offices": History("office", "an office", known(Office.code)),
    "/facilities": History("facility", "a facility", known(Facility.code)),
    "/accessibility-criteria": History(
        "accessibility_criterion", "a criterion", known(AccessibilityCriterion.code)
    ),
    "/activities": History("activity", "an activity", known(Activity.code)),
    "/contacts": History("contact", "a contact", look_at_contact, scope=CONTACTS_SCOPE),
    "/directory/services": History(
        "service", "a service", look_at_service, more=(audiences.SCOPE,)
    ),
}

router = APIRouter(prefix="/v1", tags=["history"], redirect_slashes=False)
for _path, _history in HISTORIES.items():
    add_history(router, f"{_path}/{{record}}/history", _history)
