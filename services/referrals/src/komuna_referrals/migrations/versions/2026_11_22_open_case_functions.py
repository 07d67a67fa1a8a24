"""The functions that open a case, let in and shut out: each asks the sealed context first."""

from komuna_shared.migrations import execute_script

revision = "referrals_004"
down_revision = "referrals_004a"
branch_labels = None
depends_on = None

# Every change of a case is kept by Postgres, in the transaction of the change: none can forget it.
_HISTORY = """
create function note_case_change() returns trigger
language plpgsql security definer set search_path = referrals, pg_temp as $$
declare
    known jsonb := '{}';
    changed jsonb;
begin
    if tg_op = 'UPDATE' then
        if new.version <> old.version + 1 then
            raise exception using errcode = '40001', message = 'a change is one version';
        end if;
        known := to_jsonb(old);
    end if;
    select jsonb_object_agg(key, value) into changed from jsonb_each(to_jsonb(new))
        where key <> 'id' and value is distinct from known->key;
    insert into case_history (case_id, version, event, institution, subject, changes)
        values (new.id, new.version, case tg_op when 'INSERT' then 'opened' else 'changed' end,
            ctx.inst(), ctx.subject(), changed);
    return null;
end $$;
create trigger note_change after insert or update on case_record
    for each row execute function note_case_change();
"""

_OPENING = """
create function open_case(case_id uuid, basis text, age_band text, sex text, needs text[],
    languages text[], indicators text[], account bytea) returns boolean
language plpgsql volatile security definer set search_path = referrals, pg_temp as $$
declare
    opened timestamptz;
begin
    if ctx.inst() is null or not exists (select from procedure_rule r
        where r.code = 'C1.roles' and r.allowed && ctx.roles())
    then
        return false;
    end if;
    insert into case_record (id, institution, basis, age_band, sex, needs, languages,
            indicator_count, identification)
        values (open_case.case_id, ctx.inst(), open_case.basis, open_case.age_band, open_case.sex,
            open_case.needs, open_case.languages, cardinality(open_case.indicators),
            case cardinality(open_case.indicators) when 0 then 'screened' else 'presumed' end)
        returning opened_at into opened;
    insert into case_access (case_id, inst, relation, opened_at)
        values (open_case.case_id, ctx.inst(), 'owner', opened);
    insert into case_indicator (case_id, code)
        select open_case.case_id, unnest(open_case.indicators);
    insert into case_account (case_id, account)
        select open_case.case_id, open_case.account where open_case.account is not null;
    return true;
end $$;
"""

# Whoever may decide for the owner. The case is locked, so that nobody is let in while shut out; but
# not before it is known to be theirs: nobody learns by waiting whether there is such a case.
_TEAM = """
create function owns_case(case_id uuid) returns boolean
language sql stable security definer set search_path = referrals, pg_temp as $$
    select exists (select from case_access a where a.case_id = owns_case.case_id
        and a.inst = ctx.inst() and a.relation = 'owner' and a.ended_at is null)
        and ctx.roles() && '{advocate,case_owner,investigator,social_worker}'
$$;

create function holds_case(case_id uuid) returns boolean
language plpgsql volatile security definer set search_path = referrals, pg_temp as $$
begin
    if not owns_case(holds_case.case_id) then
        return false;
    end if;
    perform from case_record c where c.id = holds_case.case_id for update;
    return owns_case(holds_case.case_id);
end $$;

create function add_partner(case_id uuid, institution text, role text) returns uuid
language plpgsql volatile security definer set search_path = referrals, pg_temp as $$
declare
    added uuid;
begin
    if not holds_case(add_partner.case_id) then
        return null;
    end if;
    if exists (select from case_block b where b.case_id = add_partner.case_id
        and b.institution = add_partner.institution)
    then
        raise exception using errcode = '23514', message = 'blocked';
    end if;
    insert into case_access (case_id, inst, relation, opened_at)
        select c.id, add_partner.institution, 'partner', c.opened_at from case_record c
        where c.id = add_partner.case_id;
    insert into case_history (case_id, version, event, institution, subject, changes)
        select c.id, c.version, 'partner_added', ctx.inst(), ctx.subject(), jsonb_build_object(
            'partner', add_partner.institution, 'role', add_partner.role)
        from case_record c where c.id = add_partner.case_id
        returning id into added;
    return added;
end $$;

create function block_institution(block_id uuid, case_id uuid, institution text, reason bytea)
returns boolean
language plpgsql volatile security definer set search_path = referrals, pg_temp as $$
begin
    if not holds_case(block_institution.case_id)
        or block_institution.institution = ctx.inst()
    then
        return false;
    end if;
    insert into case_block (id, case_id, institution, reason)
        values (block_institution.block_id, block_institution.case_id,
            block_institution.institution, block_institution.reason);
    update case_access a set ended_at = now() where a.case_id = block_institution.case_id
        and a.inst = block_institution.institution and a.ended_at is null;
    insert into case_history (case_id, version, event, institution, subject, changes)
        select c.id, c.version, 'blocked', ctx.inst(), ctx.subject(), jsonb_build_object(
            'blocked', block_institution.institution)
        from case_record c where c.id = block_institution.case_id;
    return true;
end $$;
"""

# Marks are written and compared in here; no role of the service reads one.
_MARKS = """
create function mark_person(case_id uuid, name bytea, telephone bytea, personal_number bytea)
returns boolean
language plpgsql volatile security definer set search_path = referrals, pg_temp as $$
begin
    if not holds_case(mark_person.case_id) then
        return false;
    end if;
    delete from person_mark m where m.case_id = mark_person.case_id;
    insert into person_mark (case_id, field, mark)
        select mark_person.case_id, given.field, given.mark
        from (values ('name', mark_person.name), ('telephone', mark_person.telephone),
            ('personal_number', mark_person.personal_number)) as given (field, mark)
        where given.mark is not null;
    return true;
end $$;

create function match_person(field text, mark bytea) returns setof text
language plpgsql stable security definer set search_path = referrals, pg_temp as $$
begin
    if not ctx.roles() && '{advocate,case_owner,investigator,social_worker}' then
        return;
    end if;
    return query select distinct a.inst from person_mark m
        join case_record c on c.id = m.case_id
            and c.record not in ('archived', 'entered_in_error')
        join case_access a on a.case_id = m.case_id and a.relation = 'owner'
            and a.ended_at is null
        where m.field = match_person.field and m.mark = match_person.mark
            and not exists (select from case_block b where b.case_id = m.case_id
                and b.institution = ctx.inst())
        order by a.inst;
end $$;
"""

_GRANTS = """
grant execute on function
    open_case(uuid, text, text, text, text[], text[], text[], bytea),
    add_partner(uuid, text, text),
    block_institution(uuid, uuid, text, bytea),
    mark_person(uuid, bytea, bytea, bytea),
    match_person(text, bytea)
    to referrals_app;
"""

_BACK = """
drop trigger note_change on case_record;
drop function match_person(text, bytea), mark_person(uuid, bytea, bytea, bytea),
    block_institution(uuid, uuid, text, bytea), add_partner(uuid, text, text), holds_case(uuid),
    owns_case(uuid),
    open_case(uuid, text, text, text, text[], text[], text[], bytea), note_case_change();
"""


def upgrade() -> None:
    for script in (_HISTORY, _OPENING, _TEAM, _MARKS, _GRANTS):
        execute_script(script)


def downgrade() -> None:
    execute_script(_BACK)
