"""The feed that others follow: what changed, in an order that no late commit can slip behind.

Each thing has one row for each audience that ever saw it, moved to the end of the order when it
changes. A row becomes visible to the feed once every transaction older than its own has ended, so
a reader never passes a place where something may still appear.
"""

from .endpoints import changes_router
from .publishing import Change, forget_tombstones, publish, publish_all
from .reading import (
    END_OF_TRANSACTION,
    Position,
    ResyncRequiredError,
    audiences_of,
    list_changes,
    oldest_running,
    read_cursor,
    write_cursor,
)

__all__ = [
    "END_OF_TRANSACTION",
    "Change",
    "Position",
    "ResyncRequiredError",
    "audiences_of",
    "changes_router",
    "forget_tombstones",
    "list_changes",
    "oldest_running",
    "publish",
    "publish_all",
    "read_cursor",
    "write_cursor",
]
