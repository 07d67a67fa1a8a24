"""Who may read contacts, where the caller is known by the token alone."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from komuna_registry.accounts.queries import load_caller
from komuna_registry.history.queries import Sight
from komuna_shared.access import Principal
from komuna_shared.errors import ForbiddenError

from .queries import get_contact
from .rules import ContactNotFoundError

SCOPE = "registry.contacts.read"
AUDIENCE = "contacts"


async def find_contact_audiences(
    connection: AsyncConnection, principal: Principal | None
) -> frozenset[str]:
    """Return the feed's audience of contacts for whoever may read them, or nothing."""
    if principal is None or principal.is_service or SCOPE not in principal.scopes:
        return frozenset()
    caller = await load_caller(connection, principal)
    return frozenset({AUDIENCE}) if caller.roles else frozenset()


async def look_at_contact(
    connection: AsyncConnection, principal: Principal | None, record: str
) -> Sight:
    """Return how much of a contact's past a caller may see: all, if they may read it now."""
    if principal is None:
        raise ContactNotFoundError
    caller = await load_caller(connection, principal)
    if not caller.roles:
        raise ForbiddenError
    try:
        contact_id = UUID(record)
    except ValueError:
        raise ContactNotFoundError from None
    await get_contact(connection, caller, contact_id)
    return Sight()
