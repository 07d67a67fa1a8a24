"""A hundred thousand tenures in a running Komuna, and the peer that answers from them by hand."""

import asyncio
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg

from benchmarks.load import TESTED
from benchmarks.servers import Server, answering, free_port, running
from benchmarks.whole import Whole
from komuna_deploy.postgres import cluster
from komuna_deploy.settings import MAIN, Ports

KIND = "director"
OFFICES, TENURES = 2_000, 50
_CITED = "'s0', 'L89'"
# Of the history alone nothing is measured here, and it would be as long as all the rest.
_FILL = f"""
    set local session_replication_role = replica;
    insert into holder (code, name, sex, sex_source, sex_locator, words, source, locator)
        select 'bench-' || h, 'Holder ' || h, (array['female', 'male'])[h % 2 + 1], {_CITED},
            'holder ' || h, {_CITED}
        from generate_series(1, 20000) h;
    insert into office (code, kind, municipality, names, seats, words, source, locator)
        select 'bench-' || o, '{KIND}',
            (select slug from municipality order by slug offset o % 38 limit 1),
            jsonb_build_object('en', 'Directorate ' || o), 1, 'directorate ' || o, {_CITED}
        from generate_series(1, {OFFICES}) o;
    insert into tenure (office, seat, holder, since, until, certain, possible, is_acting, source,
            locator)
        select 'bench-' || o, 1, 'bench-' || (o * 7 + t) % 20000 + 1,
            to_char(begun, 'YYYY-MM-DD'), to_char(ended, 'YYYY-MM-DD'),
            daterange(begun, ended), daterange(begun, ended), false, {_CITED}
        from generate_series(1, {OFFICES}) o, generate_series(0, {TENURES} - 1) t,
            lateral (select date '2000-01-01' + t * 180 as begun,
                date '2000-01-01' + t * 180 + 180 as ended) when_held;
"""  # noqa: S608 -- words of ours alone.


def fill(whole: Whole) -> None:
    """Write two thousand offices and who held each of them in turn."""
    port = Ports(int(whole.services["registry"].rpartition(":")[2]) - 21).postgres
    asyncio.run(_fill(cluster.address(whole.home.databases / MAIN, port)))


async def _fill(address: str) -> None:
    connection = await asyncpg.connect(
        f"{address.rpartition('/')[0]}/komuna",
        server_settings={"search_path": "registry,extensions"},
    )
    try:
        async with connection.transaction():
            await connection.execute(_FILL)
        await connection.execute("vacuum analyze tenure, office, holder")
    finally:
        await connection.close()


@contextmanager
def bare(whole: Whole) -> Iterator[Server]:
    """Run the peer on the first core, as the service's own account of the database."""
    address = whole.home.secret("registry_database_url").replace("+asyncpg", "", 1)
    port = free_port()
    command = [
        *(sys.executable, "-m", "uvicorn", "--factory", "benchmarks.bare_register:create_app"),
        *("--host", "127.0.0.1", "--port", str(port), "--loop", "uvloop", "--http", "httptools"),
        *("--no-access-log", "--no-server-header", "--no-proxy-headers"),
    ]
    with running(command, TESTED, {**os.environ, "BARE_DSN": address}) as process:
        yield answering(port, process)
