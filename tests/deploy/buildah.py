"""Builds and runs our images without a container engine: buildah, on a base by debootstrap."""

import json
import os
import runpy
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import psutil

ROOT = Path(__file__).parents[2]
BASE = "debian:bookworm-slim"
MIRROR = "http://deb.debian.org/debian"
_PIP: dict[str, Any] = runpy.run_path(str(ROOT / "deploy/pip_settings.py"))
_PLACES = ("index-url", "extra-index-url", "find-links")


def why_not() -> str:
    """Return why images cannot be built here, or nothing."""
    missing = [one for one in ("buildah", "debootstrap") if shutil.which(one) is None]
    if missing:
        return f"needs the Debian packages {' and '.join(missing)}"
    return "" if os.geteuid() == 0 else "needs root, as debootstrap does"


@dataclass(frozen=True)
class Packages:
    """Where this machine finds Python packages, told to a build without staying in the image."""

    folder: Path

    @property
    def settings(self) -> dict[str, str]:
        """Return what pip is told on this machine."""
        found: dict[str, str] = _PIP["pip_settings"](_PIP["config_files"](os.environ), os.environ)
        return found

    @property
    def places(self) -> list[str]:
        """Return every place in which this machine finds packages."""
        return [place for name in _PLACES for place in self.settings.get(name, "").split()]

    def options(self) -> list[str]:
        """Return the options of a build: a secret of pip's settings, and folders to look into."""
        settings = self.settings
        lines, options = ["[global]"], list[str]()
        for name in (*_PLACES, "trusted-host"):
            places = [self._inside(place, options) for place in settings.get(name, "").split()]
            lines += [f"{name} = {' '.join(places)}"] if places else []
        file = self.folder / "pip.conf"
        file.write_text("\n".join(lines), encoding="utf-8")
        options += [f"--secret=id=package_index,src={file}"]
        certificates = settings.get("cert") or os.environ.get("SSL_CERT_FILE")
        if certificates:
            options += [f"--secret=id=package_certificates,src={certificates}"]
        return options

    def _inside(self, place: str, options: list[str]) -> str:
        """Return the place as the build sees it; a folder of this machine is shown to it."""
        parts = urlsplit(place)
        if parts.scheme not in {"", "file"}:
            return place
        path = Path(unquote(parts.path)).resolve()
        # The pages of an index point to files beside their folder.
        shown = path.parent if parts.scheme else path
        within = Path(f"/tmp/packages-{len(options)}")
        options.append(f"--volume={shown}:{within}:ro")
        inner = within / path.relative_to(shown)
        return f"file://{inner}" if parts.scheme else str(inner)


@dataclass(frozen=True)
class Buildah:
    """A store of images with nothing else in it."""

    folder: Path

    @property
    def _environment(self) -> dict[str, str]:
        # Here buildah keeps what one build may leave to the next, such as downloaded packages.
        return os.environ | {"TMPDIR": str(self.folder)}

    def run(self, *arguments: str, timeout: float = 900) -> str:
        """Run one command of buildah and return what it prints; raise with what went wrong."""
        done = subprocess.run(
            [*self._command, *arguments],
            capture_output=True,
            text=True,
            check=False,
            timeout=timeout,
            cwd=ROOT,
            env=self._environment,
        )
        if done.returncode != 0:
            raise RuntimeError(f"{arguments[0]}: {done.stdout[-2000:]}{done.stderr[-4000:]}")
        return done.stdout.strip()

    @property
    def _command(self) -> list[str]:
        return ["buildah", f"--root={self.folder}/store", f"--runroot={self.folder}/run"]

    def make_base(self) -> None:
        """Make the image that our images start from, out of Debian's own packages, unless kept."""
        if BASE in self.run("images", "--format={{.Name}}:{{.Tag}}"):
            return
        tree = self.folder / "base"
        subprocess.run(
            ["debootstrap", "--variant=minbase", "bookworm", tree, MIRROR],
            check=True,
            capture_output=True,
            timeout=900,
        )
        container = self.run("from", "scratch")
        self.run("copy", "--quiet", container, str(tree), "/")
        self.run("commit", "--quiet", "--rm", container, BASE)
        shutil.rmtree(tree)

    def build(self, member: str, packages: Packages) -> str:
        """Build a member's image as compose would, and return its name."""
        name = f"localhost/komuna-{member}"
        self.run(
            "bud",
            "--isolation=chroot",
            "--pull-never",
            "--layers",
            f"--build-arg=MEMBER={member}",
            "--file=deploy/Dockerfile",
            f"--tag={name}",
            *packages.options(),
            ".",
        )
        return name

    def config(self, image: str) -> dict[str, Any]:
        """Return the configuration that an image carries."""
        shown: dict[str, Any] = json.loads(self.run("inspect", "--type=image", image))
        found: dict[str, Any] = shown["OCIv1"]["config"]
        return found

    def history(self, image: str) -> str:
        """Return every step by which an image was made."""
        return self.run("inspect", "--type=image", "--format={{.OCIv1.History}}", image)

    @contextmanager
    def container(self, image: str) -> Iterator["Container"]:
        """Give a container of an image, gone afterwards."""
        name = self.run("from", "--pull-never", image)
        try:
            yield Container(self, name, self.config(image))
        finally:
            self.run("rm", name)

    def spawn(self, arguments: Sequence[str], output: Path) -> subprocess.Popen[bytes]:
        """Start a long command of buildah, its output in a file."""
        with output.open("wb") as file:
            return subprocess.Popen(
                [*self._command, *arguments],
                stdout=file,
                stderr=subprocess.STDOUT,
                cwd=ROOT,
                env=self._environment,
            )


@dataclass(frozen=True)
class Container:
    """A container made from one of our images."""

    buildah: Buildah
    name: str
    config: Mapping[str, Any]

    def arguments(
        self, command: Sequence[str], secrets: Iterable[Path], environment: Mapping[str, str]
    ) -> list[str]:
        """Return what starts the image's own entry point with a command, as compose would."""
        return [
            "run",
            "--isolation=chroot",
            *(f"--volume={path}:/run/secrets/{path.name}:ro" for path in secrets),
            *(f"--env={name}={value}" for name, value in environment.items()),
            self.name,
            "--",
            *self.config["Entrypoint"],
            *command,
        ]

    def mounted(self) -> Path:
        """Return the folder in which the container's files can be looked at."""
        return Path(self.buildah.run("mount", self.name))


def stop(process: subprocess.Popen[bytes]) -> int:
    """Ask the program inside a container to end, and return how it ended."""
    inner = psutil.Process(process.pid).children(recursive=True)
    if inner:
        inner[-1].terminate()
    return process.wait(40)
