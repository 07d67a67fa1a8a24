"""`komuna secrets`: the secret files of a compose deployment."""

from pathlib import Path
from typing import Annotated

import typer

from komuna_deploy.screen import Screen
from komuna_deploy.secret_files import hand_over, make_secret_files

from .options import Json, Quiet

Folder = Annotated[Path, typer.Argument(help="Where compose reads them.")]


def secrets(
    folder: Folder = Path("deploy/secrets"), *, json: Json = False, quiet: Quiet = False
) -> None:
    """Write every secret that is not there yet; none is ever overwritten."""
    screen = Screen(json_wanted=json, quiet=quiet)
    written = make_secret_files(folder)
    for name in written:
        screen.say(str(folder / name))
    handed_over = hand_over(folder)
    if not handed_over:
        screen.say("Hand them to the containers: sudo ./komuna secrets")
    screen.answer({"written": written, "handed_over": handed_over})
