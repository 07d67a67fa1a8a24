"""Settings: from variables and files, and never unsafe in production."""

from pathlib import Path
from typing import Any

import pytest

from komuna_shared.settings import ServiceSettings

SAFE = {
    "environment": "production",
    "issuer": "https://id.example.gov",
    "jwks_url": "http://keycloak:8080/keys",
    "public_url": "https://komuna.example.gov",
    "database_url": "postgresql+asyncpg://app:Zr8-qpL2xv_T@postgres/komuna",
    "cursor_key": "q8Zt5LwX2mN7vB4cR9kJ6hG3fD1sA0pY",
}


class TestFiles:
    def test_give_the_value(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        secret = tmp_path / "cursor_key"
        secret.write_text("from-the-file\n")
        secret.chmod(0o400)
        monkeypatch.setenv("KOMUNA_CURSOR_KEY_FILE", str(secret))
        monkeypatch.setenv("KOMUNA_ISSUER", "https://id.example.gov")

        given = {name: SAFE[name] for name in ("jwks_url", "database_url")}
        settings = ServiceSettings(**given)  # type: ignore[arg-type]

        assert settings.cursor_key.get_secret_value() == "from-the-file"
        assert settings.issuer == "https://id.example.gov"

    def test_that_everybody_may_read_are_refused(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        secret = tmp_path / "cursor_key"
        secret.write_text("from-the-file\n")
        secret.chmod(0o444)
        monkeypatch.setenv("KOMUNA_CURSOR_KEY_FILE", str(secret))

        with pytest.raises(ValueError, match="KOMUNA_CURSOR_KEY_FILE") as refused:
            ServiceSettings()

        assert "from-the-file" not in str(refused.value)


class TestProduction:
    def test_accepts_what_is_safe(self) -> None:
        assert ServiceSettings(**SAFE).is_production  # type: ignore[arg-type]

    @pytest.mark.parametrize(
        ("change", "variable"),
        [
            ({"issuer": "http://127.0.0.1:8100"}, "KOMUNA_ISSUER"),
            ({"issuer": "https://localhost:8100"}, "KOMUNA_ISSUER"),
            ({"issuer": "https://[::1]/"}, "KOMUNA_ISSUER"),
            ({"issuer": "http://id.example.gov"}, "KOMUNA_ISSUER"),
            ({"jwks_url": "http://127.0.0.1:8100/jwks"}, "KOMUNA_JWKS_URL"),
            ({"public_url": "http://komuna.example.gov"}, "KOMUNA_PUBLIC_URL"),
            ({"cursor_key": "sh0rt-one"}, "KOMUNA_CURSOR_KEY"),
            ({"cursor_key": "a" * 64}, "KOMUNA_CURSOR_KEY"),
            ({"cursor_key": "change-me-q8Zt5LwX2mN7vB4cR9kJ6hG3fD1sA0pY"}, "KOMUNA_CURSOR_KEY"),
            ({"client_secret": "secret"}, "KOMUNA_CLIENT_SECRET"),
            ({"database_url": "postgresql+asyncpg://app@postgres/komuna"}, "KOMUNA_DATABASE_URL"),
            (
                {"database_url": "postgresql+asyncpg://app:password1234@postgres/komuna"},
                "KOMUNA_DATABASE_URL",
            ),
        ],
        ids=str,
    )
    def test_refuses(self, change: dict[str, Any], variable: str) -> None:
        with pytest.raises(ValueError, match=variable) as refused:
            ServiceSettings(**(SAFE | change))

        [value] = change.values()
        assert value not in str(refused.value)

    def test_accepts_in_development_what_it_refuses(self) -> None:
        loose = SAFE | {"environment": "development", "issuer": "http://127.0.0.1:8100"}

        assert not ServiceSettings(**loose).is_production  # type: ignore[arg-type]


class TestKey:
    def test_differs_by_purpose(self) -> None:
        settings = ServiceSettings(**SAFE)  # type: ignore[arg-type]

        assert settings.key("page") != settings.key("etag")

    def test_never_shows_a_secret(self) -> None:
        shown = repr(ServiceSettings(**SAFE))  # type: ignore[arg-type]

        assert SAFE["cursor_key"] not in shown
        assert "Zr8" not in shown
