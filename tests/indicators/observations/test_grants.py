"""What the application may do to what was stated and released, whatever its code would ask."""

import asyncpg
import pytest

from tests.databases import ServiceDatabase

COLUMNS = """
    select distinct table_name || '.' || column_name from information_schema.column_privileges
    where grantee = 'indicators_app' and table_schema = 'indicators' and privilege_type = 'UPDATE'
    and table_name in ('observation', 'observation_input', 'release', 'release_submission',
        'submission', 'submission_cell', 'submission_decision')
"""


class TestApplication:
    @pytest.mark.parametrize(
        "statement",
        [
            "update observation set value = 0",
            "update observation set origin = 'published', submission_id = null",
            "update observation_input set position = 9",
            "update release set tier = '0'",
            "update release set certificate = '{}'",
            "delete from observation",
            "delete from observation_input",
            "delete from release",
            "truncate observation cascade",
        ],
    )
    async def test_changes_nothing_that_was_stated(
        self, empty: ServiceDatabase, statement: str
    ) -> None:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await empty.fetch(statement)

    async def test_ends_a_statement_and_counts_a_release(self, empty: ServiceDatabase) -> None:
        connection = await asyncpg.connect(empty.plain("indicators_app"))
        try:
            found = {row[0] for row in await connection.fetch(COLUMNS)}
        finally:
            await connection.close()

        assert found == {"observation.valid_to", "release.observation_count"}
