"""Whoever was told of a person is told when that ends, and nothing of why or of whom."""

import sqlalchemy as sa
from alembic import op

from komuna_shared.migrations import execute_script

revision = "referrals_008"
down_revision = "referrals_007"
branch_labels = None
depends_on = None

# By triggers, so that no way of ending it forgets. A consent taken back, a block, a mistake and
# one that ran out leave the same row: nobody learns from it that they were shut out.
_TELLING = """
alter table recall enable row level security;
alter table recall force row level security;
create policy owner on recall to current_user using (true) with check (true);
create policy acting on recall for select to referrals_app
    using (institution = (select ctx.inst()));
revoke all on recall from referrals_app;
grant select on recall to referrals_app;

create function recall_referral() returns trigger
language plpgsql security definer set search_path = referrals, pg_temp as $$
begin
    insert into recall (referral_id, institution) values (new.id, new.receiver)
        on conflict do nothing;
    return null;
end $$;
create trigger recalls after update of state on referral for each row
    when (old.state in ('accepted', 'in_progress', 'on_hold')
        and new.state in ('withdrawn', 'entered_in_error'))
    execute function recall_referral();

-- What was done already holds the data too.
create function recall_done() returns trigger
language plpgsql security definer set search_path = referrals, pg_temp as $$
begin
    insert into recall (referral_id, institution)
        select r.id, r.receiver from referral r join referral_case p on p.referral_id = r.id
        where p.case_id = new.case_id and r.receiver = new.recipient
            and r.state in ('completed', 'failed')
            and live_consent(p.case_id, r.receiver, p.classes) is null
        on conflict do nothing;
    return null;
end $$;
create trigger recalls after update of state on consent for each row
    when (old.state <> 'withdrawn' and new.state = 'withdrawn')
    execute function recall_done();

revoke all on function recall_referral(), recall_done() from public;
"""

_BACK = """
drop trigger recalls on consent;
drop trigger recalls on referral;
drop function recall_done(), recall_referral();
"""


def upgrade() -> None:
    op.create_table(
        "recall",
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("institution", sa.Text(collation="C"), nullable=False),
        sa.Column(
            "recalled_at",
            sa.TIMESTAMP(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["referral_id"], ["referral.id"], name=op.f("fk_recall_referral_id_referral")
        ),
        sa.PrimaryKeyConstraint("referral_id", name=op.f("pk_recall")),
    )
    op.create_index(
        op.f("ix_recall_institution_recalled_at"), "recall", ["institution", "recalled_at"]
    )
    execute_script(_TELLING)


def downgrade() -> None:
    execute_script(_BACK)
    op.drop_table("recall")
