"""The second wall: tickets that Postgres itself checks, and who may see which case by them."""

import sqlalchemy as sa
from alembic import op

from komuna_shared.migrations import execute_script

revision = "referrals_003"
down_revision = "referrals_002"
branch_labels = None
depends_on = None

# The schema, its owner and its table of keys are made with the roles: a key is nothing to migrate.
_CONTEXT = """
set local role referrals_ctx;

create function ctx.enter(ticket text, mac bytea, iss text, sub text) returns void
language plpgsql volatile parallel unsafe security definer set search_path = pg_catalog, pg_temp
as $$
declare
    known text;
    said jsonb;
    today date := (now() at time zone 'Europe/Belgrade')::date;
    acting text;
    roles jsonb;
    own ctx.keys;
    sealed text;
begin
    select k.kid into known from ctx.keys k where k.kid <> 'self'
        and sha256(k.opad || sha256(k.ipad || convert_to(enter.ticket, 'UTF8'))) = enter.mac;
    if known is null then
        raise exception using errcode = '28000', message = 'ticket refused';
    end if;
    -- Not one character is interpreted before this line.
    said := enter.ticket::jsonb;
    if (said->>'kid' = known and said->>'aud' = 'referrals'
        and said->>'iss' = enter.iss and said->>'sub' = enter.sub
        and (said->>'exp')::numeric > extract(epoch from clock_timestamp())) is not true
    then
        raise exception using errcode = '28000', message = 'ticket refused';
    end if;
    acting := said->>'inst';
    if acting is null then
        -- Whoever acts for one institution need not name it.
        select min(a.institution) into acting from referrals.assignment_copy a
            where a.issuer = enter.iss and a.subject = enter.sub and a.valid_from <= today
            and (a.valid_until is null or a.valid_until > today)
            having count(distinct a.institution) = 1;
    end if;
    select jsonb_agg(distinct a.role) into roles from referrals.assignment_copy a
        where a.issuer = enter.iss and a.subject = enter.sub and a.valid_from <= today
        and (a.valid_until is null or a.valid_until > today) and a.institution = acting;
    if roles is null then
        raise exception using errcode = '28000', message = 'ticket refused';
    end if;
    sealed := jsonb_build_object('inst', acting, 'subject', enter.iss || '|' || enter.sub,
        'purpose', said->'purpose', 'roles', roles)::text;
    select * into strict own from ctx.keys k where k.kid = 'self';
    perform set_config('ctx.value', sealed, true);
    perform set_config('ctx.seal', encode(sha256(own.opad || sha256(own.ipad || convert_to(
        pg_backend_pid() || '|' || extract(epoch from transaction_timestamp()) || '|' || sealed,
        'UTF8'))), 'hex'), true);
end $$;

-- The same for who goes on without: nothing is visible then, and nothing was raised.
create function ctx.admit(ticket text, mac bytea, iss text, sub text) returns boolean
language plpgsql volatile parallel unsafe security definer set search_path = pg_catalog, pg_temp
as $$ begin
    perform ctx.enter(admit.ticket, admit.mac, admit.iss, admit.sub);
    return true;
exception when invalid_authorization_specification then
    return false;
end $$;

create function ctx.opened() returns jsonb
language plpgsql stable parallel restricted security definer set search_path = pg_catalog, pg_temp
as $$
declare
    sealed text := current_setting('ctx.value', true);
    own ctx.keys;
begin
    if coalesce(sealed, '') = '' then
        return null;
    end if;
    select * into strict own from ctx.keys k where k.kid = 'self';
    -- Good for this connection and this transaction only.
    if encode(sha256(own.opad || sha256(own.ipad || convert_to(
        pg_backend_pid() || '|' || extract(epoch from transaction_timestamp()) || '|' || sealed,
        'UTF8'))), 'hex') is distinct from current_setting('ctx.seal', true)
    then
        return null;
    end if;
    return sealed::jsonb;
end $$;

create function ctx.inst() returns text
language plpgsql stable parallel restricted security definer set search_path = pg_catalog, pg_temp
as $$ begin return ctx.opened()->>'inst'; end $$;

create function ctx.subject() returns text
language plpgsql stable parallel restricted security definer set search_path = pg_catalog, pg_temp
as $$ begin return ctx.opened()->>'subject'; end $$;

create function ctx.purpose() returns text
language plpgsql stable parallel restricted security definer set search_path = pg_catalog, pg_temp
as $$ begin return ctx.opened()->>'purpose'; end $$;

create function ctx.roles() returns text[]
language plpgsql stable parallel restricted security definer set search_path = pg_catalog, pg_temp
as $$ begin
    return array(select jsonb_array_elements_text(ctx.opened()->'roles'));
end $$;

create function ctx.has_role(role text) returns boolean
language plpgsql stable parallel restricted security definer set search_path = pg_catalog, pg_temp
as $$ begin return coalesce(ctx.opened()->'roles' ? has_role.role, false); end $$;

revoke all on all functions in schema ctx from public;
grant execute on function ctx.enter(text, bytea, text, text), ctx.admit(text, bytea, text, text)
    to referrals_app;
grant execute on function ctx.inst(), ctx.subject(), ctx.purpose(), ctx.roles(),
    ctx.has_role(text) to referrals_app, referrals_owner;

set local role referrals_owner;
"""

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

# Who holds which role decides who is let in: the service reads it, the worker copies it.
_GRANTS = """
grant select on assignment_copy to referrals_ctx;
revoke insert, update, delete on assignment_copy, follower_cursor from referrals_app;

grant select, insert, update, delete on assignment_copy to referrals_worker;
grant select, insert, update on follower_cursor to referrals_worker;
grant select, insert, update, delete
    on pgqueuer, pgqueuer_log, pgqueuer_schedules, pgqueuer_statistics to referrals_worker;
grant usage, select
    on pgqueuer_id_seq, pgqueuer_schedules_id_seq, pgqueuer_statistics_id_seq to referrals_worker;
grant insert on audit_event to referrals_worker;
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
grant insert, update, delete on assignment_copy, follower_cursor to referrals_app;
revoke all on all tables in schema referrals from referrals_worker, referrals_ctx;
revoke all on all sequences in schema referrals from referrals_worker;
set local role referrals_ctx;
drop function ctx.has_role(text), ctx.roles(), ctx.purpose(), ctx.subject(), ctx.inst(),
    ctx.opened(), ctx.admit(text, bytea, text, text), ctx.enter(text, bytea, text, text);
set local role referrals_owner;
"""


def upgrade() -> None:
    execute_script(_CONTEXT)
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
    live = {"postgresql_where": sa.text("ended_at is null")}
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
    execute_script(_GRANTS)


def downgrade() -> None:
    execute_script(_BACK)
