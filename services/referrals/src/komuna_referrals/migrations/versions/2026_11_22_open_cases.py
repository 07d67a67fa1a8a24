"""What a case holds: its codes, its account, its history, its blocks, and whom it is about."""

from komuna_shared.migrations import execute_script

revision = "referrals_004a"
down_revision = "referrals_003"
branch_labels = None
depends_on = None

# Lines of procedure are rows: the first ones rest on reports, and nobody has confirmed them yet.
_RULES = """
create table procedure_rule (
    code text collate "C" not null,
    allowed text[] not null,
    source text not null,
    is_verified boolean not null default false,
    constraint pk_procedure_rule primary key (code)
);
revoke all on procedure_rule from referrals_app;
grant select on procedure_rule to referrals_app;
insert into procedure_rule (code, allowed, source) values
    ('C1.roles',
     '{advocate,case_owner,first_responder,investigator,social_worker}',
     'First responders of the mechanism as the US TIP reports 2020-2022 name them'),
    ('C1.bases',
     '{interview_consent,child_or_unsure,vital_interest,child_best_interest,legal_obligation,'
     'court_order,public_task_identification}',
     'UK NRM form (child or not sure needs no consent); law 06/L-082 for the rest'),
    ('C1.bases_for_minors',
     '{child_or_unsure,child_best_interest}',
     'UK NRM form; CPIMS+ practice');
"""

_CASES = """
alter table case_record
    add basis text collate "C" not null,
    add age_band text collate "C" not null default 'unknown',
    add sex text collate "C" not null default 'unknown',
    add needs text[] not null default '{}',
    add languages text[] not null default '{}',
    add indicator_count integer not null default 0,
    add constraint ck_case_record_basis check (basis in ('interview_consent', 'child_or_unsure',
        'vital_interest', 'child_best_interest', 'legal_obligation', 'court_order',
        'public_task_identification')),
    add constraint ck_case_record_age_band check (age_band in ('adult', 'child', 'unknown')),
    add constraint ck_case_record_sex check (sex in ('F', 'M', 'X', 'unknown')),
    add constraint ck_case_record_presumed
        check (identification <> 'presumed' or indicator_count > 0);
-- A case changes hands by functions alone, and nobody changes when it was opened.
revoke insert, update on case_record from referrals_app;
grant update (record, identification, assistance, risk, indicator_count, version)
    on case_record to referrals_app;

create table case_indicator (
    case_id uuid not null,
    code text collate "C" not null,
    recorded_at timestamptz not null default now(),
    constraint pk_case_indicator primary key (case_id, code),
    constraint fk_case_indicator_case_id_case_record
        foreign key (case_id) references case_record (id)
);
create table case_account (
    case_id uuid not null,
    version integer not null default 1,
    account bytea not null,
    written_at timestamptz not null default now(),
    constraint pk_case_account primary key (case_id),
    constraint fk_case_account_case_id_case_record foreign key (case_id) references case_record (id)
);
create table case_history (
    id uuid not null default uuidv7(),
    case_id uuid not null,
    version integer not null,
    event text collate "C" not null,
    institution text collate "C",
    subject text,
    changes jsonb not null,
    recorded_at timestamptz not null default clock_timestamp(),
    constraint pk_case_history primary key (id),
    constraint fk_case_history_case_id_case_record foreign key (case_id) references case_record (id)
);
create index ix_case_history_case_id_id on case_history (case_id, id);
create table case_block (
    id uuid not null,
    case_id uuid not null,
    institution text collate "C" not null,
    reason bytea not null,
    blocked_at timestamptz not null default now(),
    constraint pk_case_block primary key (id),
    constraint uq_case_block_case_id_institution unique (case_id, institution),
    constraint fk_case_block_case_id_case_record foreign key (case_id) references case_record (id)
);
"""

_PEOPLE = """
create table person (
    case_id uuid not null,
    version integer not null default 1,
    first_name bytea,
    last_name bytea,
    birth_year bytea,
    birth_date bytea,
    personal_number bytea,
    citizenships bytea,
    telephone bytea,
    address bytea,
    written_at timestamptz not null default now(),
    constraint pk_person primary key (case_id),
    constraint fk_person_case_id_case_record foreign key (case_id) references case_record (id)
);
-- Apart from the person, so that whoever reads rows cannot count who is alike.
create table person_mark (
    case_id uuid not null,
    field text collate "C" not null,
    mark bytea not null,
    constraint pk_person_mark primary key (case_id, field),
    constraint ck_person_mark_field check (field in ('name', 'telephone', 'personal_number')),
    constraint fk_person_mark_case_id_case_record foreign key (case_id) references case_record (id)
);
create index ix_person_mark_field_mark on person_mark (field, mark);
"""

_GUARDED = (
    "case_indicator",
    "case_account",
    "case_history",
    "case_block",
    "person",
    "person_mark",
)
_GUARD = """
alter table {table} enable row level security;
alter table {table} force row level security;
create policy owner on {table} to current_user using (true) with check (true);
revoke all on {table} from referrals_app;
"""
_HELD = """exists (select from case_access a where a.case_id = {table}.case_id
    and a.inst = (select ctx.inst()) and a.ended_at is null{more})"""
_OWNED = " and a.relation = 'owner'"
_TEAM = " and a.relation in ('owner', 'partner')"
# The owner is told of a block, and nobody else.
_HISTORY = (
    " and (a.relation = 'owner' or a.relation = 'partner' and case_history.event <> 'blocked')"
)


def _held(table: str, more: str = "") -> str:
    return _HELD.format(table=table, more=more)


def _policies() -> str:
    owned = {table: _held(table, _OWNED) for table in _GUARDED}
    return f"""
grant select, insert on case_indicator to referrals_app;
create policy acting on case_indicator for select to referrals_app
    using ({_held("case_indicator", _TEAM)});
create policy adding on case_indicator for insert to referrals_app
    with check ({owned["case_indicator"]});
grant select on case_account, case_history, case_block to referrals_app;
create policy acting on case_account for select to referrals_app using ({_held("case_account")});
create policy acting on case_history for select to referrals_app
    using ({_held("case_history", _HISTORY)});
create policy acting on case_block for select to referrals_app using ({owned["case_block"]});
grant select, insert, update on person to referrals_app;
create policy acting on person for select to referrals_app using ({_held("person")});
create policy adding on person for insert to referrals_app with check ({owned["person"]});
create policy owning on person for update to referrals_app
    using ({owned["person"]}) with check ({owned["person"]});
"""


_BACK = """
drop table case_indicator, case_account, case_history, case_block, person, person_mark,
    procedure_rule;
alter table case_record drop basis, drop age_band, drop sex, drop needs, drop languages,
    drop indicator_count;
revoke update (record, identification, assistance, risk, version) on case_record
    from referrals_app;
grant insert, update on case_record to referrals_app;
"""


def upgrade() -> None:
    for script in (_RULES, _CASES, _PEOPLE):
        execute_script(script)
    for table in _GUARDED:
        execute_script(_GUARD.format(table=table))
    execute_script(_policies())


def downgrade() -> None:
    execute_script(_BACK)
