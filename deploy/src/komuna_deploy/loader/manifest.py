"""Which files are loaded, in which order, and where their facts come from."""

import hashlib
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "loads"
# Registry first: the others' facts name its municipalities and institutions.
ORDER = ("registry", "indicators", "referrals")


@dataclass(frozen=True)
class Load:
    """One file for one collection of one service."""

    service: str
    collection: str
    path: Path
    media: str
    origin: str

    @property
    def name(self) -> str:
        """How notes and lines call it."""
        return f"{self.service}/{self.path.name}"

    def digest(self) -> str:
        """Return what changes when the file does."""
        named = f"{self.service} {self.collection} {self.media}\n".encode()
        return hashlib.sha256(named + self.path.read_bytes()).hexdigest()


def read_manifests(folder: Path = FOLDER, services: Iterable[str] = ORDER) -> list[Load]:
    """Return every load, in order."""
    loads: list[Load] = []
    for service in services:
        manifest = folder / service / "manifest.toml"
        if manifest.exists():
            for entry in tomllib.loads(manifest.read_text())["load"]:
                loads.append(_load(folder, entry))  # noqa: PERF401 -- reads better as a loop.
    return loads


def _load(folder: Path, entry: dict[str, str]) -> Load:
    return Load(
        service=entry["service"],
        collection=entry["collection"],
        path=folder / entry["file"],
        media=entry["media"],
        origin=entry.get("origin", ""),
    )
