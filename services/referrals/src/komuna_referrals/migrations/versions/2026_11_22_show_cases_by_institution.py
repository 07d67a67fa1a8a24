"""Who sees which case once a ticket holds, and what the service and its worker no longer reach."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from komuna_shared.migrations import execute_script

revision = "referrals_003"
down_revision = "referrals_003a"
branch_labels = None
depends_on = None

_ACCESS = """
alter table case_access enable row level security;
alter table case_access force row level security;
create policy owner on case_access to current_user using (true) with check (true);
-- Written by functions alone, which check the context; so there is no policy for writing.
revoke all on case_access from referrals_app;
grant select on case_access to referrals_app;
create policy acting on case_access for select to referrals_app
    using (inst = (select ctx.inst()) and ended_at is null);

create policy acting on case_record for select to referrals_app using (
    exists (select from case_access a where a.case_id = case_record.id
        and a.inst = (select ctx.inst()) and a.ended_at is null)
);
create policy owning on case_record for update to referrals_app using (
    exists (select from case_access a where a.case_id = case_record.id
        and a.inst = (select ctx.inst()) and a.ended_at is null and a.relation = 'owner')
) with check (
    exists (select from case_access a where a.case_id = case_record.id
        and a.inst = (select ctx.inst()) and a.ended_at is null and a.relation = 'owner')
);
"""

# What tells of cases without being one: ids in a trail, in keys of requests, in events.
_TRACES = """
revoke select on audit_event from referrals_app;
grant select (id) on audit_event to referrals_app;
revoke select, update, delete on outbox from referrals_app;
grant select (id) on outbox to referrals_app;
revoke all on alembic_version, change, change_horizon, import_job, import_chunk, import_row,
    import_problem, export_job, export_file, export_chunk from referrals_app;
revoke all on pgqueuer, pgqueuer_log, pgqueuer_schedules, pgqueuer_statistics from referrals_app;
grant select (id, entrypoint, priority, dedupe_key, status), insert on pgqueuer to referrals_app;
grant insert on pgqueuer_log to referrals_app;

alter table idempotency_key enable row level security;
alter table idempotency_key force row level security;
create policy owner on idempotency_key to current_user using (true) with check (true);
create policy acting on idempotency_key to referrals_app
    using (subject = (select ctx.bearer())) with check (subject = (select ctx.bearer()));
create policy forgetting on idempotency_key for select to referrals_worker using (true);
create policy dropping on idempotency_key for delete to referrals_worker using (true);
"""

# Who holds which role decides who is let in: the service reads it, the worker copies it.
_GRANTS = """
revoke insert, update, delete on assignment_copy, follower_cursor from referrals_app;

grant select, insert, update, delete on assignment_copy to referrals_worker;
grant select, insert, update on follower_cursor to referrals_worker;
grant select, insert, update, delete
    on pgqueuer, pgqueuer_log, pgqueuer_schedules, pgqueuer_statistics to referrals_worker;
grant usage, select
    on pgqueuer_id_seq, pgqueuer_schedules_id_seq, pgqueuer_statistics_id_seq to referrals_worker;
grant select (id), insert on audit_event to referrals_worker;
grant select, update (attempts, next_at, sent_at), delete on outbox to referrals_worker;
grant select (created_at), delete on idempotency_key to referrals_worker;
grant select (op, published_at, xid, seq), delete on change to referrals_worker;
grant select, insert, update on change_horizon to referrals_worker;
grant select (id, finished_at), delete on import_job, export_job to referrals_worker;
grant select (import_id), delete on import_chunk, import_row, import_problem to referrals_worker;
grant select (export_id), delete on export_file, export_chunk to referrals_worker;
"""

_BACK = """
drop policy owning on case_record;
drop policy acting on case_record;
drop table case_access;
drop policy dropping on idempotency_key;
drop policy forgetting on idempotency_key;
drop policy acting on idempotency_key;
drop policy owner on idempotency_key;
alter table idempotency_key disable row level security;
alter table idempotency_key no force row level security;
grant select, insert, update, delete on all tables in schema referrals to referrals_app;
revoke update, delete on audit_event from referrals_app;
grant insert, update, delete on assignment_copy, follower_cursor to referrals_app;
revoke all on all tables in schema referrals from referrals_worker;
revoke all on all sequences in schema referrals from referrals_worker;
"""


def upgrade() -> None:
    op.create_table(
        "case_access",
        sa.Column("id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("inst", sa.Text(collation="C"), nullable=False),
        sa.Column("relation", sa.Text(collation="C"), nullable=False),
        sa.Column("opened_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=True),
        sa.Column(
            "granted_at",
            sa.TIMESTAMP(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("ended_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.CheckConstraint(
            "relation in ('owner','partner','receiver')", name=op.f("ck_case_access_relation")
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["case_record.id"], name=op.f("fk_case_access_case_id_case_record")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_access")),
    )
    live: dict[str, Any] = {"postgresql_where": sa.text("ended_at is null")}
    op.create_index(
        op.f("ix_case_access_inst_opened_at_case_id"),
        "case_access",
        ["inst", "opened_at", "case_id"],
        **live,
    )
    # At most one way in at a time, so that a list driven from here names no case twice.
    op.create_index(
        op.f("uq_case_access_case_id_inst"), "case_access", ["case_id", "inst"], unique=True, **live
    )
    execute_script(_ACCESS)
    execute_script(_TRACES)
    execute_script(_GRANTS)


def downgrade() -> None:
    execute_script(_BACK)
