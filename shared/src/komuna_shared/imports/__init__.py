"""Bulk in: a file is taken in at once, and goes in wholly or not at all."""

from .collection import Collection, Counts, Row, RowProblem
from .endpoints import IMPORT_BODY, IMPORT_MEDIA, imports_router
from .rows import RowModel
from .run import RowsRefusedError, import_jobs

__all__ = [
    "IMPORT_BODY",
    "IMPORT_MEDIA",
    "Collection",
    "Counts",
    "Row",
    "RowModel",
    "RowProblem",
    "RowsRefusedError",
    "import_jobs",
    "imports_router",
]
