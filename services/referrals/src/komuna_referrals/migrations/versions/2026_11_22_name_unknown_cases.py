"""Which ids are of no case: what the worker must know before it destroys a key nobody uses."""

from komuna_shared.migrations import execute_script

revision = "referrals_006"
down_revision = "referrals_005"
branch_labels = None
depends_on = None

# Where no case at all is to be seen, the wall is more likely closed than the mechanism empty:
# then nothing is called unknown. The worker learns this and no column of any case.
_FUNCTION = """
create function unknown_cases(asked uuid[]) returns uuid[]
language sql stable security definer set search_path = referrals, pg_temp
as $$
    select coalesce(array_agg(one), '{}') from unnest(asked) one
    where not exists (select from case_record c where c.id = one)
        and exists (select from case_record)
$$;
grant execute on function unknown_cases(uuid[]) to referrals_worker;
"""


def upgrade() -> None:
    execute_script(_FUNCTION)


def downgrade() -> None:
    execute_script("drop function unknown_cases(uuid[])")
