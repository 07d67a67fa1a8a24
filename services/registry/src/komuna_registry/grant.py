"""The operator's way to the first administrator, before anybody can grant anything."""

import argparse
import asyncio
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from komuna_registry.accounts.models import Account, Assignment
from komuna_registry.accounts.rules import Role
from komuna_registry.assignments.operations import tell_followers
from komuna_registry.clock import today
from komuna_registry.settings import Settings
from komuna_shared import audit
from komuna_shared.database import Database

_SOURCE = "Granted by the operator on the machine"


async def grant_role(
    session: AsyncSession, *, issuer: str, subject: str, role: Role, name: str
) -> bool:
    """Give somebody a role that needs no place; tell whether that changed anything."""
    opened = insert(Account).values(issuer=issuer, subject=subject, name=name, is_synthetic=False)
    await session.execute(opened.on_conflict_do_nothing())
    account = (
        await session.execute(
            select(Account.id).where(Account.issuer == issuer, Account.subject == subject)
        )
    ).scalar_one()
    held = select(Assignment.id).where(
        Assignment.account == account,
        Assignment.role == role,
        Assignment.revoked_at.is_(None),
        Assignment.valid_until.is_(None),
    )
    if await session.scalar(held):
        return False
    granted = insert(Assignment).values(
        account=account, role=role, valid_from=today(), source=_SOURCE
    )
    assignment = (await session.execute(granted.returning(Assignment.id))).scalar_one()
    await tell_followers(session, [assignment])
    await audit.record(
        session,
        None,
        action="assignment.grant_by_operator",
        subject_type="assignment",
        subject_id=str(assignment),
    )
    return True


async def _run(wanted: argparse.Namespace) -> bool:
    database = Database(
        Settings.model_validate({}).database_url.get_secret_value(), service="registry"
    )
    try:
        async with database.session() as session:
            role, name = Role(wanted.role), wanted.name
            new = [
                await grant_role(session, issuer=wanted.issuer, subject=one, role=role, name=name)
                for one in wanted.subject
            ]
            return any(new)
    finally:
        await database.close()


def main(arguments: Sequence[str] | None = None) -> None:
    """Grant a role from the command line."""
    parser = argparse.ArgumentParser(prog="python -m komuna_registry.grant", description=__doc__)
    parser.add_argument("--issuer", required=True, help="the address of the issuer of tokens")
    parser.add_argument(
        "--subject", required=True, action="append", help="the person's subject there"
    )
    parser.add_argument("--role", default=Role.OPS.value, choices=[Role.OPS.value])
    parser.add_argument("--name", required=True, help="the person's name")
    is_new = asyncio.run(_run(parser.parse_args(arguments)))
    print("Granted." if is_new else "Held already.")  # noqa: T201  This is a command.


if __name__ == "__main__":
    main()
