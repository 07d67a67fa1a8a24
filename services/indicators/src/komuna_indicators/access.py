"""Who may call what: the callers of this service, by the roles that registry gave them."""

from typing import Annotated

from fastapi import Depends

from komuna_shared.access import Caller, Principal, requires
from komuna_shared.database import Session
from komuna_shared.follower import load_caller
from komuna_shared.imports import IMPORT_BODY, IMPORT_MEDIA

EDITORS = frozenset({"analyst", "coordinator", "ops"})
"""Who may bring in figures and definitions; each import checks it again for its collection."""


async def load_importer(
    session: Session,
    principal: Annotated[
        Principal, requires("indicators.imports.write", body=IMPORT_BODY, media=IMPORT_MEDIA)
    ],
) -> Caller:
    """Return the caller with the roles held now."""
    return await load_caller(session, principal)


async def load_exporter(
    session: Session, principal: Annotated[Principal, requires("indicators.exports.write")]
) -> Caller:
    """Return whoever may take out whole tables."""
    return await load_caller(session, principal)


TaskReader = Annotated[Principal, requires("indicators.me.read")]
Importer = Annotated[Caller, Depends(load_importer)]
