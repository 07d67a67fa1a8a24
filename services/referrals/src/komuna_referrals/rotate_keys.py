"""The operator's way to new keys for institutions, while the service runs."""

import argparse
import asyncio
from collections.abc import Sequence

from komuna_referrals.keystore import queries, rotation
from komuna_referrals.settings import Settings
from komuna_shared.database import Database


async def _run(wanted: argparse.Namespace) -> int:
    settings = Settings.model_validate({})
    keystore = Database(
        settings.keystore_url.get_secret_value(), pool_size=1, service="referrals_keystore"
    )
    try:
        async with keystore.session() as session:
            known = await queries.list_institutions(session)
        wrapped = 0
        for one in known:
            if wanted.institution in (None, one):
                if not wanted.finish:
                    await rotation.add_version(keystore, settings.root_key, one)
                wrapped += await rotation.finish(keystore, settings.root_key, one)
        return wrapped
    finally:
        await keystore.close()


def main(arguments: Sequence[str] | None = None) -> None:
    """Rotate the keys of one institution, or of all."""
    parser = argparse.ArgumentParser(
        prog="python -m komuna_referrals.rotate_keys", description=__doc__
    )
    parser.add_argument("--institution", help="the code of one institution; without it, all")
    parser.add_argument(
        "--finish", action="store_true", help="make no new key, only finish what was interrupted"
    )
    wrapped = asyncio.run(_run(parser.parse_args(arguments)))
    print(f"Wrapped anew: {wrapped} keys.")  # noqa: T201 -- the answer to the operator.


if __name__ == "__main__":
    main()
