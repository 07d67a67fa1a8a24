"""What rests on a consent ends with it: shown no longer at once, and put away a day later."""

import sqlalchemy as sa
from alembic import op

from komuna_shared.migrations import execute_script

revision = "referrals_007"
down_revision = "referrals_006"
branch_labels = None
depends_on = None

# Asked in the very statement that shows a row, not by a job: on the day on which a consent has run
# out nothing is shown, whoever did not run. Each answers about the acting institution alone.
_SHOWING = """
create function serves_case(of_case uuid) returns boolean
language sql stable security definer set search_path = referrals, pg_temp as $$
    select exists (select from referral_case p join referral r on r.id = p.referral_id
        where p.case_id = of_case and r.receiver = (select ctx.inst()) and r.is_shown
            and r.state in ('accepted', 'in_progress', 'on_hold')
            and live_consent(p.case_id, r.receiver, p.classes) is not null)
$$;

create function is_upheld(which uuid) returns boolean
language sql stable security definer set search_path = referrals, pg_temp as $$
    select exists (select from referral_case p join referral r on r.id = p.referral_id
        where r.id = which and r.receiver = (select ctx.inst()) and r.is_shown
            and live_consent(p.case_id, r.receiver, p.classes) is not null)
$$;

drop policy acting on case_access;
create policy acting on case_access for select to referrals_app using (
    inst = (select ctx.inst()) and ended_at is null
    and (relation <> 'receiver' or serves_case(case_id))
);
-- What is final allows nothing any more, and stays as what was done.
drop policy acting on referral;
create policy acting on referral for select to referrals_app using (
    sender = (select ctx.inst()) or (receiver = (select ctx.inst()) and is_shown
        and (state not in ('sent', 'delivered', 'info_requested', 'accepted', 'in_progress',
            'on_hold') or is_upheld(id)))
);

alter function move_referral(uuid, int, text, jsonb) rename to step_referral;
revoke all on function step_referral(uuid, int, text, jsonb) from referrals_app;
create function move_referral(which uuid, based_on int, towards text, said jsonb)
returns referral_case
language plpgsql security definer set search_path = referrals, pg_temp as $$
begin
    perform from referral r where r.id = which and r.receiver = ctx.inst()
        and r.state in ('sent', 'delivered', 'info_requested', 'accepted', 'in_progress',
            'on_hold') and not is_upheld(r.id);
    if found then
        raise exception using errcode = 'KR404', message = 'referral';
    end if;
    return step_referral(which, based_on, towards, said);
end $$;

grant execute on function serves_case(uuid), is_upheld(uuid),
    move_referral(uuid, int, text, jsonb) to referrals_app;
"""

# Where nobody acts it is the clock, and the event says so.
_WITHDRAWING = """
create or replace function withdraw_referrals(which uuid[], why text) returns void
language plpgsql security definer set search_path = referrals, pg_temp as $$
declare one referral; begin
    for one in
        select * from referral r where r.id = any(which) and r.state in
            ('sent', 'delivered', 'info_requested', 'accepted', 'in_progress', 'on_hold')
        order by r.id for update
    loop
        update referral set state = 'withdrawn', reason = why, is_shown = false,
            version = version + 1, changed_at = now() where id = one.id;
        insert into referral_event
            (referral_id, version, source, target, institution, subject, reason)
            values (one.id, one.version + 1, one.state, 'withdrawn',
                {institution}, {subject}, why);
        perform end_access(one.id);
    end loop;
end $$;
"""
_BY_CLOCK = {
    "institution": "coalesce(ctx.inst(), 'system')",
    "subject": "coalesce(ctx.subject(), 'system')",
}
_BY_PEOPLE = {"institution": "ctx.inst()", "subject": "ctx.subject()"}

# A consent that was given again within a day finds everything as it was; later it is a new
# referral. Nothing is shown in between, so the day costs nobody anything.
_ENDING = """
create function end_lapsed(at_most int) returns table (case_id uuid, institution text)
language plpgsql security definer set search_path = referrals, pg_temp as $$
declare
    today date := (now() at time zone 'Europe/Belgrade')::date;
    one record;
begin
    for one in
        select r.id, p.case_id from referral r join referral_case p on p.referral_id = r.id
        where r.state in ('sent', 'delivered', 'info_requested', 'accepted', 'in_progress',
                'on_hold')
            and live_consent(p.case_id, r.receiver, p.classes) is null
            and not exists (select from consent c where c.case_id = p.case_id
                and c.recipient = r.receiver and c.state = 'given' and c.valid_until = today)
        order by p.case_id, r.id limit at_most
    loop
        -- The case first, as whoever withdraws, blocks or accepts does.
        perform from case_record c where c.id = one.case_id for update;
        select r.id, r.state, r.version, r.receiver, p.case_id into one
            from referral r join referral_case p on p.referral_id = r.id
            where r.id = one.id and live_consent(p.case_id, r.receiver, p.classes) is null
            for update of r;
        if one.state in ('accepted', 'in_progress', 'on_hold') then
            perform withdraw_referrals(array[one.id], 'consent_expired');
            return query select one.case_id, one.receiver;
        elsif one.state in ('sent', 'delivered', 'info_requested') then
            perform expire_referral(one.id, false);
            return query select one.case_id, null::text;
        end if;
    end loop;
    -- Last: whoever withdraws one of these holds its case and waits for none of those above.
    update consent c set state = 'expired' where c.state = 'given' and c.valid_until < today;
end $$;

create function expire_referral(which uuid, stays_shown boolean) returns void
language plpgsql security definer set search_path = referrals, pg_temp as $$
declare told referral; begin
    select * into strict told from referral r where r.id = which for update;
    update referral r set state = 'expired', is_shown = r.is_shown and stays_shown,
        version = r.version + 1, changed_at = now() where r.id = which;
    insert into referral_event (referral_id, version, source, target, institution, subject)
        values (which, told.version + 1, told.state, 'expired', 'system', 'system');
end $$;

-- The clock stands still while the sender is asked, once and no longer than the rule says.
create function expire_unanswered() returns int
language plpgsql security definer set search_path = referrals, pg_temp as $$
declare
    one uuid;
    count int := 0;
begin
    for one in
        select r.id from referral r where r.state in ('sent', 'delivered', 'info_requested')
            and r.answer_due_at <= now()
            and r.answer_due_at + coalesce((
                select least(coalesce(min(e.happened_at) filter (
                        where e.source = 'info_requested'), now())
                    - min(e.happened_at) filter (where e.target = 'info_requested'),
                    make_interval(hours => (select l.pause_hours from answer_limit l
                        where l.priority = r.priority and l.valid_from <= (r.sent_at at time zone 'Europe/Belgrade')::date
                        order by l.valid_from desc limit 1)))
                from referral_event e where e.referral_id = r.id
                    and 'info_requested' in (e.source, e.target)
                having count(*) > 0), interval '0') <= now()
        -- Whoever answers at this moment has answered.
        order by r.id for update skip locked
    loop
        perform expire_referral(one, true);
        count := count + 1;
    end loop;
    return count;
end $$;

revoke all on function end_lapsed(int), expire_referral(uuid, boolean), expire_unanswered()
    from public;
grant execute on function end_lapsed(int), expire_unanswered() to referrals_worker;
"""

_BACK = """
drop function expire_unanswered(), end_lapsed(int), expire_referral(uuid, boolean),
    move_referral(uuid, int, text, jsonb);
alter function step_referral(uuid, int, text, jsonb) rename to move_referral;
grant execute on function move_referral(uuid, int, text, jsonb) to referrals_app;
drop policy acting on case_access;
create policy acting on case_access for select to referrals_app
    using (inst = (select ctx.inst()) and ended_at is null);
drop policy acting on referral;
create policy acting on referral for select to referrals_app using (
    sender = (select ctx.inst()) or (receiver = (select ctx.inst()) and is_shown)
);
drop function serves_case(uuid), is_upheld(uuid);
"""


def upgrade() -> None:
    op.add_column(
        "answer_limit",
        sa.Column("pause_hours", sa.Integer(), server_default=sa.text("24"), nullable=False),
    )
    op.create_check_constraint(op.f("ck_answer_limit_pause"), "answer_limit", "pause_hours >= 0")
    for script in (_SHOWING, _WITHDRAWING.format(**_BY_CLOCK), _ENDING):
        execute_script(script)


def downgrade() -> None:
    execute_script(_BACK)
    execute_script(_WITHDRAWING.format(**_BY_PEOPLE))
    op.drop_column("answer_limit", "pause_hours")
