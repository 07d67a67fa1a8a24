"""What Postgres itself keeps of a case from a service whose every check was taken out."""

from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from tests.databases import ServiceDatabase
from tests.referrals.attacks import as_role, entered, ticket
from tests.referrals.casework import Hire
from tests.referrals.conftest import PEJE, as_owner

TABLES = ("case_record", "case_indicator", "case_account", "case_history", "case_block", "person")
STRANGER = f"persona:social_worker:{PEJE}"
BLOCK = {"institution": PEJE, "reason": "A relative works there."}
# Each asked by who holds a good ticket and does not own the case.
FOREIGN = [
    "select add_partner('{case}', 'police', 'protection')",
    "select add_partner('{case}', '" + PEJE + "', 'protection')",
    "select block_institution(gen_random_uuid(), '{case}', 'police', '')",
    "select mark_person('{case}', 'a', 'b', 'c')",
]
REFUSED = [
    "insert into case_history (case_id, version, event, changes) values ('{case}', 1, 'x', '{{}}')",
    "update case_history set changes = '{{}}'",
    "delete from case_history",
    "delete from case_indicator",
    "delete from person",
    "insert into case_block values (gen_random_uuid(), '{case}', 'police', '')",
    "update case_account set account = ''",
    "update case_record set institution = 'police'",
    "update case_record set opened_at = now()",
    "update procedure_rule set allowed = '{{}}'",
    "select mark from person_mark",
    "select holds_case('{case}')",
    "alter table case_record disable trigger note_change",
]


async def furnish(hire: Hire) -> str:
    """Open a case with something in every table."""
    owner = await hire("social_worker")
    case = await owner.open_case(account="She fled.")
    await owner.write_person(case["id"])
    await owner.post(f"/v1/cases/{case['id']}/blocks", BLOCK)
    await hire("social_worker", PEJE)
    found: str = case["id"]
    return found


async def counts(connection: asyncpg.Connection) -> dict[str, int]:
    return {
        table: await connection.fetchval(f"select count(*) from {table}")  # noqa: S608
        for table in TABLES
    }


def own_ticket() -> Any:
    return ticket(sub="persona:social_worker:centre-for-social-work-prizren")


class TestPolicies:
    async def test_show_the_owner_all_and_a_stranger_nothing(
        self, hire: Hire, database: ServiceDatabase
    ) -> None:
        await furnish(hire)

        async with entered(database, *own_ticket()) as connection:
            own = await counts(connection)
        async with entered(database, *ticket(sub=STRANGER)) as connection:
            foreign = await counts(connection)
        async with as_role(database) as connection:
            nobodys = await counts(connection)

        assert all(own.values()), own
        assert not any(foreign.values()), foreign
        assert not any(nobodys.values()), nobodys

    @pytest.mark.parametrize("statement", FOREIGN)
    async def test_let_nobody_decide_in_a_foreign_case(
        self, hire: Hire, database: ServiceDatabase, statement: str
    ) -> None:
        case = await furnish(hire)

        async with entered(database, *ticket(sub=STRANGER)) as connection:
            answer = await connection.fetchval(statement.format(case=case))

        assert not answer
        async with as_owner(database) as owner:
            rows = await owner.fetch(
                "select inst, relation from case_access where case_id = $1", UUID(case)
            )
            assert [row["relation"] for row in rows] == ["owner"]
            assert await owner.fetchval("select count(*) from case_block") == 1

    @pytest.mark.parametrize("statement", FOREIGN)
    async def test_tell_nobody_by_waiting_that_there_is_such_a_case(
        self, hire: Hire, database: ServiceDatabase, statement: str
    ) -> None:
        case = await furnish(hire)

        async with as_owner(database) as owner, owner.transaction():
            await owner.execute("select from case_record for update")
            async with entered(database, *ticket(sub=STRANGER)) as connection:
                await connection.execute("set local lock_timeout = '100ms'")
                answer = await connection.fetchval(statement.format(case=case))

        assert not answer

    @pytest.mark.parametrize("statement", REFUSED)
    async def test_let_not_even_the_owner_rewrite_what_happened(
        self, hire: Hire, database: ServiceDatabase, statement: str
    ) -> None:
        case = await furnish(hire)

        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with entered(database, *own_ticket()) as connection:
                await connection.execute(statement.format(case=case))

    async def test_open_no_case_for_who_acts_for_nobody(self, database: ServiceDatabase) -> None:
        async with as_role(database) as connection:
            opened = await connection.fetchval(
                "select open_case($1, 'court_order', 'adult', 'F', '{}', '{}', '{}', null)", uuid4()
            )

        assert opened is False

    async def test_find_no_person_for_who_acts_for_nobody(
        self, hire: Hire, database: ServiceDatabase
    ) -> None:
        await furnish(hire)
        async with as_owner(database) as owner:
            (mark,) = await owner.fetch("select field, mark from person_mark where field = 'name'")

        async with as_role(database) as connection:
            found = await connection.fetch("select match_person($1, $2)", *mark)

        assert found == []
