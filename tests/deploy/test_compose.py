"""The compose file and its secrets keep the deployment's promises."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from komuna_deploy import prepare, secret_files

ROOT = Path(__file__).parents[2]
COMPOSE_TEXT = (ROOT / "docker-compose.yml").read_text("utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load(COMPOSE_TEXT)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
DATABASES = ("postgres", "keystore")
WEB = ("registry", "indicators", "referrals", "gateway")
WORKERS = ("registry-worker", "indicators-worker", "referrals-worker")
OURS = tuple(name for name in SERVICES if name not in DATABASES)


def variables(text: str) -> set[str]:
    return set(re.findall(r"\$\{(KOMUNA_[A-Z_]+)", text))


def neighbours(name: str) -> set[str]:
    """Return every service that shares a network with this one."""
    own = set(SERVICES[name]["networks"])
    return {other for other, it in SERVICES.items() if own & set(it["networks"])} - {name}


class TestCompose:
    def test_is_valid_against_the_specification(self) -> None:
        found = subprocess.run(
            [
                Path(sys.executable).with_name("check-jsonschema"),
                "--builtin-schema",
                "vendor.compose-spec",
                ROOT / "docker-compose.yml",
            ],
            capture_output=True,
            text=True,
            check=False,
        )

        assert found.returncode == 0, found.stdout

    def test_has_every_process_of_the_design(self) -> None:
        assert {*DATABASES, *WEB, *WORKERS} < set(SERVICES)
        assert {f"{name}-migrate" for name in ("registry", "indicators", "referrals")} < set(
            SERVICES
        )

    @pytest.mark.parametrize("name", SERVICES)
    def test_confines_every_container(self, name: str) -> None:
        service = SERVICES[name]

        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert service["init"] is True
        assert 0 < service["pids_limit"] <= 256
        assert re.fullmatch(r"\d+[mg]", service["mem_limit"])
        assert service["cpus"] > 0
        assert int(service["stop_grace_period"].removesuffix("s")) >= 30
        assert service["user"] == ("999:999" if name in DATABASES else "10001:10001")
        assert all("noexec" in one and "size=" in one for one in service["tmpfs"])
        assert not {"privileged", "cap_add", "network_mode", "pid", "ipc", "devices"} & set(service)
        assert "docker.sock" not in str(service)

    def test_publishes_only_the_gateway_and_only_on_this_machine(self) -> None:
        published = {name: it["ports"] for name, it in SERVICES.items() if "ports" in it}

        assert published == {"gateway": ["${KOMUNA_BIND:-127.0.0.1}:${KOMUNA_PORT:-8080}:8080"]}

    @pytest.mark.parametrize("name", WEB)
    def test_asks_every_web_process_whether_it_is_ready(self, name: str) -> None:
        assert SERVICES[name]["healthcheck"]["test"] == ["CMD", "komuna-start", "probe"]
        assert SERVICES[name]["command"] == ["web"]

    @pytest.mark.parametrize("name", DATABASES)
    def test_asks_every_database_over_tcp(self, name: str) -> None:
        # The image's first start listens on a socket only, so TCP means: it is the real server.
        assert "--host=127.0.0.1" in SERVICES[name]["healthcheck"]["test"]
        assert SERVICES[name]["image"] == "postgres:18"
        assert SERVICES[name]["volumes"] == [f"{name}:/var/lib/postgresql"]

    @pytest.mark.parametrize("name", DATABASES)
    def test_keeps_values_out_of_the_databases_log(self, name: str) -> None:
        assert {
            "-clog_error_verbosity=terse",
            "-clog_parameter_max_length=0",
            "-clog_parameter_max_length_on_error=0",
        } < set(SERVICES[name]["command"])

    @pytest.mark.parametrize("name", [*WEB[:3], *WORKERS])
    def test_starts_a_service_only_on_a_migrated_schema(self, name: str) -> None:
        member = name.removesuffix("-worker")
        wanted = SERVICES[name]["depends_on"]

        assert wanted[f"{member}-migrate"] == {"condition": "service_completed_successfully"}

    def test_waits_with_the_gateway_for_the_three_services(self) -> None:
        assert SERVICES["gateway"]["depends_on"] == {
            name: {"condition": "service_healthy"} for name in WEB[:3]
        }


class TestNetworks:
    def test_are_closed_but_for_the_door_and_the_way_to_the_issuer(self) -> None:
        open_ones = {
            name for name, it in COMPOSE["networks"].items() if not it.get("internal", False)
        }

        assert open_ones == {"public", "registry-out", "indicators-out", "referrals-out"}

    @pytest.mark.parametrize("name", ["registry-out", "indicators-out", "referrals-out"])
    def test_lead_out_for_one_member_only(self, name: str) -> None:
        member = name.removesuffix("-out")
        inside = {other for other, it in SERVICES.items() if name in it["networks"]}

        assert inside <= {member, f"{member}-worker"}

    def test_show_the_gateway_the_services_and_no_database(self) -> None:
        assert neighbours("gateway") == {"registry", "indicators", "referrals"}

    def test_show_the_keystore_referrals_alone(self) -> None:
        assert neighbours("keystore") == {
            "keystore-roles",
            "keystore-migrate",
            "referrals",
            "referrals-worker",
        }

    def test_let_only_registry_be_asked_by_the_other_two(self) -> None:
        between = {
            frozenset((one, other))
            for one in WEB[:3]
            for other in neighbours(one)
            if other in WEB[:3]
        }

        assert between == {
            frozenset(("registry", "indicators")),
            frozenset(("registry", "referrals")),
        }


class TestSecrets:
    @pytest.mark.parametrize("name", SERVICES)
    def test_are_files_that_a_process_reads_and_no_other_sees(self, name: str) -> None:
        environment: dict[str, str] = SERVICES[name].get("environment", {})
        granted = set(SERVICES[name].get("secrets", []))
        named = {
            value.removeprefix("/run/secrets/")
            for variable, value in environment.items()
            if variable.endswith("_FILE")
        }

        assert named <= granted
        # What makes the roles reads the addresses beside the one it is told.
        assert named == granted or name.endswith("-roles")
        plain = {variable for variable in environment if not variable.endswith("_FILE")}
        assert not {one for one in plain if re.search("SECRET|PASSWORD|KEY$|DATABASE|MIGRATE", one)}

    def test_are_all_made_by_one_command(self, tmp_path: Path) -> None:
        made = secret_files.make_secret_files(tmp_path / "secrets")

        granted = {one for it in SERVICES.values() for one in it.get("secrets", [])}
        assert set(made) == granted
        assert granted | {"package_index", "package_certificates"} == set(COMPOSE["secrets"])

    def test_are_never_overwritten(self, tmp_path: Path) -> None:
        folder = tmp_path / "secrets"
        secret_files.make_secret_files(folder)
        before = {path.name: path.read_text() for path in folder.iterdir()}

        again = secret_files.make_secret_files(folder)

        assert again == []
        assert {path.name: path.read_text() for path in folder.iterdir()} == before

    def test_can_be_read_by_nobody_else(self, tmp_path: Path) -> None:
        folder = tmp_path / "secrets"

        secret_files.make_secret_files(folder)

        assert folder.stat().st_mode & 0o777 == 0o700
        assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o400}

    def test_give_every_login_a_password_of_its_own(self, tmp_path: Path) -> None:
        folder = tmp_path / "secrets"
        secret_files.make_secret_files(folder)

        rooms = prepare.rooms_in(folder)
        passwords = prepare.passwords_in(folder, rooms)

        assert [room.name for room in rooms] == [
            "registry",
            "indicators",
            "referrals",
            "keystore_referrals",
        ]
        assert len(set(passwords.values())) == len(passwords) == 9
        assert min(len(one) for one in passwords.values()) >= 40

    def test_show_how_letters_leave_to_the_one_worker_that_sends_them(self) -> None:
        holders = {name for name, it in SERVICES.items() if re.search("SMTP|mail_secret", str(it))}

        assert holders == {"registry-worker"}
        assert "registry-out" in SERVICES["registry-worker"]["networks"]

    def test_show_what_signs_tickets_to_no_service(self) -> None:
        # The role maker keeps only what checks them: a service that could sign would be any caller.
        holders = {name for name, it in SERVICES.items() if "gateway_ticket_key" in str(it)}

        assert holders == {"gateway", "postgres-roles"}

    def test_let_the_worker_of_the_walled_room_in_as_itself(self) -> None:
        holders = {name for name, it in SERVICES.items() if "referrals_worker_url" in str(it)}

        assert holders == {"referrals-worker", "postgres-roles"}
        assert "referrals_database_url" not in SERVICES["referrals-worker"]["secrets"]


class TestSettings:
    def test_are_all_in_the_example_and_the_example_has_no_other(self) -> None:
        example = (ROOT / "deploy/env.example").read_text("utf-8")

        named = set(re.findall(r"^#?(KOMUNA_[A-Z_]+)=", example, re.MULTILINE))
        assert named == variables(COMPOSE_TEXT)

    @pytest.mark.parametrize("name", [*WEB, *WORKERS])
    def test_say_production(self, name: str) -> None:
        assert SERVICES[name]["environment"]["KOMUNA_ENVIRONMENT"] == "production"


class TestImages:
    def test_are_all_built_from_one_file(self) -> None:
        for name in OURS:
            member = SERVICES[name]["image"].rpartition("/")[2].partition(":")[0]
            build = SERVICES[name]["build"]

            assert build["dockerfile"] == "deploy/Dockerfile"
            assert build["args"] == {"MEMBER": member}
            assert build["secrets"] == ["package_index", "package_certificates"]
