"""The data folder of one Komuna: its secrets, logs, databases and what is running."""

import json
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Home:
    """Paths in the data folder, and small files kept there."""

    folder: Path

    def prepare(self) -> None:
        """Make the folders; as root others may pass through, since the server is not root."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o711 if os.geteuid() == 0 else 0o700)
        for private in (self.folder / "secrets", self.logs):
            private.mkdir(mode=0o700, exist_ok=True)
            private.chmod(0o700)

    @property
    def logs(self) -> Path:
        """One file per process."""
        return self.folder / "log"

    @property
    def mail(self) -> Path:
        """Where letters are written while there is no mail server."""
        return self.folder / "mail"

    @property
    def databases(self) -> Path:
        """The embedded servers' folders."""
        return self.folder / "postgres"

    @property
    def lock(self) -> Path:
        """Held by the one `komuna up` of this folder."""
        return self.folder / "lock"

    def secret_path(self, name: str) -> Path:
        """Return the file of a secret, whether it is there or not."""
        return self.folder / "secrets" / name

    def secret(self, name: str, make: Callable[[], str] = lambda: secrets.token_urlsafe(32)) -> str:
        """Return a secret, making it the first time."""
        path = self.secret_path(name)
        if not path.exists():
            self.write_secret(name, make())
        return path.read_text()

    def write_secret(self, name: str, value: str) -> Path:
        """Keep a secret so that nobody else can read it, whole or not at all."""
        path = self.secret_path(name)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        draft.unlink(missing_ok=True)
        draft.touch(0o600)
        draft.write_text(value)
        draft.replace(path)
        return path

    def read_note(self, name: str) -> dict[str, Any]:
        """Return a note kept from an earlier start, empty when there is none."""
        try:
            note = json.loads((self.folder / f"{name}.json").read_text())
        except (OSError, ValueError):
            return {}
        return note if isinstance(note, dict) else {}

    def write_note(self, name: str, note: dict[str, Any]) -> None:
        """Keep a note for the next start."""
        draft = self.folder / f".{name}.json.{os.getpid()}"
        draft.write_text(json.dumps(note, indent=2) + "\n")
        draft.replace(self.folder / f"{name}.json")

    def forget_note(self, name: str) -> None:
        """Remove a note."""
        (self.folder / f"{name}.json").unlink(missing_ok=True)
