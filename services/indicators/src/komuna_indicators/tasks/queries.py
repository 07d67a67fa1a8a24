"""What the database is asked about tasks. What a caller sees starts from `_visible_to`."""

from typing import Any

from sqlalchemy import Row, Select, select
from sqlalchemy.ext.asyncio import AsyncConnection

from komuna_shared.access import Caller, Principal
from komuna_shared.paging import Found, Key, PageRequest, keyset
from komuna_shared.tables import import_job


def _visible_to(principal: Principal) -> Select[Any]:
    return select(import_job).where(
        import_job.c.issuer == principal.issuer, import_job.c.subject == principal.subject
    )


async def list_refused_files(
    connection: AsyncConnection, page: PageRequest, caller: Caller
) -> Found[Row[Any]]:
    """Return the caller's files that were refused for their rows, the oldest first."""
    refused = _visible_to(caller.principal).where(
        import_job.c.state == "failed",
        import_job.c.problem_count > 0,
        import_job.c.dry_run.is_(False),
    )
    keys = [Key("waiting_since", import_job.c.created_at), Key("id", import_job.c.id)]
    return await keyset(connection, refused, page, keys=keys, default="waiting_since")
