"""Row 16: a person read and a case opened, sealed, walled and recorded, against neither of it."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import psutil

from benchmarks.load import OTHERS, TESTED, needs, wrk
from benchmarks.results import Result
from benchmarks.sampling import Measured, Variant, alternate
from benchmarks.servers import Server
from proofs.guarded import Referrals
from proofs.killable import new_folder

ID = 16
NAME = "referral read and write with encryption, RLS and audit, vs the same without"
TARGET = ">= 0.50x of the peer's req/s, reading a person and opening a case, at 8 connections"
LEAST = 0.50
CONNECTIONS = 8
SECONDS = 4
WHO, WHERE = "bench:investigator", "thbd"
CASE = {
    "basis": "interview_consent",
    "age_band": "adult",
    "sex": "F",
    "needs": ["emergency_accommodation"],
    "indicators": ["act.recruitment", "means.deception"],
    "languages": ["sq"],
    "account": "She was promised work in a hotel and " + "kept in a room above it. " * 20,
}
PERSON = {
    "first_name": "Filane",
    "last_name": "Fistekja",
    "birth_year": 1999,
    "personal_number": "1000000000",
    "citizenships": ["XK"],
    "telephone": "+38344000000",
    "address": "Rruga e Dardanisë 17",
}
# Every request is another key, or nothing would be opened.
_OPENING = """
local number, round = 0, "ROUND"
wrk.headers["Content-Type"] = "application/json"
request = function()
  number = number + 1
  wrk.headers["Idempotency-Key"] = string.format("%s-%018d", round, number)
  return wrk.format("POST", nil, nil, [==[BODY]==])
end
"""


def run() -> Result:
    """Measure the service and the peer in turns, both on the same server."""
    needs("wrk", "taskset")
    with _both() as (service, ours, peer, case):
        helpers = [one for one in psutil.Process().children(recursive=True) if _works(one)]
        helpers = [one for one in helpers if one not in (ours.process, peer.process)]

        def headers() -> dict[str, str]:
            # A ticket lives a minute, so each sample has its own.
            given = service.headers(WHO, WHERE)
            return {name: value for name, value in given.items() if name != "idempotency-key"}

        def read(server: Server) -> dict[str, float]:
            url = f"{server.url}/v1/cases/{case}/person"
            return wrk(url, connections=CONNECTIONS, seconds=SECONDS, headers=headers())

        def write(server: Server) -> dict[str, float]:
            script = _OPENING.replace("ROUND", uuid4().hex[:12]).replace("BODY", json.dumps(CASE))
            url = f"{server.url}/v1/cases"
            asked = headers()
            return wrk(url, connections=CONNECTIONS, seconds=SECONDS, headers=asked, script=script)

        measured = {}
        for name, ask in (("read", read), ("write", write)):
            measured[name] = alternate(
                {
                    "ours": Variant(partial(ask, ours), ours.process, helpers),
                    "peer": Variant(partial(ask, peer), peer.process, helpers),
                }
            )
    return _result(measured)


def _result(measured: dict[str, Measured]) -> Result:
    figures: dict[str, float] = {}
    cpu: dict[str, float] = {}
    for name, found in measured.items():
        figures[f"{name}_ratio"] = found.ratio("rate", "ours", "peer")
        for kind in ("ours", "peer"):
            cpu[f"{name}_{kind}"] = found.median(kind, "cpu_us")
            figures[f"{name}_{kind}_rate"] = found.median(kind, "rate")
        figures[f"{name}_cpu_ratio"] = cpu[f"{name}_peer"] / cpu[f"{name}_ours"]
    return Result(
        figures=figures,
        met=min(figures["read_ratio"], figures["write_ratio"]) >= LEAST,
        cpu_us=cpu,
        peer="the same routes and tables without sealing, wall and record",
        rounds=max(found.rounds for found in measured.values()),
        dropped=sum(found.dropped for found in measured.values()),
    )


@contextmanager
def _both() -> Iterator[tuple[Referrals, Server, Server, str]]:
    """Run the service and the peer, each with the same case in it."""
    service = Referrals(
        "komuna_referrals.main:create_app", new_folder(), log_level="INFO", durable=True
    )
    try:
        service.wait()
        asyncio.run(service.hire(WHO, "investigator", WHERE))
        case = _plant(service)
        peer = service.beside("benchmarks.plain_referrals:create_app", "plain")
        asyncio.run(_copy(service, case))
        for one in psutil.Process().children(recursive=True):
            is_web = one.pid in {service.process.pid, peer.process.pid}
            # A worker of the database may have ended since it was listed.
            with suppress(psutil.NoSuchProcess):
                one.cpu_affinity([int(TESTED if is_web else OTHERS)])
        ours = Server(service.url, psutil.Process(service.process.pid))
        theirs = Server(peer.url, psutil.Process(peer.process.pid))
        _compare(service, ours, theirs, case)
        asyncio.run(_warm(service, case, (ours, theirs)))
        yield service, ours, theirs, case
    finally:
        service.close()


def _plant(service: Referrals) -> str:
    with httpx.Client(base_url=service.url, trust_env=False, timeout=30) as client:
        opened = client.post("/v1/cases", json=CASE, headers=service.headers(WHO, WHERE))
        case = str(opened.raise_for_status().json()["id"])
        headers = service.headers(WHO, WHERE) | {"if-none-match": "*"}
        client.put(f"/v1/cases/{case}/person", json=PERSON, headers=headers).raise_for_status()
    return case


async def _copy(service: Referrals, case: str) -> None:
    """Take the walls of the peer's tables down and put the same case into them, in the open."""
    connection = await asyncpg.connect(service.data.dsn("plain"))
    try:
        await connection.execute("alter database plain set search_path = referrals, extensions")
        await connection.execute("set search_path = referrals, extensions")
        await connection.execute(_OPEN_ALL)
        await connection.execute(_ASSIGNMENT, service.issuer.url, WHO, WHERE)
        await connection.execute(_CASE, case, WHERE)
        columns = ", ".join(PERSON)
        places = ", ".join(f"${number}" for number in range(2, len(PERSON) + 2))
        values = [json.dumps(one, ensure_ascii=False).encode() for one in PERSON.values()]
        statement = f"insert into person (case_id, {columns}) values ($1, {places})"  # noqa: S608
        await connection.execute(statement, case, *values)
    finally:
        await connection.close()


def _compare(service: Referrals, ours: Server, peer: Server, case: str) -> None:
    def told(server: Server) -> dict[str, Any]:
        url, headers = f"{server.url}/v1/cases/{case}/person", service.headers(WHO, WHERE)
        answer = httpx.get(url, headers=headers, trust_env=False).raise_for_status()
        return {name: answer.json().get(name) for name in PERSON}

    if not told(ours) == told(peer) == PERSON:
        raise RuntimeError("The peer reads another person: nothing can be compared.")


async def _warm(service: Referrals, case: str, servers: tuple[Server, ...]) -> None:
    """Open all connections to the databases; whoever waits for one here may be told to wait."""
    headers = service.headers(WHO, WHERE)
    async with httpx.AsyncClient(headers=headers, trust_env=False, timeout=30) as client:
        for server in servers * 4:
            url = f"{server.url}/v1/cases/{case}/person"
            await asyncio.gather(*(client.get(url) for _ in range(2 * CONNECTIONS)))


def _works(process: psutil.Process) -> bool:
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


_OPEN_ALL = """
do $$ declare found regclass; begin
    for found in select oid::regclass from pg_class
        where relnamespace = 'referrals'::regnamespace and relrowsecurity
    loop
        execute format('alter table %s disable row level security', found);
        execute format('alter table %s no force row level security', found);
    end loop;
end $$
"""
_ASSIGNMENT = """
insert into assignment_copy (id, issuer, subject, role, institution, valid_from, version)
values ('bench', $1, $2, 'investigator', $3, current_date - 1, 1)
"""
_CASE = """
with opened as (
    insert into case_record (id, institution, basis, age_band, sex)
    values ($1, $2, 'interview_consent', 'adult', 'F') returning id, opened_at
)
insert into case_access (case_id, inst, relation, opened_at)
select id, $2, 'owner', opened_at from opened
"""
