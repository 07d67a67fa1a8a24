"""A million figures in a running Komuna, and the peer that reads the same ones by hand."""

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

INDICATORS = 17
ROWS = 1_000_000
_RELEASE = """
    insert into release (code, tier, import_id, observation_count, certificate)
    values ('bench', 'P', gen_random_uuid(), $1, '{}')
"""
_FIGURES = """
    insert into observation (
        dataflow, indicator, municipality, period_from, period_to, breakdown, sex, community,
        value, status, unit, decimals, origin, source, document, note, release_id
    )
    select 'decision-making', 'bench-' || i, 'm' || lpad(m::text, 2, '0'), p::date,
        (p + interval '1 month')::date, s || '.' || c, s, c, (i * 7 + m) % 500, 'A', 'persons', 0,
        'published', 'S0:L1', 'S0', '{}', (select id from release where code = 'bench')
    from generate_series(1, $1::int) i, generate_series(1, 38) m,
        generate_series(timestamp '2010-01-01', '2024-12-01', '1 month') p,
        unnest(array['F', 'M', '_T']) s, unnest(array['albanian', 'serbian', '_T']) c
    limit $2
"""


def fill(whole: Whole) -> None:
    """Write a million published figures of seventeen indicators."""
    port = Ports(int(whole.services["registry"].rpartition(":")[2]) - 21).postgres
    asyncio.run(_fill(cluster.address(whole.home.databases / MAIN, port)))


async def _fill(address: str) -> None:
    connection = await asyncpg.connect(
        f"{address.rpartition('/')[0]}/komuna",
        server_settings={"search_path": "indicators,extensions"},
    )
    try:
        await connection.execute(_RELEASE, ROWS)
        await connection.execute(_FIGURES, INDICATORS, ROWS)
        await connection.execute("vacuum analyze observation")
    finally:
        await connection.close()


@contextmanager
def bare(whole: Whole) -> Iterator[Server]:
    """Run the peer on the first core, as the service's own account of the database."""
    address = whole.home.secret("indicators_database_url").replace("+asyncpg", "", 1)
    port = free_port()
    command = [
        *(sys.executable, "-m", "uvicorn", "--factory", "benchmarks.bare_list:create_app"),
        *("--host", "127.0.0.1", "--port", str(port), "--loop", "uvloop", "--http", "httptools"),
        *("--no-access-log", "--no-server-header", "--no-proxy-headers"),
    ]
    with running(command, TESTED, {**os.environ, "BARE_DSN": address}) as process:
        yield answering(port, process)
