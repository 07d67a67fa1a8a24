"""The tables every service has, and an audit trail that its writer cannot change."""

from alembic import op

from komuna_shared.migrations import create_shared_tables, drop_shared_tables

revision = "referrals_001"
down_revision = None
branch_labels = None
depends_on = None

# Whoever may read and write rows here, except the owner.
_APP = """
do $$ declare app regrole; begin
    for app in
        select distinct grantee::regrole from pg_class, aclexplode(relacl)
        where oid = 'audit_event'::regclass and grantee <> relowner
    loop
        execute format('revoke update, delete, truncate on audit_event from %s', app);
    end loop;
end $$
"""


def upgrade() -> None:
    create_shared_tables("referrals", follows=True)
    op.execute(_APP)


def downgrade() -> None:
    drop_shared_tables(follows=True)
