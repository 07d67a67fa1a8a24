"""The second wall: tickets that Postgres itself checks, and the context it seals by them."""

from komuna_shared.migrations import execute_script

revision = "referrals_003a"
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
    held int;
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
    -- One institution: the one that is named, or the only one there is.
    select min(a.institution), jsonb_agg(distinct a.role), count(distinct a.institution)
        into acting, roles, held from referrals.assignment_copy a
        where a.issuer = enter.iss and a.subject = enter.sub and a.valid_from <= today
        and (a.valid_until is null or a.valid_until > today)
        and a.institution = coalesce(said->>'inst', a.institution);
    if held <> 1 then
        raise exception using errcode = '28000', message = 'ticket refused';
    end if;
    sealed := jsonb_build_object('inst', acting, 'subject', enter.iss || '|' || enter.sub,
        'bearer', enter.iss || ' ' || enter.sub, 'purpose', said->'purpose', 'roles', roles)::text;
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

-- The same as keys of repeated requests name it.
create function ctx.bearer() returns text
language plpgsql stable parallel restricted security definer set search_path = pg_catalog, pg_temp
as $$ begin return ctx.opened()->>'bearer'; end $$;

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
grant execute on function ctx.inst(), ctx.subject(), ctx.bearer(), ctx.purpose(), ctx.roles(),
    ctx.has_role(text) to referrals_app, referrals_owner;

set local role referrals_owner;
"""

_GRANTS = "grant select on assignment_copy to referrals_ctx"


_BACK = """
set local role referrals_ctx;
drop function ctx.has_role(text), ctx.roles(), ctx.purpose(), ctx.bearer(), ctx.subject(),
    ctx.inst(), ctx.opened(), ctx.admit(text, bytea, text, text), ctx.enter(text, bytea, text, text);
set local role referrals_owner;
revoke all on assignment_copy from referrals_ctx;
"""


def upgrade() -> None:
    execute_script(_GRANTS)
    execute_script(_CONTEXT)


def downgrade() -> None:
    execute_script(_BACK)
