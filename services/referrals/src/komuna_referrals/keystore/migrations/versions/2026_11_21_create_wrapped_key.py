"""Wrapped keys, which the application role may add and destroy but never change."""

import sqlalchemy as sa
from alembic import op

revision = "keystore_001"
down_revision = None
branch_labels = None
depends_on = None

# The default privileges of the schema give row changes on every table; here they go too far.
_LESS = """
do $$ declare found record; begin
    for found in
        select distinct oid::regclass as relation, grantee::regrole as app
        from pg_class, aclexplode(relacl)
        where relnamespace = current_schema()::regnamespace and relkind = 'r'
            and grantee <> relowner
    loop
        execute format('revoke all on %s from %s', found.relation, found.app);
        if found.relation = 'wrapped_key'::regclass then
            execute format('grant select, insert, delete on wrapped_key to %s', found.app);
        end if;
    end loop;
end $$
"""


def upgrade() -> None:
    op.create_table(
        "wrapped_key",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("field_class", sa.Text(collation="C"), nullable=False),
        sa.Column("wrapped_with", sa.Text(collation="C"), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column(
            "created_at",
            sa.TIMESTAMP(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "field_class in ('A','B','C','D','E','G','H')", name=op.f("ck_wrapped_key_field_class")
        ),
        sa.CheckConstraint(
            "length(wrapped) between 32 and 256", name=op.f("ck_wrapped_key_wrapped")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wrapped_key")),
    )
    op.create_index(
        op.f("ix_wrapped_key_case_id_field_class"), "wrapped_key", ["case_id", "field_class"]
    )
    op.execute(_LESS)


def downgrade() -> None:
    op.drop_table("wrapped_key")
