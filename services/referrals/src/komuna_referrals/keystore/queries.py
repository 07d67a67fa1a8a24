"""What the keystore is asked."""

from sqlalchemy import select

from komuna_shared.database import Database
from komuna_shared.logging import error_of, log

from .models import WrappedKey


async def is_ready(keystore: Database) -> bool:
    """Tell whether keys can be read: the server answers, and its table is there for us."""
    try:
        async with keystore.reader() as connection:
            await connection.execute(select(WrappedKey.id).limit(1))
    except Exception as failure:  # noqa: BLE001 -- whatever it is, no key can be read.
        log.warning("not_ready", step="keystore", **error_of(failure))
        return False
    return True
