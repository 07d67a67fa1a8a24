"""Workbooks, read by a process of its own: a sheet of two cells may ask for all memory there is."""

import os
import resource
import subprocess
import sys
from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import orjson
import python_calamine

MEMORY = 1024 * 1024 * 1024
SECONDS = 60
_LONGEST_ROW = 10_000_000
_MALFORMED, _TOO_LARGE = 1, 3
_JSON = orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_APPEND_NEWLINE
_MAKE: Mapping[str, Callable[[Any], Any]] = {
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
    "time": time.fromisoformat,
    "seconds": lambda seconds: timedelta(seconds=seconds),
}


class WorkbookError(Exception):
    """The file is no workbook, or one too large."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def read_first_sheet(path: Path) -> Generator[list[Any], None, None]:
    """Yield the rows of the first sheet without blank ends, or raise `WorkbookError`."""
    for row in read_lines(path, __name__):
        yield [_revived(cell) for cell in row]


def read_lines(path: Path, program: str) -> Generator[Any, None, None]:
    """Yield what a program that ends with `tell` says of a file, or raise `WorkbookError`."""
    with subprocess.Popen(  # noqa: S603 -- the command is ours.
        (sys.executable, "-P", "-m", program, str(path)),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    ) as child:
        try:
            for line in child.stdout or ():
                yield orjson.loads(line)
            status = child.wait()
        finally:
            child.kill()
    if status:
        # What the limits ended has a signal for its status.
        raise WorkbookError("malformed_workbook" if status == _MALFORMED else "too_large")


def _revived(cell: Any) -> Any:
    if isinstance(cell, dict):
        [(kind, told)] = cell.items()
        return _MAKE[kind](told)
    return cell


def _told(cell: Any) -> dict[str, Any]:
    if isinstance(cell, timedelta):
        return {"seconds": cell.total_seconds()}
    kind = next(kind for kind in (datetime, date, time) if isinstance(cell, kind))
    return {kind.__name__: cell.isoformat()}


def _limit(seconds: int) -> None:
    # Not every system has each of these; the first is what counts.
    for kind, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_CORE, 0),
    ):
        with suppress(ValueError, OSError):
            resource.setrlimit(kind, (most, most))


def tell(path: str, read: Callable[[str], Iterable[Any]], *, seconds: int = SECONDS) -> int:
    """Write what is read as JSON, one a line, within the limits; return the status to exit with."""
    _limit(seconds)
    try:
        for found in read(path):
            line = orjson.dumps(found, default=_told, option=_JSON)
            if len(line) > _LONGEST_ROW:
                return _TOO_LARGE
            sys.stdout.buffer.write(line)
    except MemoryError:
        return _TOO_LARGE
    except python_calamine.CalamineError:
        return _MALFORMED
    return 0


def _first_sheet(path: str) -> Iterable[list[Any]]:
    for row in python_calamine.load_workbook(path).get_sheet_by_index(0).iter_rows():
        while row and row[-1] == "":
            row.pop()
        yield row


if __name__ == "__main__":
    sys.exit(tell(sys.argv[1], _first_sheet))
