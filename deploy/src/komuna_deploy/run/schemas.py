"""Bring every schema up to the code, and skip what has not changed."""

import asyncio
import hashlib
from pathlib import Path

from .children import Children
from .programs import Plan, folder_of, migrated_packages

NOTE = "migrated"


async def migrate(plan: Plan, children: Children) -> list[str]:
    """Migrate the rooms whose migrations changed since the last start; return their names.

    On a server of the operator's every room is migrated: someone may have put an older copy back.
    """
    wanted = {room: package for room, package in migrated_packages().items() if _folder(package)}
    known = plan.home.read_note(NOTE) if _all_embedded(plan) else {}
    marks = {room: _mark(package) for room, package in wanted.items()}
    stale = [room for room in wanted if known.get(room) != marks[room]]
    programs = [plan.migration(room, wanted[room]) for room in stale]
    await asyncio.gather(*(children.run(program) for program in programs))
    if stale and _all_embedded(plan):
        plan.home.write_note(NOTE, marks)
    return stale


def _all_embedded(plan: Plan) -> bool:
    return len(plan.databases.servers) == len(plan.databases.houses)


def _folder(package: str) -> Path | None:
    folder = folder_of(package)
    if folder is None or not (folder / "migrations" / "env.py").exists():
        return None
    return folder


def _mark(package: str) -> str:
    """Return a digest of everything that decides the schema."""
    shared = folder_of("komuna_shared")
    folders = [_folder(package), shared / "sql" if shared else None]
    digest = hashlib.sha256()
    for folder in filter(None, folders):
        for path in sorted(folder.rglob("*")):
            if path.suffix in {".py", ".sql"} and _decides(path):
                digest.update(path.relative_to(folder).as_posix().encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()


def _decides(path: Path) -> bool:
    return {"migrations", "sql"} & set(path.parts) != set()
