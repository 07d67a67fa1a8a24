"""`komuna admin`: what only the operator may do to accounts."""

import asyncio
from typing import Annotated

import typer

from komuna_deploy.home import Home
from komuna_deploy.issuer import keys
from komuna_deploy.postgres.roles import SERVICE_ROOMS
from komuna_deploy.run.children import Children
from komuna_deploy.run.databases import Databases, keep_passwords
from komuna_deploy.run.programs import Plan
from komuna_deploy.running import running_addresses, running_settings
from komuna_deploy.screen import Screen
from komuna_deploy.settings import read_settings

from .options import Quiet

app = typer.Typer(no_args_is_help=True, help="What only the operator may do to accounts.")

Subject = Annotated[str, typer.Option(help="The `sub` of the person's tokens.")]
Role = Annotated[str, typer.Option(help="The role to give.")]
Name = Annotated[str, typer.Option(help="What to call the person.")]
Issuer = Annotated[str, typer.Option(help="The `iss` of the person's tokens.")]


@app.callback()
def admin() -> None:
    """Give the first rights."""


@app.command()
def grant(
    subject: Subject,
    name: Name,
    role: Role = "ops",
    issuer: Issuer = "",
    *,
    quiet: Quiet = False,
) -> None:
    """Make an account with a role, straight in registry's database; it is audited there."""
    settings = running_settings(read_settings())
    home = Home(settings.home)
    found = Databases(passwords=keep_passwords(home))
    found.houses = [(running_addresses(settings)["registry"], SERVICE_ROOMS)]
    plan = Plan(settings, home, found, keys.write_public_keys(home))
    program = plan.grant(subject, role=role, name=name, issuer=issuer)
    asyncio.run(Children(home.logs).run(program))
    Screen(quiet=quiet).say(f"Granted: {role}.")
