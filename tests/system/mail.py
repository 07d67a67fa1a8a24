"""A mail server that keeps what it is given."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from email.policy import default

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.deploy.programs import free_port_base


@dataclass
class MailServer:
    """What came in so far, and where to send more."""

    url: str
    letters: list[tuple[str, Message]] = field(default_factory=list)

    async def handle_DATA(  # noqa: N802 -- the library's name.
        self,
        server: SMTP,  # noqa: ARG002
        session: Session,  # noqa: ARG002
        envelope: Envelope,
    ) -> str:
        """Keep a letter for each of its recipients."""
        content = envelope.content
        assert isinstance(content, bytes)
        for recipient in envelope.rcpt_tos:
            self.letters.append((recipient, message_from_bytes(content, policy=default)))
        return "250 OK"

    def to(self, recipient: str) -> list[Message]:
        """Return what somebody was sent."""
        return [letter for name, letter in self.letters if name == recipient]


@contextmanager
def mail_server() -> Iterator[MailServer]:
    """Run a mail server on a free port."""
    port = free_port_base()
    server = MailServer(f"smtp://127.0.0.1:{port}")
    controller = Controller(server, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield server
    finally:
        controller.stop()
