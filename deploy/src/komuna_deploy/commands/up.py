"""`komuna up`: start everything."""

from komuna_deploy.run.up import run_until_told
from komuna_deploy.screen import Screen
from komuna_deploy.settings import read_settings

from .options import Json, Quiet


def up(*, json: Json = False, quiet: Quiet = False) -> None:
    """Start databases, services and gateway with their data; Ctrl-C stops them, the data stays."""
    run_until_told(read_settings(), Screen(json_wanted=json, quiet=quiet))
