"""Who stands behind the changes of a transaction, for the trigger that writes history."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from komuna_registry.accounts.models import Account
from komuna_registry.accounts.queries import find_own_account
from komuna_shared.access import Principal
from komuna_shared.imports import Collection, Counts, Row
from komuna_shared.tables import import_job

from . import diffs


async def acting(session: AsyncSession, principal: Principal) -> None:
    """Say that this caller makes the changes of this request; call it before the first one."""
    account = await find_own_account(session, principal)
    trace_id = session.info.get("trace_id")
    via = f"request:{trace_id}" if trace_id else ""
    await _name(session, account.id if account is not None else None, via)


def attributed(collection: Collection[Any]) -> Collection[Any]:
    """Return the collection whose changes are those of whoever sent the file, and are kept."""

    async def apply(session: AsyncSession, rows: Sequence[Row[Any]], import_id: UUID) -> Counts:
        sender = await session.scalar(
            select(Account.id)
            .join(
                import_job,
                (import_job.c.issuer == Account.issuer) & (import_job.c.subject == Account.subject),
            )
            .where(import_job.c.id == import_id)
        )
        await _name(session, sender, f"import:{import_id}")
        return await collection.apply(session, rows, import_id)

    return replace(collection, apply=apply, watch=diffs.watch)


async def _name(session: AsyncSession, account: UUID | None, via: str) -> None:
    # Until the transaction ends, and not for the next one on this connection.
    await session.execute(
        select(
            func.set_config("komuna.account", str(account or ""), True),
            func.set_config("komuna.via", via, True),
        )
    )
