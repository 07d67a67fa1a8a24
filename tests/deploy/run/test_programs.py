"""What each process is told."""

from pathlib import Path

import pytest

from komuna_deploy.home import Home
from komuna_deploy.postgres import bootstrap
from komuna_deploy.postgres.roles import KEYSTORE_ROOMS, SERVICE_ROOMS
from komuna_deploy.run import databases, programs
from komuna_deploy.run.databases import Databases
from komuna_deploy.run.programs import Plan
from komuna_deploy.settings import KEYSTORE, SERVICES, read_settings


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    home = Home(tmp_path / "home")
    home.prepare()
    settings = read_settings({"KOMUNA_HOME": str(home.folder), "KOMUNA_PORT_BASE": "18080"})
    named = dict.fromkeys((*SERVICES, KEYSTORE), "postgresql://admin:word@db:5432/postgres")
    houses = list(databases.rooms_by_address(named).items())
    passwords = bootstrap.new_passwords((*SERVICE_ROOMS, *KEYSTORE_ROOMS))
    return Plan(settings, home, Databases(houses=houses, passwords=passwords), "file:///jwks.json")


def _file(plan: Plan, program: programs.Program, variable: str) -> str:
    del plan
    return Path(program.environment[variable]).read_text()


class TestPlan:
    def test_gives_each_service_its_own_login(self, plan: Plan) -> None:
        for name in SERVICES:
            url = _file(plan, plan.service(name), "KOMUNA_DATABASE_URL_FILE")
            assert url.startswith(f"postgresql+asyncpg://{name}_app:")

    def test_gives_the_keys_to_who_has_some(self, plan: Plan) -> None:
        url = _file(plan, plan.service("referrals"), "KOMUNA_KEYSTORE_URL_FILE")
        assert url.startswith("postgresql+asyncpg://keystore_referrals_app:")
        assert "KOMUNA_KEYSTORE_URL_FILE" not in plan.service("registry").environment

    def test_gives_what_opens_the_keys_to_the_web_process_alone(self, plan: Plan) -> None:
        own = {"KOMUNA_KEYSTORE_ROOT_KEY_FILE", "KOMUNA_BLIND_INDEX_KEY_FILE"}
        found = {_file(plan, plan.service("referrals"), variable) for variable in own}
        assert len(found) == 2
        assert {len(text) for text in found} == {43}
        for program in (
            plan.worker("referrals"),
            plan.service("indicators"),
            plan.migration("keystore_referrals", "komuna_referrals.keystore"),
        ):
            assert not own & program.environment.keys()

    def test_gives_what_signs_tickets_to_the_gateway_alone(self, plan: Plan) -> None:
        key = _file(plan, plan.gateway(), "KOMUNA_TICKET_KEY_FILE")
        assert len(key) == 43
        others = [plan.issuer(), plan.migration("referrals", "komuna_referrals")]
        for name in SERVICES:
            others += [plan.service(name), plan.worker(name)]
        for program in others:
            assert not [one for one in program.environment if "TICKET" in one]

    def test_gives_the_worker_behind_the_wall_its_own_login(self, plan: Plan) -> None:
        url = _file(plan, plan.worker("referrals"), "KOMUNA_DATABASE_URL_FILE")
        assert url.startswith("postgresql+asyncpg://referrals_worker:")
        url = _file(plan, plan.worker("registry"), "KOMUNA_DATABASE_URL_FILE")
        assert url.startswith("postgresql+asyncpg://registry_app:")

    def test_tells_how_letters_leave_to_the_one_who_sends_them(
        self, plan: Plan, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        folder = str(plan.home.folder / "mail")
        assert plan.worker("registry").environment["KOMUNA_MAIL_FOLDER"] == folder

        monkeypatch.setenv("KOMUNA_SMTP_URL", "smtp://user:word@127.0.0.1:2525")
        monkeypatch.setenv("KOMUNA_MAIL_FOLDER", "/elsewhere")
        told = plan.worker("registry").environment
        assert told["KOMUNA_SMTP_URL"] == "smtp://user:word@127.0.0.1:2525"
        assert told["KOMUNA_MAIL_FOLDER"] == "/elsewhere"
        others = [plan.issuer(), plan.gateway(), plan.service("registry")]
        for program in (*others, plan.worker("indicators"), plan.worker("referrals")):
            assert not [one for one in program.environment if "SMTP" in one or "MAIL" in one]

    def test_gives_migrations_the_login_that_may_change_tables(self, plan: Plan) -> None:
        program = plan.migration("registry", "komuna_registry")
        url = _file(plan, program, "KOMUNA_MIGRATE_URL_FILE")
        assert url.startswith("postgresql+asyncpg://registry_migrate:")
        assert "KOMUNA_DATABASE_URL_FILE" not in program.environment

    def test_gives_the_gateway_no_database(self, plan: Plan) -> None:
        named = [name for name in plan.gateway().environment if "DATABASE" in name]
        assert named == []

    def test_writes_no_password_into_an_environment(self, plan: Plan) -> None:
        secrets = set(plan.databases.passwords.values())
        for name in SERVICES:
            told = " ".join(plan.service(name).environment.values())
            assert not [word for word in secrets if word in told]

    def test_keeps_secret_files_from_everyone_else(self, plan: Plan) -> None:
        plan.service("referrals")
        files = list((plan.home.folder / "secrets").iterdir())
        assert files
        assert {path.stat().st_mode & 0o777 for path in files} == {0o600}

    def test_believes_no_forwarded_address(self, plan: Plan) -> None:
        for program in (plan.gateway(), plan.service("registry")):
            assert "--no-proxy-headers" in program.command

    def test_bounds_every_head(self, plan: Plan) -> None:
        assert "komuna_gateway.protocol:Protocol" in plan.gateway().command
        for name in SERVICES:
            assert "komuna_shared.server:Protocol" in plan.service(name).command


class TestInherited:
    def test_keeps_administrators_addresses_from_services(self) -> None:
        own = {
            "PATH": "/bin",
            "DATABASE_URL": "secret",
            "KOMUNA_REGISTRY_DATABASE_URL": "secret",
            "PGPASSWORD": "secret",
            "KOMUNA_PORT_BASE": "1",
            "KOMUNA_QUOTA_ADDRESS": "7",
            "KOMUNA_TICKET_KEY": "secret",
            "KOMUNA_TICKET_KEY_FILE": "/secret",
        }
        assert programs.inherited(own) == {"PATH": "/bin", "KOMUNA_QUOTA_ADDRESS": "7"}
