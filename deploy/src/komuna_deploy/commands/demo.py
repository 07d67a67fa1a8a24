"""`komuna demo`: the demonstration data."""

import typer

from komuna_deploy.errors import Exit, OperatorError
from komuna_deploy.home import Home
from komuna_deploy.locks import FolderLock
from komuna_deploy.postgres import cluster
from komuna_deploy.run import data, schemas
from komuna_deploy.screen import Screen
from komuna_deploy.settings import KEYSTORE, MAIN, SERVICES, Settings, read_settings

from .options import Json, Yes

app = typer.Typer(no_args_is_help=True, help="The demonstration data.")


@app.callback()
def demo() -> None:
    """Begin anew."""


@app.command()
def reset(*, yes: Yes = False, json: Json = False) -> None:
    """Delete the embedded databases and everything in them; the next start loads them afresh."""
    settings = read_settings()
    screen = Screen(json_wanted=json)
    home = Home(settings.home)
    folders = [home.databases / name for name in _embedded(settings)]
    if not yes:
        screen.say(f"This deletes all data of {home.folder}, also what you entered yourself.")
        screen.say("There is no undo; a copy of the folder, made while it is stopped, is one.")
        screen.say("Do it with: ./komuna demo reset --yes")
        screen.answer({"deleted": [], "would_delete": [str(one) for one in folders]})
        raise typer.Exit(Exit.WARNING)
    home.prepare()
    lock = FolderLock(home.lock).take(what=f"The data folder {home.folder}")
    try:
        for folder in folders:
            cluster.remove(folder)
        for note in (schemas.NOTE, data.NOTE):
            home.forget_note(note)
    finally:
        lock.release()
    screen.say("Deleted. The next `make run` begins anew.")
    screen.answer({"deleted": [str(one) for one in folders]})


def _embedded(settings: Settings) -> list[str]:
    main = [] if set(SERVICES) <= settings.databases.keys() else [MAIN]
    found = main + ([] if KEYSTORE in settings.databases else [KEYSTORE])
    if not main:
        raise OperatorError(
            "The data is on a server of yours, which this command does not touch.",
            "Drop the schemas registry, indicators and referrals there, then start again.",
        )
    return found
