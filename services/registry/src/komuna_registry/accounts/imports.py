"""The file that accounts come in."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from komuna_registry.fields import Text
from komuna_registry.intake import KEEPERS, Table, Written, collection
from komuna_registry.rows import FileRow
from komuna_registry.settings import Settings
from komuna_shared.imports import Collection
from komuna_shared.languages import LANGUAGES

from .models import Account


class AccountRow(FileRow):
    """A person; without an issuer, one of the issuer that this service trusts."""

    issuer: Text | None = None
    subject: Text
    name: Text
    work_contact: Text | None = None
    language: Text | None = None
    is_synthetic: bool


def make_collections(settings: Settings) -> tuple[Collection[Any], ...]:
    """Return the collection of accounts."""

    def columns(row: AccountRow) -> dict[str, Any]:
        return {
            **row.model_dump(),
            "issuer": row.issuer or settings.issuer,
            "language": row.language if row.language in LANGUAGES else None,
        }

    table = Table(Account, ("issuer", "subject"), {}, _tell_nobody, columns=columns)
    return (collection("accounts", AccountRow, table, roles=KEEPERS),)


async def _tell_nobody(_: AsyncSession, __: Written) -> None:
    """Accounts are nobody else's business; what others need of them is in the assignments."""
