"""Tables that are taken out whole."""

from typing import Any

import pytest

from komuna_registry.collections import make_collections
from komuna_registry.exports import DATASETS
from tests.databases import ServiceDatabase
from tests.registry.conftest import MakeSettings

BY_NAME = {one.name: one for one in DATASETS}


async def take_out(database: ServiceDatabase, name: str) -> list[dict[str, Any]]:
    async with database.opened() as opened, opened.session() as session:
        connection = await session.connection()
        return [dict(row) async for rows in BY_NAME[name].read(connection) for row in rows]


class TestDatasets:
    def test_have_the_columns_that_their_import_reads(
        self, loaded: ServiceDatabase, make_settings: MakeSettings
    ) -> None:
        for one in make_collections(make_settings(loaded)):
            if one.name in BY_NAME:
                assert set(BY_NAME[one.name].columns) == set(one.row_model.model_fields), one.name

    @pytest.mark.parametrize(
        ("name", "column", "count"),
        [
            ("mechanisms", "code", 11),
            ("mechanism_municipalities", "mechanism", 11),
            ("mechanism_states", "mechanism", 12),
            ("mechanism_meetings", "mechanism", 0),
            ("mechanism_attendances", "mechanism", 0),
            ("accessibility_criteria", "code", 0),
            ("facilities", "code", 0),
            ("facility_surveys", "facility", 0),
            ("facility_findings", "facility", 0),
            ("activities", "code", 27),
            ("activity_municipalities", "activity", 6),
            ("activity_participants", "activity", 6),
            ("activity_evidence", "activity", 0),
        ],
    )
    async def test_hide_what_is_made_up(
        self, read_only: ServiceDatabase, name: str, column: str, count: int
    ) -> None:
        found = await take_out(read_only, name)

        assert len(found) == count
        assert not [row for row in found if row[column].startswith("demo-")]
