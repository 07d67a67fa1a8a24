"""What a caller may read in the feed beyond what is public."""

from sqlalchemy.ext.asyncio import AsyncConnection

from komuna_registry.contacts.audiences import find_contact_audiences
from komuna_registry.directory.audiences import find_audiences
from komuna_shared.access import Principal


async def load_feed_audiences(
    connection: AsyncConnection, principal: Principal | None
) -> frozenset[str]:
    """Return under which names of the feed's audiences a caller may read it."""
    tiers = await find_audiences(connection, principal)
    contacts = await find_contact_audiences(connection, principal)
    return frozenset(one.value for one in tiers) | contacts
