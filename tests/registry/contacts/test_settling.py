"""What becomes of a row: whatever is sent, nobody changes what others keep."""

from collections.abc import AsyncIterator
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from komuna_registry.contacts.ground import Ground, load_ground
from komuna_registry.contacts.rows import ContactRow
from komuna_registry.contacts.settling import settle
from komuna_shared.access import Assignment, Caller, Principal
from komuna_shared.imports import Row
from tests.databases import ServiceDatabase

NOBODY = Principal("issuer", "subject", "client", frozenset(), "", 0)
OFFICER = Assignment("municipal_officer", None, "prishtine", date(2026, 1, 1), None)
SPELT = ("Prishtinë", "Peja", "Mitrovica", "Atlantis", "gjilan", "32", "Komuna e Prishtinës")


@pytest.fixture
async def ground(read_only: ServiceDatabase) -> AsyncIterator[Ground]:
    """What an officer of Prishtinë is judged against, with the contacts of some municipalities."""
    rows = [
        ContactRow(municipality=one, institution=None, name="A", position="x", email="a@b.example")
        for one in SPELT
    ]
    async with read_only.opened() as opened, opened.session() as session:
        yield await load_ground(session, Caller(NOBODY, (OFFICER,)), rows)


def test_a_row_is_stored_for_the_own_municipality_or_not_at_all(ground: Ground) -> None:
    ids = sorted(ground.by_id)

    @settings(max_examples=60, deadline=None)
    @given(
        st.lists(
            st.fixed_dictionaries(
                {
                    "id": st.none() | st.sampled_from(ids) | st.uuids(),
                    "municipality": st.sampled_from(SPELT),
                    "name": st.sampled_from(["Arta Shembull", "Driton Shembull", "New"]),
                    "kind": st.sampled_from(["gender_equality_officer", "mayor", "king"]),
                    "telephone": st.just("+383 38 200 300"),
                }
            ),
            max_size=6,
        )
    )
    def holds(sent: list[dict[str, Any]]) -> None:
        rows = [Row(number, ContactRow(**one)) for number, one in enumerate(sent, start=2)]

        settled, problems = settle(ground, rows)

        wrong = {one.row for one in problems}
        right = [one for one in settled if one.number not in wrong]
        assert {one.columns["municipality"] for one in right} <= {"prishtine"}
        assert all(one.stored is None or one.stored["municipality"] == "prishtine" for one in right)
        named = [one.stored["id"] for one in right if one.stored is not None]
        assert len(named) == len(set(named))
        assert {row.number for row in rows} == wrong | {one.number for one in right}

    holds()
