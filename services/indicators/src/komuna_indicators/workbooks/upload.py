"""A file as somebody sent it, read before anything is asked of the database."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from komuna_shared.formats.workbook import WorkbookError

from .rules import SheetProblem
from .sheets import Sheet, read_sheets

# Each file is read by a process that may take its time and its memory; officers wait in line.
_AT_ONCE = asyncio.Semaphore(2)
UNREADABLE = {
    one.code: one
    for one in (
        SheetProblem("", "malformed_workbook", "The file is not a workbook that can be read."),
        SheetProblem("", "too_large", "The workbook is too large."),
        SheetProblem(
            "",
            "active_content",
            "The workbook reaches for other files or holds programs. Fetch a fresh one.",
        ),
    )
}


@dataclass(frozen=True)
class Upload:
    """A file as it was sent, and its sheets; or why it cannot be read."""

    body: bytes
    sha256: str
    sheets: Mapping[str, Sheet]
    fault: str = ""


async def read_upload(body: bytes, sha256: str) -> Upload:
    """Read the sheets of a file, whatever is in it."""
    async with _AT_ONCE:
        return await asyncio.to_thread(_read, body, sha256)


def _read(body: bytes, sha256: str) -> Upload:
    with TemporaryDirectory(prefix="komuna-workbook-") as folder:
        path = Path(folder) / "book.xlsx"
        path.write_bytes(body)
        try:
            return Upload(body, sha256, read_sheets(path))
        except WorkbookError as error:
            return Upload(body, sha256, {}, error.code)
