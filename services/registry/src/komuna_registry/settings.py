"""What only the registry needs to be told."""

import re
from typing import Self
from urllib.parse import SplitResult, urlsplit

from pydantic import Field, SecretStr, model_validator

from komuna_shared.settings import ServiceSettings, UnsafeSettingsError

_SCHEMES = ("smtp", "starttls", "smtps")
_SENDER = re.compile(r"[A-Za-z0-9._+-]+@[A-Za-z0-9.-]+", re.ASCII)


class Settings(ServiceSettings):
    """The settings of the registry."""

    frame_seconds: float = Field(
        default=1.0,
        ge=0,
        description="How long another process's change of municipalities may go unseen.",
    )
    smtp_url: SecretStr = Field(
        default=SecretStr(""),
        description="The mail server: smtp://, starttls:// or smtps://, user@ and :port if needed.",
    )
    smtp_password: SecretStr | None = Field(
        default=None, description="The password of the user that the address names."
    )
    mail_from: str = Field(default="komuna@localhost", description="Who letters come from.")
    mail_folder: str = Field(
        default="", description="Where letters are written as files while there is no mail server."
    )

    @model_validator(mode="after")
    def _check_mail(self) -> Self:
        if not _SENDER.fullmatch(self.mail_from):
            raise UnsafeSettingsError("KOMUNA_MAIL_FROM: this is no bare e-mail address.")
        url = urlsplit(self.smtp_url.get_secret_value())
        if not url.geturl():
            return self
        if url.scheme not in _SCHEMES or not url.hostname or not _has_port(url):
            raise UnsafeSettingsError(f"KOMUNA_SMTP_URL: needs {', '.join(_SCHEMES)} and a host.")
        if self.is_production and url.username and url.scheme == "smtp":
            raise UnsafeSettingsError("KOMUNA_SMTP_URL: a password needs starttls or smtps.")
        return self


def _has_port(url: SplitResult) -> bool:
    try:
        return url.port != 0
    except ValueError:
        return False
