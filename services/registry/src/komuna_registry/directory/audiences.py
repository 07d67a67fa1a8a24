"""Who is looking at the directory, and so which services exist for them."""

from typing import Annotated

from fastapi import Depends
from sqlalchemy.ext.asyncio import AsyncConnection

from komuna_registry.accounts.queries import load_caller
from komuna_shared.access import Principal, public
from komuna_shared.database import Reader

from . import rules
from .rules import Audience

SCOPE = "registry.directory.read"


async def find_audiences(
    connection: AsyncConnection, principal: Principal | None
) -> frozenset[Audience]:
    """Return the audiences of a caller: by the roles of today, if the token is good for them."""
    if principal is None or principal.is_service or SCOPE not in principal.scopes:
        return rules.audiences_of(())
    caller = await load_caller(connection, principal)
    return rules.audiences_of(caller.roles)


async def read_onlooker(
    connection: Reader, principal: Annotated[Principal | None, public()]
) -> frozenset[Audience]:
    """Return what whoever looks may know of; without a token, what is public."""
    return await find_audiences(connection, principal)


Onlooker = Annotated[frozenset[Audience], Depends(read_onlooker)]
