"""What callers are told about how records changed."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from komuna_shared.paging import Page

from .rules import Op

_ID = "0197a3c0-0000-7000-8000-000000000000"
_ENTRY: JsonDict = {
    "id": _ID,
    "changed_at": "2026-11-22T09:30:00Z",
    "op": "update",
    "part": "tenure",
    "key": {"id": _ID},
    "version": 2,
    "from": {"until": None},
    "to": {"until": "2026-11-01"},
    "is_synthetic": True,
    "source": "demonstration",
    "locator": "persona",
    "via": f"import:{_ID}",
    "by": None,
}
_CHANGE: JsonDict = {"field": "until", "from": "2026-10-31", "to": "2026-11-01"}
_IMPORT_CHANGE: JsonDict = {
    "record_type": "office",
    "record_id": "prishtine-mayor",
    "part": "tenure",
    "key": {"id": _ID},
    "op": "update",
    "changes": [_CHANGE],
}
Columns = dict[str, Any]


class ChangedByOut(BaseModel):
    """Who made a change, and one role that they held on that day."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"name": "Officer (demonstration)", "role": "municipal_officer"}]
        }
    )

    name: str
    role: str | None


class HistoryEntryOut(BaseModel):
    """One row of a record as it was and as it became: for an update, only the columns that differ.

    `part` is the table and `key` its row; `via` the import or the request that changed it.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [_ENTRY]})

    id: UUID
    changed_at: datetime
    op: Op
    part: str
    key: Columns
    version: int | None
    was: Columns | None = Field(alias="from", description="Null where it was not there.")
    to: Columns | None = Field(description="Null where it is gone.")
    is_synthetic: bool = Field(description="Made up for the demonstration.")
    source: str | None
    locator: str | None
    via: str | None
    by: ChangedByOut | None = Field(
        description="Only with the scope `registry.history.read` and a role."
    )


class FieldChangeOut(BaseModel):
    """One column, as it was and as it became."""

    model_config = ConfigDict(json_schema_extra={"examples": [_CHANGE]})

    field: str
    was: Any = Field(alias="from")
    to: Any


class ImportChangeOut(BaseModel):
    """What an import did to one row, or would have done."""

    model_config = ConfigDict(json_schema_extra={"examples": [_IMPORT_CHANGE]})

    record_type: str
    record_id: str
    part: str
    key: Columns
    op: Op
    changes: list[FieldChangeOut]


class ImportDiffOut(Page[ImportChangeOut]):
    """One page of what an import did."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "items": [_IMPORT_CHANGE],
                    "page": {
                        "limit": 50,
                        "next_cursor": None,
                        "next": None,
                        "limit_coerced": False,
                        "total": None,
                    },
                    "is_cut": False,
                }
            ]
        }
    )

    is_cut: bool = Field(description="There were more changes than are kept.")
