"""What the container that makes the roles does with its secrets."""

from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest

from komuna_deploy import prepare, secret_files
from komuna_deploy.postgres import bootstrap, cluster, tickets


class TestSecrets:
    def test_makes_no_login_without_a_password(self, tmp_path: Path) -> None:
        secret_files.make_secret_files(tmp_path)
        empty = tmp_path / "referrals_migrate_url"
        empty.chmod(0o600)
        empty.write_text("")

        with pytest.raises(prepare.SecretFilesError, match="referrals_migrate_url"):
            prepare.passwords_in(tmp_path, prepare.rooms_in(tmp_path))

    def test_makes_only_what_its_secrets_name(self, tmp_path: Path) -> None:
        for name in ("keystore_referrals_database_url", "keystore_referrals_migrate_url"):
            (tmp_path / name).touch()

        assert [room.name for room in prepare.rooms_in(tmp_path)] == ["keystore_referrals"]


class TestPrepare:
    async def test_lets_the_database_check_the_gateways_tickets(
        self, server: cluster.Server, tmp_path: Path
    ) -> None:
        secret_files.make_secret_files(tmp_path)
        rooms = prepare.rooms_in(tmp_path)[:3]
        key = (tmp_path / secret_files.TICKET_KEY).read_text()

        for _ in range(2):
            await prepare.prepare(server.dsn(), tmp_path, rooms)

        admin = await asyncpg.connect(bootstrap.at_database(server.dsn(), "komuna"))
        try:
            kept = await admin.fetch("select kid, ipad, opad from ctx.keys where kid <> 'self'")
            dump = str(await admin.fetch("select * from ctx.keys"))
        finally:
            await admin.close()
        assert [tuple(row) for row in kept] == [(tickets.kid(key), *tickets.pads(key))]
        assert key not in dump

    async def test_lets_the_worker_in_with_the_password_of_its_file(
        self, server: cluster.Server, tmp_path: Path
    ) -> None:
        secret_files.make_secret_files(tmp_path)
        await prepare.prepare(server.dsn(), tmp_path, prepare.rooms_in(tmp_path)[:3])

        url = urlsplit((tmp_path / "referrals_worker_url").read_text())
        assert url.password is not None
        worker = await asyncpg.connect(
            bootstrap.at_database(server.dsn(), "komuna"), user=url.username, password=url.password
        )
        try:
            assert await worker.fetchval("select current_user") == "referrals_worker"
        finally:
            await worker.close()
