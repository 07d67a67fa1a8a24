"""The feed, read by followers while transactions overlap, tells each audience what is there."""

import asyncio
import random
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from komuna_deploy.postgres import cluster
from komuna_registry.accounts.rules import Role
from komuna_registry.collections import make_collections
from komuna_registry.grant import grant_role
from komuna_registry.main import create_api
from komuna_registry.settings import Settings
from komuna_shared.app import serve
from komuna_shared.testing import Issuer, asgi_client
from tests.databases import CURSOR_KEY, Server, ServiceDatabase

from . import mutants
from .feed_walk import WALKER, Follower, Walk
from .killable import new_folder

ID = 6
NAME = "the feed replayed from zero is what is there, for each audience, under open transactions"
CANARY = "passes_the_oldest"
DEMANDED = {"committed": 100, "restarts": 1, "differences": 0}

_WALKS = 4
_STEPS = 400
_TIERS = ("public", "registered_institution", "nrm_member")
_ASSIGNMENTS = "service.assignments.read"
_PEOPLE = (("proof:analyst", Role.ANALYST), ("proof:member", Role.PROVIDER), (WALKER, Role.OPS))


def broken(figures: dict[str, Any]) -> list[str]:
    """Return which demands the figures of a run do not meet."""
    least = [name for name in ("committed", "restarts") if figures[name] < DEMANDED[name]]
    return least + (["differences"] if figures["differences"] else [])


def caught(figures: dict[str, Any]) -> bool:
    """Tell whether a follower knew something otherwise than it was."""
    return bool(figures["differences"] > 0)


def run(seed: int, *, mutant: str | None) -> dict[str, Any]:
    """Walk several times on one registry, each time with followers who begin at zero."""
    folder = new_folder()
    running = cluster.start(folder / "postgres", durable=False)
    try:
        database = Server(running.dsn()).copy("registry", "komuna_registry")
        with getattr(mutants, mutant)() if mutant else nullcontext():
            return asyncio.run(walk(database, folder, random.Random(seed), (_WALKS, _STEPS)))
    finally:
        running.stop()
        cluster.remove(folder / "postgres")


async def walk(
    place: ServiceDatabase, folder: Path, dice: random.Random, much: tuple[int, int]
) -> dict[str, Any]:
    """Walk so many times so many steps in a registry that was only migrated, and add it up."""
    issuer = Issuer()
    settings = Settings(
        issuer=issuer.url,
        jwks_url=issuer.jwks_file(folder / "jwks.json"),
        database_url=SecretStr(place.url),
        cursor_key=CURSOR_KEY,
        log_level="ERROR",
    )
    collections = {one.name: one for one in make_collections(settings)}
    total: dict[str, Any] = {"committed": 0, "lost": 0, "pages": 0, "restarts": 0, "differences": 0}
    api = serve(create_api(settings))
    async with place.opened() as database, asgi_client(api) as client:
        async with database.session() as session:
            for subject, role in _PEOPLE:
                await grant_role(
                    session, issuer=issuer.url, subject=subject, role=role, name="Somebody"
                )
        address = place.plain(place.room.app)
        for _ in range(much[0]):
            readers = _followers(issuer)
            one = Walk(database, client, collections, issuer.url, address, readers, dice)
            figures = await one.run(much[1])
            total = {name: count + figures[name] for name, count in total.items()}
            if figures["first"]:
                print(f"  known otherwise: {figures['first']}")
    return total


def _followers(issuer: Issuer) -> list[Follower]:
    def person(subject: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {issuer.token(subject, ['registry.directory.read'])}"}

    service = issuer.service_token("indicators", [_ASSIGNMENTS])
    return [
        Follower(frozenset(_TIERS[:1]), {}),
        Follower(frozenset(_TIERS[:2]), person("proof:analyst")),
        Follower(frozenset(_TIERS), person("proof:member")),
        Follower(frozenset({"public", _ASSIGNMENTS}), {"Authorization": f"Bearer {service}"}),
    ]
