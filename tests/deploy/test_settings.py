"""What the operator sets."""

from pathlib import Path

import pytest

from komuna_deploy.errors import Exit, OperatorError, UsageError
from komuna_deploy.issuer.__main__ import refuse_production
from komuna_deploy.settings import SERVICES, read_settings


class TestReadSettings:
    def test_works_with_nothing_set(self) -> None:
        settings = read_settings({})
        assert settings.public_url == "http://localhost:8080"
        assert settings.issuer_url == "http://127.0.0.1:8100"
        assert [settings.ports.service(name) for name in SERVICES] == [8101, 8102, 8103]
        assert (settings.ports.postgres, settings.ports.keystore) == (8104, 8105)
        assert settings.databases == {}
        assert settings.home.name == ".komuna"

    def test_moves_everything_with_one_number(self) -> None:
        settings = read_settings({"KOMUNA_PORT_BASE": "18080"})
        assert settings.public_url == "http://localhost:18080"
        assert settings.ports.keystore == 18105

    @pytest.mark.parametrize("base", ["", "eighty", "0", "65530", "-1", "8080.5"])
    def test_refuses_what_is_no_port(self, base: str) -> None:
        with pytest.raises(UsageError, match="KOMUNA_PORT_BASE") as refused:
            read_settings({"KOMUNA_PORT_BASE": base})
        assert refused.value.code is Exit.USAGE

    def test_gives_one_server_to_all_services_but_never_the_keys(self) -> None:
        settings = read_settings({"DATABASE_URL": "postgres://me@db/komuna"})
        assert settings.databases == dict.fromkeys(SERVICES, "postgresql://me@db/komuna")

    def test_lets_a_service_have_a_server_of_its_own(self) -> None:
        settings = read_settings(
            {
                "DATABASE_URL": "postgresql://one",
                "KOMUNA_REFERRALS_DATABASE_URL": "postgresql+asyncpg://two",
                "KOMUNA_KEYSTORE_DATABASE_URL": "postgresql://three",
            }
        )
        assert settings.databases == {
            "registry": "postgresql://one",
            "indicators": "postgresql://one",
            "referrals": "postgresql://two",
            "keystore": "postgresql://three",
        }

    def test_takes_the_home_as_it_is_named(self, tmp_path: Path) -> None:
        assert read_settings({"KOMUNA_HOME": str(tmp_path)}).home == tmp_path


class TestRefuseProduction:
    def test_keeps_development_tokens_out_of_production(self) -> None:
        with pytest.raises(OperatorError, match="production"):
            refuse_production(read_settings({"KOMUNA_ENVIRONMENT": "production"}))

    def test_lets_development_pass(self) -> None:
        refuse_production(read_settings({}))
