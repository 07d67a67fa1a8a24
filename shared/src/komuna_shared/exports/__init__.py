"""Bulk out: files of whole tables, with their checksums and the cursor to go on from."""

from .dataset import Dataset
from .endpoints import exports_router
from .run import export_jobs

__all__ = ["Dataset", "export_jobs", "exports_router"]
