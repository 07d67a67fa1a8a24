"""A real mail server, and letters on their way to it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from email import message_from_bytes
from email.policy import SMTP as LETTERS
from typing import Any
from uuid import uuid4
from warnings import catch_warnings, simplefilter

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session
from httpx import AsyncClient, Response

from komuna_shared.testing import Issuer
from tests.databases import ServiceDatabase

Send = Callable[..., Any]


@dataclass
class Mailbox:
    """What a mail server took, and how it answers."""

    port: int = 0
    taken: list[Any] = field(default_factory=list)
    receivers: list[str] = field(default_factory=list)
    logins: list[tuple[bytes, bytes]] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)
    to_receiver: str = "250 OK"
    to_letter: str = "250 OK"
    has_letter: asyncio.Event = field(default_factory=asyncio.Event)
    may_answer: asyncio.Event | None = None

    async def handle_RCPT(  # noqa: N802  The library calls it so.
        self, _: SMTP, __: Session, envelope: Envelope, address: str, ___: list[str]
    ) -> str:
        if self.to_receiver.startswith("250"):
            envelope.rcpt_tos.append(address)
            self.receivers.append(address)
        return self.to_receiver

    async def handle_DATA(  # noqa: N802
        self, _: SMTP, session: Session, envelope: Envelope
    ) -> str:
        content = envelope.content
        assert isinstance(content, bytes)
        self.encrypted.append(session.ssl is not None)
        if self.to_letter.startswith("250"):
            self.taken.append(message_from_bytes(content, policy=LETTERS))
        self.has_letter.set()
        if self.may_answer is not None:
            await self.may_answer.wait()
        return self.to_letter

    def check_login(self, *given: Any) -> AuthResult:
        """Take one user's password."""
        data = given[-1]
        self.logins.append((data.login, data.password))
        return AuthResult(success=data.password == b"right", handled=False)


@asynccontextmanager
async def serving(mailbox: Mailbox, **options: Any) -> AsyncIterator[Mailbox]:
    """Run a mail server on a free port."""
    connections: list[SMTP] = []
    implicit = options.pop("implicit_tls", None)

    def connect() -> SMTP:
        with catch_warnings():
            # It advises against passwords without TLS, as we do.
            simplefilter("ignore")
            connections.append(SMTP(mailbox, hostname="localhost", **options))
        return connections[-1]

    server = await asyncio.get_running_loop().create_server(connect, "127.0.0.1", 0, ssl=implicit)
    mailbox.port = server.sockets[0].getsockname()[1]
    try:
        yield mailbox
    finally:
        server.close()
        for one in connections:
            if isinstance(one.transport, asyncio.Transport):
                one.transport.abort()
        await server.wait_closed()


@pytest.fixture
async def mailbox() -> AsyncIterator[Mailbox]:
    async with serving(Mailbox()) as one:
        yield one


@pytest.fixture
def sender(issuer: Issuer) -> dict[str, str]:
    """The headers of indicators, which has people told."""
    token = issuer.service_token("indicators", ["service.notices.write"])
    return {"Authorization": f"Bearer {token}", "Accept-Language": "en"}


OVERDUE: dict[str, Any] = {
    "template": "report_overdue",
    "recipient": {"municipality": "prishtine", "role": "municipal_officer"},
    "params": {
        "obligation": "decision-making-posts-demo",
        "period": "2026-S1",
        "due_on": "2026-07-15",
    },
}


async def tell(
    client: AsyncClient, headers: dict[str, str], body: Any = OVERDUE, *, key: str = ""
) -> Response:
    """Ask for a notice."""
    return await client.post(
        "/v1/notices", json=body, headers={**headers, "Idempotency-Key": key or str(uuid4())}
    )


async def letter(registry: ServiceDatabase) -> dict[str, Any]:
    """Return the one letter there is."""
    [row] = await registry.fetch("select * from delivery")
    return dict(row)


async def waiting(registry: ServiceDatabase) -> list[timedelta]:
    """Return in which time each job of a letter is due."""
    rows = await registry.fetch(
        "select execute_after - now() as due from pgqueuer where entrypoint = 'send_letter'"
        " order by id"
    )
    return [row["due"] for row in rows]
