"""Data keys that several institutions hold, each wrapped by a versioned key of its own."""

from datetime import datetime

import sqlalchemy as sa
from alembic import op

from komuna_shared.migrations import execute_script

revision = "keystore_002"
down_revision = "keystore_001"
branch_labels = None
depends_on = None

# No program ever wrote a key into the first form of the table. Should one be there, it stays;
# so it does on the way back, which would make every case unreadable.
_EMPTY = """
do $$ begin
    if exists (select from wrapped_key) then
        raise exception 'wrapped_key holds keys, which this would destroy';
    end if;
end $$
"""
_FORMER = """
create table wrapped_key (
    id uuid not null constraint pk_wrapped_key primary key,
    case_id uuid not null,
    field_class text collate "C" not null constraint ck_wrapped_key_field_class
        check (field_class in ('A','B','C','D','E','G','H')),
    wrapped_with text collate "C" not null,
    wrapped bytea not null constraint ck_wrapped_key_wrapped
        check (length(wrapped) between 32 and 256),
    created_at timestamptz not null default now()
);
create index ix_wrapped_key_case_id_field_class on wrapped_key (case_id, field_class);
"""
# The default privileges of the schema give row changes on every table; here they go too far.
_LESS = """
do $$ declare app regrole; kept text; begin
    for app in
        select distinct grantee::regrole from pg_class, aclexplode(relacl)
        where relnamespace = current_schema()::regnamespace and relkind = 'r'
            and grantee <> relowner
    loop
        foreach kept in array array['institution_key', 'data_key', 'wrapped_key'] loop
            execute format('revoke all on %I from %s', kept, app);
            execute format('grant select, insert, delete on %I to %s', kept, app);
        end loop;
    end loop;
end $$
"""


def _written_at() -> sa.Column[datetime]:
    return sa.Column(
        "created_at", sa.TIMESTAMP(timezone=True), server_default=sa.text("now()"), nullable=False
    )


def _wrapped_fits(table: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(
        "length(wrapped) between 32 and 256", name=op.f(f"ck_{table}_wrapped")
    )


def upgrade() -> None:
    op.execute(_EMPTY)
    op.drop_table("wrapped_key")
    op.create_table(
        "institution_key",
        sa.Column("institution", sa.Text(collation="C"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        _written_at(),
        sa.CheckConstraint("version >= 1", name=op.f("ck_institution_key_version")),
        _wrapped_fits("institution_key"),
        sa.PrimaryKeyConstraint("institution", "version", name=op.f("pk_institution_key")),
    )
    op.create_table(
        "data_key",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("field_class", sa.Text(collation="C"), nullable=False),
        _written_at(),
        sa.CheckConstraint(
            "field_class in ('A','B','C','D','E','G','H')", name=op.f("ck_data_key_field_class")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_data_key")),
        sa.UniqueConstraint("case_id", "field_class", name=op.f("uq_data_key_case_id_field_class")),
    )
    op.create_table(
        "wrapped_key",
        sa.Column("key_id", sa.Uuid(), nullable=False),
        sa.Column("institution", sa.Text(collation="C"), nullable=False),
        sa.Column("kek_version", sa.Integer(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        _written_at(),
        _wrapped_fits("wrapped_key"),
        sa.ForeignKeyConstraint(
            ["key_id"],
            ["data_key.id"],
            name=op.f("fk_wrapped_key_key_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["institution", "kek_version"],
            ["institution_key.institution", "institution_key.version"],
            name=op.f("fk_wrapped_key_institution_kek_version"),
        ),
        sa.PrimaryKeyConstraint("key_id", "institution", name=op.f("pk_wrapped_key")),
    )
    op.create_index(
        op.f("ix_wrapped_key_institution_kek_version"),
        "wrapped_key",
        ["institution", "kek_version"],
    )
    op.execute(_LESS)


def downgrade() -> None:
    op.execute(_EMPTY)
    for table in ("wrapped_key", "data_key", "institution_key"):
        op.drop_table(table)
    execute_script(_FORMER)
