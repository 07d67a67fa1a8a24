"""Where letters go: to a mail server, or without one into a folder as `.eml` files."""

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from contextlib import suppress
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from urllib.parse import unquote, urlsplit

import aiosmtplib
from pydantic import SecretStr

from komuna_registry.settings import Settings

from .rules import Channel

_PATIENCE = 20.0
_GOODBYE = 2.0
_PERMANENT = 500
_PORTS = {"smtp": 25, "starttls": 587, "smtps": 465}

Send = Callable[[EmailMessage], Awaitable[Channel]]


class NotSentError(Exception):
    """A letter did not leave; another try may help unless it is permanent."""

    def __init__(self, code: str, *, is_permanent: bool = False) -> None:
        super().__init__(code)
        self.code = code
        self.is_permanent = is_permanent


def make_sender(settings: Settings) -> Send:
    """Return what sends a letter, as the settings want it."""
    if settings.smtp_url.get_secret_value():
        return _by_smtp(settings)
    return _into_folder(settings.mail_folder)


def _by_smtp(settings: Settings) -> Send:
    url = urlsplit(settings.smtp_url.get_secret_value())
    password = settings.smtp_password or SecretStr(unquote(url.password or ""))

    async def send(message: EmailMessage) -> Channel:
        server = aiosmtplib.SMTP(
            hostname=url.hostname,
            port=url.port or _PORTS[url.scheme],
            username=unquote(url.username) if url.username else None,
            password=password.get_secret_value() if url.username else None,
            use_tls=url.scheme == "smtps",
            start_tls=url.scheme == "starttls",
            timeout=_PATIENCE,
            tls_context=ssl.create_default_context() if url.scheme != "smtp" else None,
        )
        try:
            async with asyncio.timeout(_PATIENCE):
                await server.connect()
                await server.send_message(message)
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as failure:
            raise _failed(failure) from None
        finally:
            await _part(server)
        return Channel.SMTP

    return send


def _failed(failure: Exception) -> NotSentError:
    """Return what became of a letter; of the server's words only the number is kept."""
    if isinstance(failure, aiosmtplib.SMTPRecipientsRefused):
        failure = failure.recipients[0]
    if not isinstance(failure, aiosmtplib.SMTPResponseException):
        return NotSentError("smtp_unreachable")
    # That the server does not take us, or anybody, is the operator's to mend: it ends no letter.
    is_about_it = isinstance(failure, aiosmtplib.SMTPRecipientRefused | aiosmtplib.SMTPDataError)
    is_permanent = is_about_it and failure.code >= _PERMANENT
    return NotSentError(f"smtp_{failure.code}", is_permanent=is_permanent)


async def _part(server: aiosmtplib.SMTP) -> None:
    """Say goodbye; whatever comes back, the letter is where it is."""
    with suppress(aiosmtplib.SMTPException, OSError, TimeoutError):
        async with asyncio.timeout(_GOODBYE):
            await server.quit()
    server.close()


def _into_folder(folder: str) -> Send:
    async def send(message: EmailMessage) -> Channel:
        if not folder:
            raise NotSentError("mail_not_configured")
        try:
            await asyncio.to_thread(_write, Path(folder), message)
        except OSError:
            raise NotSentError("folder_not_writable") from None
        return Channel.FOLDER

    return send


def _write(folder: Path, message: EmailMessage) -> None:
    """Write a letter whole or not at all; the same letter again takes the place of the first."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    name = message["Message-ID"].strip("<>").partition("@")[0]
    draft = folder / f".{name}.draft"
    draft.touch(mode=0o600)
    draft.write_bytes(message.as_bytes(policy=SMTP))
    draft.replace(folder / f"{name}.eml")
