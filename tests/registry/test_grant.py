"""The first administrator."""

import os
import subprocess
import sys

from tests.databases import ServiceDatabase
from tests.registry.conftest import MakeSettings


class TestGrant:
    def test_grants_once_however_often_it_runs(
        self, registry: ServiceDatabase, make_settings: MakeSettings
    ) -> None:
        settings = make_settings(registry)
        command = [sys.executable, "-m", "komuna_registry.grant", "--issuer", settings.issuer]
        command += ["--subject", "first", "--role", "ops", "--name", "First Operator"]
        environment = os.environ | {
            "KOMUNA_ISSUER": settings.issuer,
            "KOMUNA_JWKS_URL": settings.jwks_url,
            "KOMUNA_DATABASE_URL": registry.url,
            "KOMUNA_CURSOR_KEY": settings.cursor_key.get_secret_value(),
        }

        said = [
            subprocess.run(
                command, env=environment, capture_output=True, text=True, check=True
            ).stdout
            for _ in range(2)
        ]

        assert said == ["Granted.\n", "Held already.\n"]
