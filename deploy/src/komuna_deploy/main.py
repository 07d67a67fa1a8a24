"""The operator's command: its words, and how it ends."""

import sys
from importlib import metadata
from typing import Annotated

import typer

from .commands import admin, check, demo, doctor, secrets, token, up
from .errors import Exit, OperatorError, UsageError
from .postgres.bootstrap import NotAdministratorError
from .screen import complain

commands = typer.Typer(
    name="komuna",
    help="Run Komuna: start it, ask for tokens, look after it.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
commands.command()(up.up)
commands.command()(token.token)
commands.command()(doctor.doctor)
commands.command()(check.check)
commands.command()(secrets.secrets)
commands.add_typer(demo.app, name="demo")
commands.add_typer(admin.app, name="admin")


def _show_version(wanted: bool) -> None:  # noqa: FBT001 -- typer calls it so.
    if wanted:
        sys.stdout.write(f"komuna {metadata.version('komuna-deploy')}\n")
        raise typer.Exit


Version = Annotated[
    bool,
    typer.Option(
        "--version", help="Say which Komuna this is.", callback=_show_version, is_eager=True
    ),
]


@commands.callback()
def komuna(*, _version: Version = False) -> None:
    """Run Komuna: start it, ask for tokens, look after it."""


def app() -> None:
    """Run one word of the command, and end with a number that scripts can read."""
    try:
        sys.exit(commands(standalone_mode=False) or Exit.OK)
    except typer.TyperException as error:
        complain(UsageError(error.format_message(), "See `./komuna --help`."))
        sys.exit(Exit.USAGE)
    except NotAdministratorError as error:
        complain(error)
        sys.stdout.write(error.sql + "\n")
        sys.exit(error.code)
    except OperatorError as error:
        complain(error, json_wanted="--json" in sys.argv)
        sys.exit(error.code)
    except (KeyboardInterrupt, typer.Abort):
        sys.exit(Exit.FAILURE)
