"""A letter as it leaves: thin, in the reader's language, under a number that stays the same."""

from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from komuna_shared.languages import DEFAULT, LANGUAGES, translate

from . import rules
from .rules import Template


@dataclass(frozen=True, slots=True)
class Letter:
    """What one account is told; `params` are the codes and days that were checked on arrival."""

    delivery: UUID
    template: Template
    params: dict[str, Any]
    address: str
    language: str | None
    written_at: datetime


def write_letter(letter: Letter, *, sender: str, public_url: str) -> EmailMessage:
    """Return the message; a second try of the same letter is the same message."""
    language = letter.language if letter.language in LANGUAGES else DEFAULT
    said = rules.WORDINGS[letter.template]
    link = public_url.rstrip("/") + rules.LINKS[letter.template].format_map(letter.params)
    params = {**letter.params, "link": link}
    message = EmailMessage(policy=SMTP.clone(max_line_length=998))
    message["Subject"] = translate(said.subject, language)
    message["From"] = Address(addr_spec=sender)
    message["To"] = Address(addr_spec=letter.address)
    message["Date"] = letter.written_at
    message["Message-ID"] = message_id(letter.delivery, public_url)
    # No "out of office" comes back, and nothing answers a machine.
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    paragraphs = (translate(said.body, language, **params), translate(rules.SIGNATURE, language))
    # Only ASCII on the wire: no server on the way has to know more.
    message.set_content("\n\n".join(paragraphs) + "\n", cte="quoted-printable")
    # After the content, which takes every header about content away with the one before.
    message["Content-Language"] = language
    return message


def message_id(delivery: UUID, public_url: str) -> str:
    """Return the number by which a reader's server recognises a letter that comes twice."""
    return f"<{delivery}@{urlsplit(public_url).hostname or 'localhost'}>"
