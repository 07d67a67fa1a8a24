"""What the worker does to the keystore, which it cannot open."""

from typing import Any

from komuna_shared.database import Database
from komuna_shared.logging import log
from komuna_shared.worker import Schedule

from .orphans import sweep_orphans
from .strays import sweep_strays


def sweeping(url: str) -> Schedule:
    """Return the nightly search for keys without data, and for keys without a way in."""

    async def sweep(data: Database, _: dict[str, Any]) -> None:
        keystore = Database(url, pool_size=1, service="referrals_keystore")
        try:
            log.info("orphan_keys_swept", count=await sweep_orphans(keystore, data))
            log.info("stray_keys_swept", count=await sweep_strays(keystore, data))
        finally:
            await keystore.close()

    return Schedule("keys.sweep", "7 3 * * *", sweep)
