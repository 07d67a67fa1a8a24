"""Letters on their way, over real sockets and onto a real disk."""

import ssl
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from pydantic import SecretStr

from komuna_registry.notices.letters import Letter, write_letter
from komuna_registry.notices.rules import Channel, Template
from komuna_registry.notices.sending import NotSentError, make_sender
from komuna_registry.settings import Settings

from .conftest import Mailbox, serving

NUMBER = UUID("0197a3c0-7d1e-7c6f-a6e6-c69e8470ada1")
MESSAGE = write_letter(
    Letter(
        NUMBER,
        Template.REFERRAL_WAITING,
        {"referral": str(NUMBER)},
        "officer@prishtine.example",
        "sq",
        datetime(2026, 7, 16, 6, tzinfo=UTC),
    ),
    sender="komuna@komuna.example.org",
    public_url="https://komuna.example.org",
)
LOGIN = {"auth_required": True, "auth_require_tls": False}


def settings(**more: Any) -> Settings:
    values: dict[str, Any] = {
        "issuer": "http://127.0.0.1:8100",
        "jwks_url": "http://127.0.0.1:8100/jwks.json",
        "database_url": SecretStr("postgresql+asyncpg://app@127.0.0.1/komuna"),
        "cursor_key": SecretStr("no cursor is ever signed with this"),
    }
    for name in ("smtp_url", "smtp_password"):
        if name in more:
            values[name] = SecretStr(more.pop(name))
    return Settings(**values, **more)


async def send(url: str, **more: Any) -> Channel:
    return await make_sender(settings(smtp_url=url, **more))(MESSAGE)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of this machine, and its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "mail of these tests")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("mail") / "server.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM) + private)
    return path


@pytest.fixture(scope="module")
def tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


class TestBySmtp:
    async def test_hands_the_letter_over(self, mailbox: Mailbox) -> None:
        assert await send(f"smtp://127.0.0.1:{mailbox.port}") is Channel.SMTP

        [letter] = mailbox.taken
        assert mailbox.receivers == ["officer@prishtine.example"]
        assert letter["Subject"] == "Diçka ju pret në Komuna"
        assert letter["Message-ID"] == f"<{NUMBER}@komuna.example.org>"
        assert str(NUMBER) in letter.get_content()

    @pytest.mark.parametrize("scheme", ["starttls", "smtps"])
    async def test_encrypts_towards_a_server_it_trusts_and_tells_no_other_anything(
        self,
        scheme: str,
        certificate: Path,
        tls: ssl.SSLContext,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        options = {"tls_context": tls} if scheme == "starttls" else {"implicit_tls": tls}
        async with serving(Mailbox(), **options) as mailbox:
            url = f"{scheme}://127.0.0.1:{mailbox.port}"
            with pytest.raises(NotSentError, match="smtp_unreachable"):
                await send(url)
            assert mailbox.receivers == []

            monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
            assert await send(url) is Channel.SMTP
            assert len(mailbox.taken) == 1
            assert scheme == "smtps" or mailbox.encrypted == [True]

    async def test_sends_nothing_to_a_server_that_cannot_encrypt(self, mailbox: Mailbox) -> None:
        with pytest.raises(NotSentError) as refused:
            await send(f"starttls://127.0.0.1:{mailbox.port}")

        assert not refused.value.is_permanent
        assert mailbox.receivers == []

    async def test_signs_in_with_the_password_of_the_file(self) -> None:
        mailbox = Mailbox()
        async with serving(mailbox, authenticator=mailbox.check_login, **LOGIN):
            url = f"smtp://komuna%40example.org@127.0.0.1:{mailbox.port}"
            await send(url, smtp_password="right")

            assert set(mailbox.logins) == {(b"komuna@example.org", b"right")}
            assert len(mailbox.taken) == 1

    async def test_does_not_give_a_letter_up_because_the_password_is_wrong(self) -> None:
        mailbox = Mailbox()
        async with serving(mailbox, authenticator=mailbox.check_login, **LOGIN):
            with pytest.raises(NotSentError, match="smtp_535") as refused:
                await send(f"smtp://komuna:wrong@127.0.0.1:{mailbox.port}")

        assert not refused.value.is_permanent

    @pytest.mark.parametrize(
        ("answers", "code", "is_permanent"),
        [
            ({"to_receiver": "550 No such user here"}, "smtp_550", True),
            ({"to_receiver": "450 Mailbox busy"}, "smtp_450", False),
            ({"to_letter": "554 Rejected"}, "smtp_554", True),
            ({"to_letter": "451 Later"}, "smtp_451", False),
        ],
    )
    async def test_tells_what_is_for_ever_from_what_is_for_now(
        self,
        answers: dict[str, str],
        code: str,
        is_permanent: bool,  # noqa: FBT001  What is expected.
    ) -> None:
        async with serving(Mailbox(**answers)) as mailbox:  # type: ignore[arg-type]
            with pytest.raises(NotSentError) as refused:
                await send(f"smtp://127.0.0.1:{mailbox.port}")

        assert (refused.value.code, refused.value.is_permanent) == (code, is_permanent)
        assert "user" not in str(refused.value)

    async def test_tries_again_when_nobody_is_there(self) -> None:
        with pytest.raises(NotSentError, match="smtp_unreachable") as refused:
            await send("smtp://127.0.0.1:1")

        assert not refused.value.is_permanent


class TestIntoFolder:
    async def test_writes_the_letter_once_for_its_owner_alone(self, tmp_path: Path) -> None:
        folder = tmp_path / "a" / "mail"
        to_folder = make_sender(settings(mail_folder=str(folder)))

        assert await to_folder(MESSAGE) is Channel.FOLDER
        await to_folder(MESSAGE)

        [file] = folder.iterdir()
        assert file.name == f"{NUMBER}.eml"
        assert file.stat().st_mode & 0o777 == 0o600
        found = message_from_bytes(file.read_bytes(), policy=policy.SMTP)
        assert found["To"] == "officer@prishtine.example"
        assert str(NUMBER) in found.get_content()

    @pytest.mark.parametrize(
        ("folder", "code"),
        [("", "mail_not_configured"), ("/proc/nowhere", "folder_not_writable")],
    )
    async def test_never_says_sent_where_it_could_not_write(self, folder: str, code: str) -> None:
        with pytest.raises(NotSentError) as refused:
            await make_sender(settings(mail_folder=folder))(MESSAGE)

        assert (refused.value.code, refused.value.is_permanent) == (code, False)


class TestSettings:
    @pytest.mark.parametrize(
        "wrong",
        [
            {"smtp_url": "http://mail.example"},
            {"smtp_url": "smtp://"},
            {"smtp_url": "smtp://mail.example:99999"},
            {"mail_from": "Komuna <komuna@example.org>"},
            {"mail_from": "komuna@example.org\r\nBcc: a@b"},
        ],
    )
    def test_refuse_what_no_letter_could_leave_by(self, wrong: dict[str, str]) -> None:
        with pytest.raises(ValueError, match="KOMUNA_") as refused:
            settings(**wrong)
        assert "mail.example" not in str(refused.value)

    @pytest.mark.parametrize(
        ("url", "is_fit"),
        [
            ("smtp://komuna@mail.example", False),
            ("starttls://komuna@mail.example", True),
            ("smtps://komuna@mail.example", True),
            ("smtp://relay", True),
        ],
    )
    def test_send_no_password_in_the_clear_in_production(
        self,
        url: str,
        is_fit: bool,  # noqa: FBT001  What is expected.
    ) -> None:
        production: dict[str, Any] = {
            "environment": "production",
            "issuer": "https://login.example.org",
            "jwks_url": "https://login.example.org/keys",
            "public_url": "https://komuna.example.org",
            "database_url": SecretStr("postgresql+asyncpg://app:zK3v9QmX7tR2@db/komuna"),
            "cursor_key": SecretStr("q8Wn2Zr7Lx4Vb9Tc6Yd1Mf5Hg3Kj0PsA"),
            "smtp_url": SecretStr(url),
        }
        if is_fit:
            assert Settings(**production).smtp_url.get_secret_value() == url
        else:
            with pytest.raises(ValueError, match="KOMUNA_SMTP_URL"):
                Settings(**production)
