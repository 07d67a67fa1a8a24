"""Each image is really built, and what it starts with is really run against a Postgres.

Takes minutes and needs root, buildah and debootstrap; `make images` runs it, `make test` does not.
`KOMUNA_TEST_IMAGES` names a folder in which the next run finds the base image and the layers again.
"""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import psutil
import pytest

from komuna_deploy.secret_files import KOMUNA_USER
from tests.deploy import composed
from tests.deploy.buildah import Buildah, Container, Packages, stop, why_not
from tests.deploy.composed import MEMBERS, ONCE, ask, environment, granted, member_of
from tests.deploy.test_compose import SERVICES, WEB, WORKERS

pytestmark = [
    pytest.mark.images,
    pytest.mark.skipif(bool(why_not()), reason=f"building images {why_not()}"),
]
Running = dict[str, subprocess.Popen[bytes]]
# A service that runs a member's image, where it is not called like the member.
SERVICE_OF = {"deploy": "postgres-roles"}


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A folder that every user may enter: Postgres runs as one, containers as another."""
    path = Path(tempfile.mkdtemp(prefix="komuna-images-"))
    path.chmod(0o711)
    yield path
    shutil.rmtree(path)


@pytest.fixture(scope="module")
def buildah(folder: Path) -> Iterator[Buildah]:
    """A store that holds the base image and then ours."""
    kept = os.environ.get("KOMUNA_TEST_IMAGES")
    store = Buildah(Path(kept) if kept else folder)
    store.folder.mkdir(exist_ok=True)
    store.make_base()
    yield store
    if not kept:
        store.run("rmi", "--all", "--force")


@pytest.fixture(scope="module")
def packages(folder: Path) -> Packages:
    return Packages(folder)


@pytest.fixture(scope="module")
def images(buildah: Buildah, packages: Packages) -> dict[str, str]:
    """Every image of ours, by member."""
    return {member: buildah.build(member, packages) for member in MEMBERS}


@pytest.fixture(scope="module")
def containers(buildah: Buildah, images: dict[str, str]) -> Iterator[dict[str, Container]]:
    """A container of its own for each service of compose: each sees its own secrets only."""
    with ExitStack() as stack:
        yield {
            service: stack.enter_context(buildah.container(images[member_of(service)]))
            for service in (*ONCE, *WEB, *WORKERS)
        }


@pytest.fixture(scope="module")
def ports() -> dict[str, int]:
    return composed.free_ports()


@pytest.fixture(scope="module")
def secrets(folder: Path) -> Iterator[Path]:
    with composed.secrets(folder) as made:
        yield made


@pytest.fixture(scope="module")
def once(
    buildah: Buildah, containers: dict[str, Container], secrets: Path, ports: dict[str, int]
) -> dict[str, str]:
    """What each one-shot container said, in the order of compose, the second time round."""
    said = {}
    for service in (*ONCE, *ONCE):
        container = containers[service]
        command = SERVICES[service]["command"]
        arguments = container.arguments(
            command, granted(service, secrets), environment(service, ports)
        )
        said[service] = buildah.run(*arguments, timeout=120)
    return said


@pytest.fixture(scope="module")
def running(
    folder: Path,
    buildah: Buildah,
    containers: dict[str, Container],
    secrets: Path,
    ports: dict[str, int],
    once: dict[str, str],
) -> Iterator[Running]:
    """Every web process and worker, started by the entry point of its image."""
    assert set(once) == set(ONCE)
    started: Running = {}
    try:
        for service in (*WEB, *WORKERS):
            container = containers[service]
            command = SERVICES[service]["command"]
            arguments = container.arguments(
                command, granted(service, secrets), environment(service, ports)
            )
            started[service] = buildah.spawn(arguments, folder / f"{service}.log")
        yield started
    finally:
        for process in started.values():
            if process.poll() is None:
                stop(process)


@pytest.mark.parametrize("member", MEMBERS)
class TestImage:
    def test_starts_as_nobody_in_particular(
        self, buildah: Buildah, images: dict[str, str], member: str
    ) -> None:
        config = buildah.config(images[member])

        assert config["User"] == "10001:10001"
        assert (config["Entrypoint"], config["Cmd"]) == (["komuna-start"], ["web"])
        assert set(config["ExposedPorts"]) <= {"8080", "8080/tcp"}

    def test_keeps_nothing_of_how_it_was_built(
        self, buildah: Buildah, containers: dict[str, Container], packages: Packages, member: str
    ) -> None:
        tree = containers[SERVICE_OF.get(member, member)].mounted()
        image = f"localhost/komuna-{member}"

        assert not [one for one in ("build", "opt/uv", "root/.cache/uv") if (tree / one).exists()]
        assert not list(tree.glob("run/secrets/*"))
        told = buildah.history(image) + str(buildah.config(image))
        told += "".join(one.read_text() for one in tree.glob("opt/komuna/**/direct_url.json"))
        assert not [place for place in (*packages.places, "/tmp/packages-") if place in told]

    def test_lets_its_user_write_nowhere(
        self, containers: dict[str, Container], member: str
    ) -> None:
        tree = containers[SERVICE_OF.get(member, member)].mounted()
        files = [path for path in (tree / "opt").rglob("*") if not path.is_symlink()]

        assert len(files) > 100
        assert not [
            path
            for path in files
            if path.stat().st_uid == KOMUNA_USER or path.stat().st_mode & 0o022
        ]


class TestOnce:
    def test_prepares_what_is_prepared_already(self, once: dict[str, str]) -> None:
        assert once["postgres-roles"] == "Prepared: registry, indicators, referrals."
        assert once["keystore-roles"] == "Prepared: keystore_referrals."

    def test_leaves_out_no_container_of_compose(self) -> None:
        assert {*ONCE, *WEB, *WORKERS, "postgres", "keystore"} == set(SERVICES)


@pytest.mark.usefixtures("running")
class TestWeb:
    @pytest.mark.parametrize("service", WEB)
    def test_lives_and_becomes_ready(self, ports: dict[str, int], service: str) -> None:
        assert ask(ports[service], "/livez").status_code == 200
        deadline = time.monotonic() + 30
        while (ready := ask(ports[service], "/readyz")).status_code != 200:
            assert time.monotonic() < deadline, ready.text
            time.sleep(0.2)

    @pytest.mark.parametrize("service", WEB)
    def test_is_found_healthy_by_the_probe_of_compose(
        self,
        buildah: Buildah,
        containers: dict[str, Container],
        secrets: Path,
        ports: dict[str, int],
        service: str,
    ) -> None:
        _, entry, *command = SERVICES[service]["healthcheck"]["test"]
        container = containers[service]
        arguments = container.arguments(
            command, granted(service, secrets), environment(service, ports)
        )

        assert container.config["Entrypoint"] == [entry]
        assert buildah.run(*arguments, timeout=30) == ""

    def test_asks_for_a_token_behind_the_gateway(self, ports: dict[str, int]) -> None:
        answer = ask(ports["gateway"], "/referrals/v1/cases")

        assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized")

    def test_answers_through_the_gateway(self, ports: dict[str, int]) -> None:
        token = composed.ISSUER.token("someone", ["referrals.cases.read"])
        headers = {"authorization": f"Bearer {token}", "processing-purpose": "assistance"}

        answer = ask(ports["gateway"], "/referrals/v1/cases", headers=headers)

        # No registry could be followed yet, so nobody holds a role that referrals would trust.
        assert (answer.status_code, answer.json()["code"]) == (503, "assignments_stale")

    def test_runs_as_the_user_of_the_image(self, running: Running) -> None:
        for process in running.values():
            inner = psutil.Process(process.pid).children(recursive=True)[-1]
            assert inner.uids().effective == KOMUNA_USER


class TestWorker:
    @pytest.mark.parametrize("service", WORKERS)
    def test_starts_and_stops_when_asked(
        self, folder: Path, running: Running, service: str
    ) -> None:
        log = folder / f"{service}.log"
        deadline = time.monotonic() + 60
        while "worker_started" not in log.read_text():
            assert time.monotonic() < deadline, log.read_text()
            assert running[service].poll() is None, log.read_text()
            time.sleep(0.2)

        assert stop(running[service]) == 0
        assert "worker_stopped" in log.read_text()
