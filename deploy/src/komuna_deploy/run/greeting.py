"""The screen `komuna up` ends with: where to look, what to ask, what was loaded."""

import os
import shlex
from collections.abc import Mapping, Sequence
from itertools import groupby
from pathlib import Path
from textwrap import wrap
from typing import Any

from komuna_deploy.home import Home
from komuna_deploy.settings import Settings

_WIDTH = 100
_CHECKOUT = Path(__file__).resolve().parents[4]


def lines(
    settings: Settings, home: Home, loaded: Sequence[Mapping[str, Any]], *, moved: str
) -> list[str]:
    """Return the screen, line by line."""
    url = settings.public_url
    komuna = command(home)
    return [
        "",
        *_data(loaded),
        *_place(home, moved),
        f"  Logs in   {home.logs}",
        f"  Mail in   {_mail(home)}",
        "",
        f"  Komuna is ready. Docs: {url}/docs",
        "  Ask it (paste as it stands):",
        *(f"    {one}" for one in questions(url, komuna)),
        "",
        f"  Act as    {komuna} token ROLE   (without ROLE it lists the roles)",
        f"  Stop      Ctrl-C; the data stays. Begin anew: {komuna} demo reset",
        "",
    ]


def questions(url: str, komuna: str) -> list[str]:
    """Return one working command for each service."""
    curl = 'curl -s -H "Accept-Language: en"'

    purpose = '-H "Processing-Purpose: assistance"'

    def token(role: str) -> str:
        return f'-H "Authorization: Bearer $({komuna} token {role})"'

    return [
        f'{curl} "{url}/registry/v1/municipalities/prishtine"',
        f'{curl} "{url}/indicators/v1/observations?indicator=women-directors&period=2020"',
        f'{curl} {token("case_owner")} {purpose} "{url}/referrals/v1/cases"',
    ]


def command(home: Home) -> str:
    """Return how the operator calls this command from where they stand."""
    script = _CHECKOUT / "komuna"
    if not script.exists():
        name = "komuna"
    elif Path.cwd() == _CHECKOUT:
        name = "./komuna"
    else:
        name = shlex.quote(str(script))
    if "KOMUNA_HOME" in os.environ:
        return f"KOMUNA_HOME={shlex.quote(str(home.folder))} {name}"
    return name


def _data(loaded: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return a paragraph for each service: how much of what, and where it comes from."""
    lines = []
    for service, group in groupby(loaded, key=lambda one: one["service"]):
        found = list(group)
        amounts = ", ".join(f"{one['rows']} {_words(one['collection'])}" for one in found)
        origins = "; ".join(dict.fromkeys(part for one in found for part in _parts(one["origin"])))
        lines += [f"  Loaded into {service}:"]
        lines += wrap(amounts, _WIDTH, initial_indent="    ", subsequent_indent="    ")
        lines += wrap(f"from {origins}", _WIDTH, initial_indent="    ", subsequent_indent="    ")
    return [*lines, ""] if lines else []


def _parts(origin: str) -> list[str]:
    # Files name several sources, and the same ones again and again.
    return [part.strip() for part in origin.split(";") if part.strip()]


def _mail(home: Home) -> str:
    """Return where the letters are that officers get."""
    # An address of a mail server may hold a password, so it is not shown.
    if any(os.environ.get(name) for name in ("KOMUNA_SMTP_URL", "KOMUNA_SMTP_URL_FILE")):
        return "no folder: it is sent by the server of KOMUNA_SMTP_URL"
    return os.environ.get("KOMUNA_MAIL_FOLDER") or f"{home.mail} (no letter leaves this machine)"


def _words(collection: str) -> str:
    return collection.replace("_", " ").replace("-", " ")


def _place(home: Home, moved: str) -> list[str]:
    if not moved:
        return [f"  Data in   {home.folder}"]
    return [
        f"  Data in   {moved}",
        f"            (the account of the database server cannot enter {home.folder})",
    ]
