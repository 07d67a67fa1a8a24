"""`komuna check`: does the database still stand as we set it."""

import asyncio
from itertools import groupby

import typer

from komuna_deploy.errors import Exit
from komuna_deploy.postgres import drift
from komuna_deploy.postgres.bootstrap import at_database
from komuna_deploy.run.databases import rooms_by_address
from komuna_deploy.running import running_addresses, running_settings
from komuna_deploy.screen import Screen
from komuna_deploy.settings import read_settings

from .options import Json, Quiet


def check(*, json: Json = False, quiet: Quiet = False) -> None:
    """Compare the servers' and roles' settings with ours; name every difference."""
    settings = running_settings(read_settings())
    found: list[str] = []
    for address, rooms in rooms_by_address(running_addresses(settings)).items():
        ours = address not in settings.databases.values()
        for database, inside in groupby(rooms, key=lambda room: room.database):
            place = at_database(address, database)
            found += asyncio.run(drift.find_drift(place, list(inside), ours=ours))
    screen = Screen(json_wanted=json, quiet=quiet)
    for line in found:
        screen.say(f"  ! {line}")
    if not found:
        screen.say("Every setting is as Komuna set it.")
    screen.answer({"differences": found})
    raise typer.Exit(Exit.WARNING if found else Exit.OK)
