"""`komuna token`: an access token to play a role with."""

from typing import Annotated, Any

import httpx
import typer

from komuna_deploy.errors import OperatorError, UsageError
from komuna_deploy.home import Home
from komuna_deploy.issuer import clients, personas
from komuna_deploy.issuer.app import PERSONA_GRANT
from komuna_deploy.running import NotRunningError, running_settings
from komuna_deploy.screen import Screen
from komuna_deploy.settings import Settings, read_settings

from .options import Json

Role = Annotated[str, typer.Argument(help="A role; without one the roles are listed.")]
Municipality = Annotated[str | None, typer.Option(help="Code of a municipality: prishtine.")]
Institution = Annotated[str | None, typer.Option(help="Code of an institution: age.")]


def token(
    role: Role = "",
    municipality: Municipality = None,
    institution: Institution = None,
    *,
    json: Json = False,
) -> None:
    """Print a token, good for ten minutes, of a demonstration persona."""
    screen = Screen(json_wanted=json)
    if not role:
        _list_roles(screen)
        return
    chosen = personas.find_role(role)
    subject = personas.subject(chosen, municipality=municipality, institution=institution)
    personas.check_known(subject, chosen)
    asked = {"role": chosen.name, "municipality": municipality, "institution": institution}
    answer = _ask(running_settings(read_settings()), asked)
    screen.say(answer["access_token"])
    screen.answer({**answer, "subject": subject})


def _list_roles(screen: Screen) -> None:
    for role in personas.ROLES.values():
        screen.say(f"{role.name:<22}{role.place}".rstrip())
    screen.answer({"roles": {r.name: {"acts_for": r.acts_for} for r in personas.ROLES.values()}})


def _ask(settings: Settings, asked: dict[str, str | None]) -> dict[str, Any]:
    secret = Home(settings.home).secret(clients.secret_name(clients.COMMAND))
    form = {name: value for name, value in asked.items() if value} | {
        "grant_type": PERSONA_GRANT,
        "client_id": clients.COMMAND,
        "client_secret": secret,
    }
    try:
        answer = httpx.post(f"{settings.issuer_url}/token", data=form, trust_env=False, timeout=5)
    except httpx.TransportError:
        raise NotRunningError(settings.home) from None
    if answer.is_client_error:
        raise UsageError("The issuer refused.", f"It says: {answer.json()['error']}.")
    if answer.is_error:
        raise OperatorError("The issuer failed.", "Look into its log: ./komuna doctor names it.")
    return dict(answer.json())
