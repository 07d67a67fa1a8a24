"""Every collection that may be imported, in the order in which they build on each other."""

from typing import Any

from komuna_registry.accounts import imports as accounts
from komuna_registry.activities import imports as activities
from komuna_registry.apart import kept_apart
from komuna_registry.assignments import imports as assignments
from komuna_registry.contacts import imports as contacts
from komuna_registry.directory import areas, place_imports
from komuna_registry.directory import imports as directory
from komuna_registry.facilities import imports as facilities
from komuna_registry.history.acting import attributed
from komuna_registry.institutions import imports as institutions
from komuna_registry.languages import imports as languages
from komuna_registry.mechanisms import imports as mechanisms
from komuna_registry.mechanisms import instances, minutes
from komuna_registry.memberships import imports as memberships
from komuna_registry.municipalities import communities
from komuna_registry.municipalities import imports as municipalities
from komuna_registry.offices import imports as offices
from komuna_registry.settings import Settings
from komuna_registry.settlements import imports as settlements
from komuna_registry.sources import imports as sources
from komuna_shared.imports import Collection


def make_collections(settings: Settings) -> tuple[Collection[Any], ...]:
    """Return the collections of the registry; what a file changes is its sender's doing.

    Through none of them does anybody of the demonstration change what is real.
    """
    collections = (
        *sources.COLLECTIONS,
        *municipalities.COLLECTIONS,
        *communities.COLLECTIONS,
        *settlements.COLLECTIONS,
        *languages.COLLECTIONS,
        *institutions.COLLECTIONS,
        *mechanisms.COLLECTIONS,
        *instances.COLLECTIONS,
        *minutes.COLLECTIONS,
        *offices.COLLECTIONS,
        *contacts.COLLECTIONS,
        *memberships.COLLECTIONS,
        *directory.COLLECTIONS,
        *areas.COLLECTIONS,
        *place_imports.COLLECTIONS,
        *facilities.COLLECTIONS,
        *activities.COLLECTIONS,
        *accounts.make_collections(settings),
        *assignments.make_collections(settings),
    )
    return tuple(kept_apart(attributed(one), settings.issuer) for one in collections)
