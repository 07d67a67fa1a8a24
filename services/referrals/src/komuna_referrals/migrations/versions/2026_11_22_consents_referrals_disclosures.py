"""Consents, referrals and disclosures, which only functions write that check who acts."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from komuna_shared.migrations import execute_script

revision = "referrals_005"
down_revision = "referrals_004"
branch_labels = None
depends_on = None

_PURPOSES = (
    "interview",
    "record_keeping",
    "service_provision",
    "share_with_named_recipient",
    "share_with_police",
    "share_with_prosecution",
    "statistics_non_identifying",
    "research_non_identifying",
    "cross_border_sharing",
    "contact_for_follow_up",
)
_BASES = (
    "vital_interest",
    "child_best_interest",
    "legal_obligation",
    "court_order",
    "public_task_identification",
)
_CONSENT_STATES = (
    "requested",
    "given",
    "refused",
    "withdrawn",
    "expired",
    "invalidated",
    "renewed",
)
_METHODS = ("signature", "thumbprint", "recorded_oral", "witnessed_oral", "digital_signature")
_GIVEN_BY = ("person", "parent", "legal_guardian", "temporary_guardian_csw", "court_appointed")
_STATES = (
    "draft",
    "consent_pending",
    "sent",
    "delivered",
    "info_requested",
    "accepted",
    "in_progress",
    "on_hold",
    "completed",
    "failed",
    "declined",
    "withdrawn",
    "expired",
    "redirected",
    "entered_in_error",
)
_PRIORITIES = ("emergency", "urgent", "normal")
_HANDOVERS = ("accompanied", "in_person", "secure_platform", "phone_then_platform", "sealed_paper")
_OUTCOMES = (
    "delivered_in_full",
    "delivered_in_part",
    "not_delivered",
    "person_did_not_attend",
    "person_left_service",
    "handed_on",
    "unknown",
)

_SENT = ("sent", "delivered", "info_requested")
_TAKEN = ("accepted", "in_progress", "on_hold")
_STEPS = (
    ("draft", "consent_pending", "sender"),
    ("consent_pending", "sent", "sender"),
    ("sent", "delivered", "receiver"),
    ("delivered", "info_requested", "receiver"),
    ("info_requested", "delivered", "sender"),
    ("delivered", "accepted", "receiver"),
    *((one, "declined", "receiver") for one in _SENT),
    *((one, "redirected", "sender") for one in _SENT),
    *((one, "expired", "system") for one in _SENT),
    *((one, "withdrawn", "sender") for one in (*_SENT, *_TAKEN)),
    ("accepted", "in_progress", "receiver"),
    ("in_progress", "on_hold", "receiver"),
    ("on_hold", "in_progress", "receiver"),
    ("in_progress", "completed", "receiver"),
    *((one, "failed", "receiver") for one in _TAKEN),
)
_SOURCE = "inter-agency referral form (emergency 24 h, urgent 72 h, normal 2 weeks)"
_HOURS = {"emergency": 24, "urgent": 72, "normal": 336}

_NOW = sa.text("now()")
_INSTANT = sa.TIMESTAMP(timezone=True)
_CODE = sa.Text(collation="C")
_TEXTS = postgresql.ARRAY(sa.Text())


def _one_of(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=63)


def _id() -> sa.Column[object]:
    return sa.Column("id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False)


def _written(name: str) -> sa.Column[object]:
    return sa.Column(name, _INSTANT, server_default=_NOW, nullable=False)


def _refers(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=f"fk_{table}_{column}_{other}")


def _create_consent() -> None:
    op.create_table(
        "consent",
        _id(),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("institution", _CODE, nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("purpose", _one_of("consentpurpose", *_PURPOSES), nullable=False),
        sa.Column("recipient", _CODE, nullable=True),
        sa.Column("classes", _TEXTS, nullable=False),
        sa.Column("basis", _one_of("legalbasis", "consent", *_BASES), nullable=False),
        sa.Column("approver", sa.Text(), nullable=True),
        sa.Column("state", _one_of("consentstate", *_CONSENT_STATES), nullable=False),
        sa.Column("text_code", _CODE, nullable=False),
        sa.Column("text_version", _CODE, nullable=False),
        sa.Column("text_hash", sa.Text(), nullable=False),
        sa.Column("language", _CODE, nullable=False),
        sa.Column("given_by", _one_of("givenby", *_GIVEN_BY), nullable=False),
        sa.Column("method", _one_of("consentmethod", *_METHODS), nullable=False),
        sa.Column("interpreter", sa.Text(), nullable=True),
        sa.Column("witness", sa.Text(), nullable=True),
        sa.Column("given_on", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        _written("recorded_at"),
        sa.Column("withdrawn_at", _INSTANT, nullable=True),
        sa.Column("withdrawn_by", sa.Text(), nullable=True),
        sa.Column("withdrawal_method", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(basis = 'consent') = (approver is null)", name=op.f("ck_consent_approved")
        ),
        sa.CheckConstraint("approver <> recorded_by", name=op.f("ck_consent_second_person")),
        sa.CheckConstraint("valid_until > given_on", name=op.f("ck_consent_period")),
        sa.CheckConstraint("cardinality(classes) > 0", name=op.f("ck_consent_classes")),
        sa.CheckConstraint(
            "(state = 'withdrawn') = (withdrawn_at is not null)", name=op.f("ck_consent_withdrawn")
        ),
        _refers("consent", "case_id", "case_record"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
    )
    op.create_index(
        "uq_consent_live",
        "consent",
        ["case_id", "purpose", "recipient"],
        unique=True,
        postgresql_nulls_not_distinct=True,
        postgresql_where=sa.text("state in ('requested', 'given')"),
    )


def _create_referral() -> None:
    op.create_table(
        "referral",
        _id(),
        sa.Column("sender", _CODE, nullable=False),
        sa.Column("receiver", _CODE, nullable=False),
        sa.Column("service", _CODE, nullable=False),
        sa.Column("service_type", _CODE, nullable=False),
        sa.Column("priority", _one_of("priority", *_PRIORITIES), nullable=False),
        sa.Column("state", _one_of("state", *_STATES), server_default="draft", nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("is_shown", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("needs", _TEXTS, nullable=False),
        sa.Column("age_band", sa.Text(), nullable=False),
        sa.Column("sex", sa.Text(), nullable=False),
        sa.Column("risk", sa.Text(), nullable=False),
        sa.Column("questions", _TEXTS, nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("responsible", sa.Text(), nullable=True),
        sa.Column("handover", _one_of("handover", *_HANDOVERS), nullable=True),
        sa.Column("meet_at", _INSTANT, nullable=True),
        sa.Column("outcome", _one_of("outcome", *_OUTCOMES), nullable=True),
        sa.Column("needs_met", _TEXTS, nullable=True),
        _written("created_at"),
        sa.Column("sent_at", _INSTANT, nullable=True),
        sa.Column("answer_due_at", _INSTANT, nullable=True),
        sa.Column("delivered_at", _INSTANT, nullable=True),
        _written("changed_at"),
        sa.CheckConstraint("sender <> receiver", name=op.f("ck_referral_two_institutions")),
        sa.CheckConstraint(
            "not is_shown or sent_at is not null", name=op.f("ck_referral_shown_when_sent")
        ),
        sa.CheckConstraint(
            "state not in ('accepted', 'in_progress', 'on_hold', 'completed') or "
            "(responsible is not null and handover is not null and meet_at is not null)",
            name=op.f("ck_referral_accepted"),
        ),
        sa.CheckConstraint(
            "state not in ('declined', 'withdrawn', 'redirected', 'failed', 'on_hold', "
            "'entered_in_error') or reason is not null",
            name=op.f("ck_referral_reasoned"),
        ),
        sa.CheckConstraint(
            "(state = 'completed') = (outcome is not null and needs_met is not null)",
            name=op.f("ck_referral_completed"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referral")),
    )
    for columns in (["receiver", "sent_at", "id"], ["sender", "created_at", "id"]):
        op.create_index(op.f(f"ix_referral_{'_'.join(columns)}"), "referral", columns)


def _create_parts() -> None:
    op.create_table(
        "referral_case",
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("classes", _TEXTS, nullable=False),
        sa.Column("consent_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("cardinality(classes) > 0", name=op.f("ck_referral_case_classes")),
        _refers("referral_case", "referral_id", "referral"),
        _refers("referral_case", "case_id", "case_record"),
        _refers("referral_case", "consent_id", "consent"),
        sa.PrimaryKeyConstraint("referral_id", name=op.f("pk_referral_case")),
    )
    for column in ("case_id", "consent_id"):
        op.create_index(op.f(f"ix_referral_case_{column}"), "referral_case", [column])
    op.create_table(
        "referral_event",
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("source", _one_of("source", *_STATES), nullable=True),
        sa.Column("target", _one_of("target", *_STATES), nullable=False),
        sa.Column("institution", _CODE, nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        _written("happened_at"),
        _refers("referral_event", "referral_id", "referral"),
        sa.PrimaryKeyConstraint("referral_id", "version", name=op.f("pk_referral_event")),
    )
    op.create_table(
        "disclosure",
        _id(),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("kind", _one_of("disclosurekind", "read", "shared"), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("institution", _CODE, nullable=False),
        sa.Column("roles", _TEXTS, nullable=False),
        sa.Column("purpose", sa.Text(), nullable=True),
        sa.Column("classes", _TEXTS, nullable=False),
        sa.Column("fields", _TEXTS, nullable=False),
        sa.Column(
            "basis",
            _one_of("disclosurebasis", "ownership", "partnership", "consent", *_BASES),
            nullable=False,
        ),
        sa.Column("consent_id", sa.Uuid(), nullable=True),
        sa.Column("referral_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.Text(), nullable=True),
        sa.Column(
            "disclosed_at", _INSTANT, server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.CheckConstraint(
            "(basis in ('ownership', 'partnership')) = (consent_id is null)",
            name=op.f("ck_disclosure_cited"),
        ),
        _refers("disclosure", "case_id", "case_record"),
        _refers("disclosure", "consent_id", "consent"),
        _refers("disclosure", "referral_id", "referral"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disclosure")),
    )
    op.create_index(
        op.f("ix_disclosure_case_id_disclosed_at_id"),
        "disclosure",
        ["case_id", "disclosed_at", "id"],
    )


def _create_rules() -> None:
    steps = op.create_table(
        "referral_step",
        sa.Column("source", _one_of("source", *_STATES), nullable=False),
        sa.Column("target", _one_of("target", *_STATES), nullable=False),
        sa.Column("actor", _one_of("actor", "sender", "receiver", "system"), nullable=False),
        sa.PrimaryKeyConstraint("source", "target", "actor", name=op.f("pk_referral_step")),
    )
    named = ("source", "target", "actor")
    op.bulk_insert(steps, [dict(zip(named, one, strict=True)) for one in _STEPS])
    limits = op.create_table(
        "answer_limit",
        sa.Column("priority", _one_of("priority", *_PRIORITIES), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("hours", sa.Integer(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("standing", _CODE, nullable=False),
        sa.CheckConstraint("hours > 0", name=op.f("ck_answer_limit_hours")),
        sa.CheckConstraint(
            "standing in ('unverified', 'verified')", name=op.f("ck_answer_limit_standing")
        ),
        sa.PrimaryKeyConstraint("priority", "valid_from", name=op.f("pk_answer_limit")),
    )
    op.execute(
        sa.insert(limits).values(
            [
                {
                    "priority": one,
                    "valid_from": sa.text("date '2026-01-01'"),
                    "hours": hours,
                    "source": _SOURCE,
                    "standing": "unverified",
                }
                for one, hours in _HOURS.items()
            ]
        )
    )


# The service reads what its context allows, and writes nothing here but through the functions.
_WALL = """
do $$ declare one text; begin
    foreach one in array array['consent', 'referral', 'referral_case', 'referral_event',
        'disclosure'] loop
        execute format('alter table %I enable row level security', one);
        execute format('alter table %I force row level security', one);
        execute format(
            'create policy owner on %I to current_user using (true) with check (true)', one);
    end loop;
    foreach one in array array['consent', 'referral', 'referral_case', 'referral_event',
        'disclosure', 'referral_step', 'answer_limit'] loop
        execute format('revoke all on %I from referrals_app', one);
        execute format('grant select on %I to referrals_app', one);
    end loop;
end $$;

create policy acting on consent for select to referrals_app using (
    exists (select from case_access a where a.case_id = consent.case_id
        and a.inst = (select ctx.inst()) and a.ended_at is null
        and (a.relation <> 'receiver' or consent.recipient = a.inst))
);
create policy acting on referral for select to referrals_app using (
    sender = (select ctx.inst()) or (receiver = (select ctx.inst()) and is_shown)
);
create policy acting on referral_case for select to referrals_app using (
    exists (select from case_access a where a.case_id = referral_case.case_id
        and a.inst = (select ctx.inst()) and a.ended_at is null
        and (a.relation = 'owner' or exists (select from referral r
            where r.id = referral_case.referral_id and r.receiver = a.inst
            and r.state in ('accepted', 'in_progress', 'on_hold'))))
);
create policy acting on referral_event for select to referrals_app using (
    exists (select from referral r where r.id = referral_event.referral_id
        and r.sender = (select ctx.inst()))
);
create policy acting on disclosure for select to referrals_app using (
    exists (select from case_access a where a.case_id = disclosure.case_id
        and a.inst = (select ctx.inst()) and a.ended_at is null and a.relation = 'owner')
);
-- The worker asks who is waited for, and whether somebody still has a case open.
grant select (id, receiver, state, is_shown) on referral to referrals_worker;
create policy worker on referral for select to referrals_worker using (true);
grant select (case_id, inst, ended_at) on case_access to referrals_worker;
create policy worker on case_access for select to referrals_worker using (true);
"""

# KR403, KR404, KR409 and KR412 become the problems of those numbers; KRAPP, KRBLK and KRCON say
# which rule an approver, a block or a missing consent breaks, KRAUD that no row could be written.
_CONSENTS = """
create function is_blocked(of_case uuid, towards text) returns boolean
language sql stable security definer set search_path = referrals, pg_temp as $$
    select exists (select from case_block b
        where b.case_id = of_case and b.institution = towards)
$$;

create function live_consent(of_case uuid, towards text, needed text[]) returns uuid
language sql stable security definer set search_path = referrals, pg_temp as $$
    select c.id from consent c
    where c.case_id = of_case and c.recipient = towards and c.state = 'given'
        and c.purpose in ('share_with_named_recipient', 'share_with_police',
            'share_with_prosecution', 'cross_border_sharing')
        and c.given_on <= (now() at time zone 'Europe/Belgrade')::date
        and (c.valid_until is null
            or c.valid_until > (now() at time zone 'Europe/Belgrade')::date)
        and c.classes @> needed
    order by c.recorded_at desc limit 1
$$;

-- An institution has one way in; another referral that it works on keeps it open.
create function end_access(which uuid) returns void
language plpgsql security definer set search_path = referrals, pg_temp as $$
declare gone case_access; begin
    update case_access set ended_at = now()
        where referral_id = which and relation = 'receiver' and ended_at is null
        returning * into gone;
    insert into case_access (case_id, inst, relation, opened_at, referral_id)
        select gone.case_id, gone.inst, 'receiver', gone.opened_at, r.id
        from referral r join referral_case p on p.referral_id = r.id
        where p.case_id = gone.case_id and r.receiver = gone.inst and r.id <> which
            and r.state in ('accepted', 'in_progress', 'on_hold')
        order by r.sent_at limit 1;
end $$;

create function withdraw_referrals(which uuid[], why text) returns void
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
                ctx.inst(), ctx.subject(), why);
        perform end_access(one.id);
    end loop;
end $$;

create function record_consent(of_case uuid, said jsonb) returns uuid
language plpgsql security definer set search_path = referrals, pg_temp as $$
declare
    me text := ctx.inst();
    today date := (now() at time zone 'Europe/Belgrade')::date;
    made uuid;
begin
    -- Those who speak with the person and stand inside the case; one after another.
    perform from case_access a where a.case_id = of_case and a.inst = me and a.ended_at is null
        and a.relation in ('owner', 'partner');
    if not found then
        raise exception using errcode = 'KR404', message = 'case';
    end if;
    if not ctx.roles() && array['advocate', 'social_worker', 'case_owner', 'investigator'] then
        raise exception using errcode = 'KR403', message = 'role';
    end if;
    if said->>'approver' is not null and not exists (
        select from assignment_copy a where a.issuer || '|' || a.subject = said->>'approver'
            and a.institution is not null and a.valid_from <= today
            and (a.valid_until is null or a.valid_until > today)
    ) then
        raise exception using errcode = 'KRAPP', message = 'approver';
    end if;
    perform from case_record where id = of_case for update;
    update consent set state = 'expired' where case_id = of_case and purpose = said->>'purpose'
        and recipient is not distinct from said->>'recipient' and state = 'given'
        and valid_until <= today;
    perform from consent where case_id = of_case and purpose = said->>'purpose'
        and recipient is not distinct from said->>'recipient' and state = 'given';
    if found then
        raise exception using errcode = '23505', message = 'consent';
    end if;
    insert into consent (case_id, institution, recorded_by, purpose, recipient, classes, basis,
        approver, state, text_code, text_version, text_hash, language, given_by, method,
        interpreter, witness, given_on, valid_until)
    values (of_case, me, ctx.subject(), said->>'purpose', said->>'recipient',
        array(select jsonb_array_elements_text(said->'classes')), said->>'basis',
        said->>'approver', said->>'state', said->>'text_code', said->>'text_version',
        said->>'text_hash', said->>'language', said->>'given_by', said->>'method',
        said->>'interpreter', said->>'witness', (said->>'given_on')::date,
        (said->>'valid_until')::date)
    returning id into made;
    return made;
end $$;

create function withdraw_consent(which uuid, how text) returns consent
language plpgsql security definer set search_path = referrals, pg_temp as $$
declare told consent; begin
    -- Before anything is held: nobody learns by waiting whether there is such a consent.
    perform from consent c join case_access a on a.case_id = c.case_id
        where c.id = which and a.inst = ctx.inst() and a.ended_at is null
        and a.relation in ('owner', 'partner');
    if not found then
        raise exception using errcode = 'KR404', message = 'consent';
    end if;
    -- Whoever sends, accepts or blocks holds the case too: one of them comes first.
    perform from case_record r join consent c on c.case_id = r.id where c.id = which
        for update of r;
    select * into told from consent c where c.id = which for update;
    perform from case_access a where a.case_id = told.case_id and a.inst = ctx.inst()
        and a.ended_at is null and a.relation in ('owner', 'partner');
    if not found then
        raise exception using errcode = 'KR404', message = 'consent';
    end if;
    if not ctx.roles() && array['advocate', 'social_worker', 'case_owner', 'investigator'] then
        raise exception using errcode = 'KR403', message = 'role';
    end if;
    if told.state not in ('requested', 'given') then
        raise exception using errcode = 'KR409', message = 'consent';
    end if;
    update consent set state = 'withdrawn', withdrawn_at = now(), withdrawn_by = ctx.subject(),
        withdrawal_method = how where id = which returning * into told;
    -- Also what was accepted on one before it, if by now nothing else allows it.
    perform withdraw_referrals(array(
        select p.referral_id from referral_case p join referral r on r.id = p.referral_id
        where p.consent_id = which or (p.case_id = told.case_id and r.receiver = told.recipient
            and live_consent(p.case_id, r.receiver, p.classes) is null)
    ), 'consent_withdrawn');
    return told;
end $$;
"""

_REFERRALS = """
-- Whatever stops the row stops what it tells of, and soon: nobody waits for a trail.
create function write_disclosure(of_case uuid, what text, seen text[], named text[], rests text,
    cited uuid, via uuid, stood text) returns void
language plpgsql security definer set search_path = referrals, pg_temp
set lock_timeout = '150ms' as $$
begin
    insert into disclosure (case_id, kind, subject, institution, roles, purpose, classes, fields,
        basis, consent_id, referral_id, state)
    values (of_case, what, ctx.subject(), ctx.inst(), ctx.roles(), ctx.purpose(), seen, named,
        rests, cited, via, stood);
exception when others then
    raise exception using errcode = 'KRAUD', message = 'disclosure';
end $$;

-- Before any row is held: those who accept at once wait side by side, not one after another.
create function hold_disclosures() returns void
language plpgsql security definer set search_path = referrals, pg_temp
set lock_timeout = '150ms' as $$
begin
    lock table disclosure in row exclusive mode;
exception when others then
    raise exception using errcode = 'KRAUD', message = 'disclosure';
end $$;
create function open_referral(of_case uuid, towards text, said jsonb) returns uuid
language plpgsql security definer set search_path = referrals, pg_temp as $$
declare
    me text := ctx.inst();
    about case_record;
    made uuid;
begin
    select c.* into about from case_record c join case_access a on a.case_id = c.id
        where c.id = of_case and a.inst = me and a.ended_at is null and a.relation = 'owner'
        for update of c;
    if not found then
        raise exception using errcode = 'KR404', message = 'case';
    end if;
    if not ctx.roles()
        && array['advocate', 'case_owner', 'investigator', 'social_worker']
    then
        raise exception using errcode = 'KR403', message = 'role';
    end if;
    if is_blocked(of_case, towards) then
        raise exception using errcode = 'KRBLK', message = 'blocked';
    end if;
    insert into referral (sender, receiver, service, service_type, priority, needs, age_band,
        sex, risk)
    values (me, towards, said->>'service', said->>'service_type', said->>'priority',
        about.needs, about.age_band, about.sex, about.risk)
    returning id into made;
    insert into referral_case (referral_id, case_id, classes) values (made, of_case,
        array(select jsonb_array_elements_text(said->'classes')));
    insert into referral_event (referral_id, version, target, institution, subject)
    values (made, 1, 'draft', me, ctx.subject());
    return made;
end $$;

create function send_referral(which uuid) returns void
language plpgsql security definer set search_path = referrals, pg_temp as $$
declare
    told referral;
    part referral_case;
    cited uuid;
    allowed int;
    today date := (now() at time zone 'Europe/Belgrade')::date;
begin
    select * into strict told from referral r where r.id = which;
    select * into strict part from referral_case p where p.referral_id = which;
    if is_blocked(part.case_id, told.receiver) then
        raise exception using errcode = 'KRBLK', message = 'blocked';
    end if;
    cited := live_consent(part.case_id, told.receiver, part.classes);
    if cited is null then
        raise exception using errcode = 'KRCON', message = 'consent';
    end if;
    update referral_case set consent_id = cited where referral_id = which;
    select l.hours into strict allowed from answer_limit l
        where l.priority = told.priority and l.valid_from <= today
        order by l.valid_from desc limit 1;
    -- The envelope is closed here: what happens to the case from now on does not change it.
    update referral r set is_shown = true, sent_at = now(),
        answer_due_at = now() + make_interval(hours => allowed),
        needs = c.needs, age_band = c.age_band, sex = c.sex, risk = c.risk
        from case_record c where r.id = which and c.id = part.case_id;
end $$;

create function accept_referral(which uuid) returns void
language plpgsql security definer set search_path = referrals, pg_temp as $$
declare
    part referral_case;
    cited consent;
    me text := ctx.inst();
begin
    select * into strict part from referral_case p where p.referral_id = which;
    select c.* into cited from consent c
        where c.id = live_consent(part.case_id, me, part.classes);
    if not found then
        raise exception using errcode = 'KRCON', message = 'consent';
    end if;
    update referral_case set consent_id = cited.id where referral_id = which;
    insert into case_access (case_id, inst, relation, opened_at, referral_id)
        select c.id, me, 'receiver', c.opened_at, which from case_record c
        where c.id = part.case_id
        on conflict (case_id, inst) where ended_at is null do nothing;
    perform write_disclosure(part.case_id, 'shared', part.classes, '{}', cited.basis, cited.id,
        which, 'accepted');
end $$;

create function move_referral(which uuid, based_on int, towards text, said jsonb)
returns referral_case
language plpgsql security definer set search_path = referrals, pg_temp as $$
declare
    me text := ctx.inst();
    told referral;
    part referral_case;
    side text;
begin
    -- Before anything is held: nobody learns by waiting whether there is such a referral.
    perform from referral r where r.id = which
        and (r.sender = me or (r.receiver = me and r.is_shown));
    if not found then
        raise exception using errcode = 'KR404', message = 'referral';
    end if;
    if towards = 'accepted' then
        perform hold_disclosures();
    end if;
    -- Then the case: a block or a withdrawal, which hold it too, comes before or after.
    perform from case_record c join referral_case p on p.case_id = c.id
        where p.referral_id = which for key share of c;
    select * into told from referral r where r.id = which
        and (r.sender = me or (r.receiver = me and r.is_shown)) for update;
    if not found then
        raise exception using errcode = 'KR404', message = 'referral';
    end if;
    if told.version <> based_on then
        raise exception using errcode = 'KR412', message = 'version';
    end if;
    side := case when told.sender = me then 'sender' else 'receiver' end;
    if not ctx.roles() && (case side
        when 'sender' then
            array['advocate', 'case_owner', 'investigator', 'social_worker', 'supervisor']
        else array['shelter_intake', 'provider'] end)
    then
        raise exception using errcode = 'KR403', message = 'role';
    end if;
    perform from referral_step s
        where s.source = told.state and s.target = towards and s.actor = side;
    if not found and (towards = 'entered_in_error' and told.state <> 'entered_in_error'
        and side = 'sender' and ctx.has_role('supervisor')) is not true
    then
        raise exception using errcode = 'KR409', message = 'step';
    end if;
    if towards = 'sent' then
        perform send_referral(which);
    elsif towards = 'accepted' then
        perform accept_referral(which);
    end if;
    update referral r set state = towards, version = r.version + 1, changed_at = now(),
        is_shown = r.is_shown and towards not in ('withdrawn', 'entered_in_error'),
        delivered_at = case when towards = 'delivered'
            then coalesce(r.delivered_at, now()) else r.delivered_at end,
        needs = case when said ? 'needs'
            then array(select jsonb_array_elements_text(said->'needs')) else r.needs end,
        questions = case when said ? 'questions'
            then array(select jsonb_array_elements_text(said->'questions')) else r.questions end,
        reason = said->>'reason',
        responsible = coalesce(said->>'responsible', r.responsible),
        handover = coalesce(said->>'handover', r.handover),
        meet_at = coalesce((said->>'meet_at')::timestamptz, r.meet_at),
        outcome = said->>'outcome',
        needs_met = case when said ? 'needs_met'
            then array(select jsonb_array_elements_text(said->'needs_met')) end
        where r.id = which;
    insert into referral_event
        (referral_id, version, source, target, institution, subject, reason)
    values (which, told.version + 1, told.state, towards, me, ctx.subject(), said->>'reason');
    if towards in ('withdrawn', 'entered_in_error', 'completed', 'failed') then
        perform end_access(which);
    end if;
    select * into strict part from referral_case p where p.referral_id = which;
    return part;
end $$;
"""

_DISCLOSURES = """
create function disclose(of_case uuid, seen text[], named text[], cited uuid, via uuid)
returns boolean
language plpgsql security definer set search_path = referrals, pg_temp as $$
declare
    me text := ctx.inst();
    today date := (now() at time zone 'Europe/Belgrade')::date;
    entry case_access;
    rests text;
begin
    select * into entry from case_access a
        where a.case_id = of_case and a.inst = me and a.ended_at is null;
    if not found then
        return false;
    end if;
    if entry.relation = 'receiver' or cited is not null then
        select c.basis into rests from consent c where c.id = cited and c.case_id = of_case
            and c.recipient = me and c.state = 'given' and c.given_on <= today
            and (c.valid_until is null or c.valid_until > today) and c.classes @> seen
            for share;
        if not found then
            return false;
        end if;
    else
        rests := case entry.relation when 'owner' then 'ownership' else 'partnership' end;
    end if;
    perform write_disclosure(of_case, 'read', seen, named, rests, cited,
        coalesce(via, entry.referral_id),
        coalesce((select r.state from referral r where r.id = coalesce(via, entry.referral_id)),
            (select c.record from case_record c where c.id = of_case)));
    return true;
end $$;

-- Whoever is blocked loses sight in the transaction of the block.
create function end_sight() returns trigger
language plpgsql security definer set search_path = referrals, pg_temp as $$
begin
    perform withdraw_referrals(array(
        select p.referral_id from referral_case p join referral r on r.id = p.referral_id
        where p.case_id = new.case_id and r.receiver = new.institution
    ), 'risk_changed');
    update referral r set is_shown = false from referral_case p
        where p.referral_id = r.id and p.case_id = new.case_id
        and r.receiver = new.institution;
    return null;
end $$;
create trigger ends_sight after insert on case_block for each row execute function end_sight();

revoke all on function
    hold_disclosures(), write_disclosure(uuid, text, text[], text[], text, uuid, uuid, text),
    is_blocked(uuid, text), live_consent(uuid, text, text[]), end_access(uuid),
    withdraw_referrals(uuid[], text),
    record_consent(uuid, jsonb), withdraw_consent(uuid, text), open_referral(uuid, text, jsonb),
    send_referral(uuid), accept_referral(uuid), move_referral(uuid, int, text, jsonb),
    disclose(uuid, text[], text[], uuid, uuid), end_sight() from public;
grant execute on function record_consent(uuid, jsonb), withdraw_consent(uuid, text),
    open_referral(uuid, text, jsonb), move_referral(uuid, int, text, jsonb),
    disclose(uuid, text[], text[], uuid, uuid) to referrals_app;
"""

_BACK = """
drop policy worker on case_access;
revoke select (case_id, inst, ended_at) on case_access from referrals_worker;
drop trigger ends_sight on case_block;
drop function end_sight(), disclose(uuid, text[], text[], uuid, uuid),
    move_referral(uuid, int, text, jsonb), accept_referral(uuid), send_referral(uuid),
    open_referral(uuid, text, jsonb), withdraw_consent(uuid, text), record_consent(uuid, jsonb),
    hold_disclosures(), write_disclosure(uuid, text, text[], text[], text, uuid, uuid, text),
    withdraw_referrals(uuid[], text), end_access(uuid), live_consent(uuid, text, text[]),
    is_blocked(uuid, text);
"""


def upgrade() -> None:
    _create_consent()
    _create_referral()
    _create_parts()
    _create_rules()
    for script in (_WALL, _CONSENTS, _REFERRALS, _DISCLOSURES):
        execute_script(script)


def downgrade() -> None:
    execute_script(_BACK)
    for table in (
        "answer_limit",
        "referral_step",
        "disclosure",
        "referral_event",
        "referral_case",
        "referral",
        "consent",
    ):
        op.drop_table(table)
