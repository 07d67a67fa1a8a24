"""The tables every service has; `sql/` holds the frozen statements that make them."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Identity,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from komuna_shared.database import new_metadata

SHARED_METADATA = new_metadata()
FOLLOWER_METADATA = new_metadata()
_NOW = text("now()")
_THIS_TRANSACTION = text("pg_current_xact_id()::text::bigint")
_INSTANT = DateTime(timezone=True)

audit_event = Table(
    "audit_event",
    SHARED_METADATA,
    Column("id", Uuid, primary_key=True, server_default=text("uuidv7()")),
    Column("at", _INSTANT, nullable=False, server_default=text("clock_timestamp()")),
    Column("issuer", Text),
    Column("subject", Text),
    Column("client_id", Text),
    Column("action", Text, nullable=False),
    Column("subject_type", Text, nullable=False),
    Column("subject_id", Text, nullable=False),
    Column("purpose", Text),
    Column("institution", Text),
    Column("trace_id", Text),
    Index(None, "subject_type", "subject_id"),
)

idempotency_key = Table(
    "idempotency_key",
    SHARED_METADATA,
    Column("client_id", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("route", Text, primary_key=True),
    Column("key_hash", LargeBinary, primary_key=True),
    Column("fingerprint", LargeBinary, nullable=False),
    Column("resource_id", Text),
    Column("created_at", _INSTANT, nullable=False, server_default=_NOW),
    Index(None, "created_at"),
)

outbox = Table(
    "outbox",
    SHARED_METADATA,
    Column("id", Uuid, primary_key=True, server_default=text("uuidv7()")),
    Column("type", Text, nullable=False),
    Column("aggregate_id", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("created_at", _INSTANT, nullable=False, server_default=_NOW),
    Column("attempts", SmallInteger, nullable=False, server_default=text("0")),
    Column("next_at", _INSTANT, nullable=False, server_default=_NOW),
    Column("sent_at", _INSTANT),
)

# One row for each thing and audience: the latest state that audience may know, at the place in the
# order where it last changed for them.
change = Table(
    "change",
    SHARED_METADATA,
    Column("type", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("audience", Text, primary_key=True),
    Column("xid", BigInteger, nullable=False, server_default=_THIS_TRANSACTION),
    Column("seq", BigInteger, Identity(), nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("op", Text, nullable=False),
    Column("data", JSONB(none_as_null=True)),
    Column("published_at", _INSTANT, nullable=False, server_default=_NOW),
    Index(None, "xid", "seq"),
)

# The last place in the order whose tombstones are gone: older cursors must start again.
change_horizon = Table(
    "change_horizon",
    SHARED_METADATA,
    Column("id", Boolean, primary_key=True, server_default=text("true")),
    Column("xid", BigInteger, nullable=False),
    Column("seq", BigInteger, nullable=False),
)

import_job = Table(
    "import_job",
    SHARED_METADATA,
    Column("id", Uuid, primary_key=True),
    Column("collection", Text, nullable=False),
    Column("media", Text, nullable=False),
    Column("dry_run", Boolean, nullable=False),
    Column("issuer", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("client_id", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("state", Text, nullable=False, server_default=text("'queued'")),
    Column("code", Text),
    Column("progress", SmallInteger, nullable=False, server_default=text("0")),
    Column("counts", JSONB, nullable=False, server_default=text("'{}'")),
    Column("problem_count", Integer, nullable=False, server_default=text("0")),
    Column("attempts", SmallInteger, nullable=False, server_default=text("0")),
    Column("version", Integer, nullable=False, server_default=text("1")),
    Column("created_at", _INSTANT, nullable=False, server_default=_NOW),
    Column("finished_at", _INSTANT),
    Index(None, "created_at"),
)

import_chunk = Table(
    "import_chunk",
    SHARED_METADATA,
    Column("import_id", Uuid, primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("body", LargeBinary, nullable=False),
)

# Unlogged: a crash empties it, and the job that filled it runs again.
import_row = Table(
    "import_row",
    SHARED_METADATA,
    Column("import_id", Uuid, primary_key=True),
    Column("row", Integer, primary_key=True),
    Column("key", Text),
    Column("data", JSONB, nullable=False),
    Index(None, "import_id", "key"),
    prefixes=["UNLOGGED"],
)

import_problem = Table(
    "import_problem",
    SHARED_METADATA,
    Column("import_id", Uuid, primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("row", Integer, nullable=False),
    Column("column", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("params", JSONB, nullable=False),
)

export_job = Table(
    "export_job",
    SHARED_METADATA,
    Column("id", Uuid, primary_key=True),
    Column("dataset", Text, nullable=False),
    Column("format", Text, nullable=False),
    Column("issuer", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("client_id", Text, nullable=False),
    Column("state", Text, nullable=False, server_default=text("'queued'")),
    Column("code", Text),
    Column("progress", SmallInteger, nullable=False, server_default=text("0")),
    Column("since_xid", BigInteger),
    Column("version", Integer, nullable=False, server_default=text("1")),
    Column("created_at", _INSTANT, nullable=False, server_default=_NOW),
    Column("finished_at", _INSTANT),
    Index(None, "created_at"),
)

export_file = Table(
    "export_file",
    SHARED_METADATA,
    Column("export_id", Uuid, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("rows", BigInteger, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("sha256", Text, nullable=False),
)

export_chunk = Table(
    "export_chunk",
    SHARED_METADATA,
    Column("export_id", Uuid, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("body", LargeBinary, nullable=False),
)

# Only where a service follows registry.
follower_cursor = Table(
    "follower_cursor",
    FOLLOWER_METADATA,
    Column("feed", Text, primary_key=True),
    Column("cursor", Text),
    Column("read_to_end_at", _INSTANT),
)

assignment_copy = Table(
    "assignment_copy",
    FOLLOWER_METADATA,
    Column("id", Text, primary_key=True),
    Column("issuer", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("institution", Text),
    Column("municipality", Text),
    Column("valid_from", Date, nullable=False),
    Column("valid_until", Date),
    Column("version", BigInteger, nullable=False),
    Index(None, "issuer", "subject"),
)
