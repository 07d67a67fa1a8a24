"""What the database is asked about cases, seen from behind the second wall and from before it."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest

from komuna_referrals.cases import queries
from komuna_referrals.cases.rules import NotOwnerError
from komuna_referrals.roles import READERS
from komuna_shared.access import Assignment, Caller, Principal
from komuna_shared.database import Database
from komuna_shared.errors import NotFoundError
from komuna_shared.paging import PageRequest
from tests.databases import ServiceDatabase
from tests.referrals.conftest import PEJE, PRIZREN, Plant, as_owner

PAGE = PageRequest(key=b"a key of these tests")
SERVED = "update case_access set relation = 'receiver' where relation = 'partner'"
CONSENT = """
    insert into consent (case_id, institution, recorded_by, purpose, recipient, classes, basis,
        state, text_code, text_version, text_hash, language, given_by, method, given_on)
    values ($1, 'vaao', 'somebody', 'share_with_named_recipient', $2, '{F}', 'consent', 'given',
        'share-1', '1.0.0', '', 'sq', 'person', 'signature', current_date - 1)
"""
LONG_AGO = datetime(2026, 3, 1, tzinfo=UTC)


def caller(*roles: str, institution: str | None = PRIZREN) -> Caller:
    principal = Principal("https://issuer.example", "sub", "web", frozenset(), "", 0.0)
    held = (Assignment(role, institution, None, date(2026, 1, 1), None) for role in roles)
    return Caller(principal, tuple(held))


class TestListCases:
    async def test_returns_those_of_the_callers_institution_newest_first(
        self, owned: Database, plant_case: Plant
    ) -> None:
        older = await plant_case(opened_at=LONG_AGO)
        newer = await plant_case(opened_at=LONG_AGO + timedelta(days=1))
        await plant_case(PEJE)

        async with owned.session() as session:
            found = await queries.list_cases(session, PAGE, caller=caller("social_worker"))

        assert [case.id for case in found.items] == [newer, older]

    async def test_goes_on_after_a_page(self, owned: Database, plant_case: Plant) -> None:
        planted = [await plant_case(opened_at=LONG_AGO + timedelta(days=n)) for n in range(5)]

        seen, cursor = [], None
        async with owned.session() as session:
            for _ in range(3):
                page = PageRequest(limit=2, cursor=cursor, key=PAGE.key)
                found = await queries.list_cases(session, page, caller=caller("case_owner"))
                seen += [case.id for case in found.items]
                cursor = found.page.next_cursor

        assert seen == planted[::-1]
        assert cursor is None

    @pytest.mark.parametrize("role", ["coordinator", "first_responder", "institution_admin"])
    async def test_shows_a_role_that_reads_no_cases_nothing(
        self, owned: Database, plant_case: Plant, role: str
    ) -> None:
        await plant_case()

        async with owned.session() as session:
            found = await queries.list_cases(session, PAGE, caller=caller(role))

        assert found.items == []

    async def test_shows_a_role_without_an_institution_nothing(
        self, owned: Database, plant_case: Plant
    ) -> None:
        await plant_case()

        async with owned.session() as session:
            nobody = caller(*READERS, institution=None)
            found = await queries.list_cases(session, PAGE, caller=nobody)

        assert found.items == []

    async def test_returns_nothing_to_the_services_own_role(
        self, database: ServiceDatabase, plant_case: Plant
    ) -> None:
        await plant_case()

        async with database.opened() as opened, opened.session() as session:
            found = await queries.list_cases(session, PAGE, caller=caller("social_worker"))

        assert found.items == []


class TestGetCase:
    async def test_returns_the_case_of_ones_institution(
        self, owned: Database, plant_case: Plant
    ) -> None:
        mine = await plant_case()

        async with owned.session() as session:
            found = await queries.get_case(session, mine, caller=caller("advocate"))

        assert (found.id, found.institution) == (mine, PRIZREN)
        assert (found.record, found.risk, found.version) == ("open", "unassessed", 1)

    async def test_knows_no_difference_between_foreign_and_absent(
        self, owned: Database, plant_case: Plant
    ) -> None:
        foreign = await plant_case(PEJE)

        async with owned.session() as session:
            for one in (foreign, uuid4()):
                with pytest.raises(NotFoundError):
                    await queries.get_case(session, one, caller=caller("advocate"))


class TestGetTeamCase:
    async def test_shows_a_case_to_owner_and_partner_and_not_to_a_receiver(
        self, owned: Database, database: ServiceDatabase, plant_case: Plant
    ) -> None:
        case = await plant_case(PEJE, partners=(PRIZREN,))
        who = caller("advocate")

        async with owned.session() as session:
            found = await queries.get_team_case(session, case, caller=who)
        async with as_owner(database) as owner:
            await owner.execute(
                "update case_access set relation = 'receiver' where inst <> $1", PEJE
            )
        async with owned.session() as session:
            with pytest.raises(NotFoundError):
                await queries.get_case(session, case, caller=who)
        async with as_owner(database) as owner:
            await owner.execute(CONSENT, case, PRIZREN)
        async with owned.session() as session:
            served = await queries.get_case(session, case, caller=who)
            with pytest.raises(NotFoundError):
                await queries.get_team_case(session, case, caller=who)

        assert (found.relation, served.relation) == ("partner", "receiver")


class TestGetOwnCase:
    async def test_tells_a_partner_that_another_institution_decides(
        self, owned: Database, plant_case: Plant
    ) -> None:
        own, joined = await plant_case(), await plant_case(PEJE, partners=(PRIZREN,))

        async with owned.session() as session:
            found = await queries.get_own_case(session, own, caller=caller("advocate"))
            with pytest.raises(NotOwnerError):
                await queries.get_own_case(session, joined, caller=caller("advocate"))
            with pytest.raises(NotFoundError):
                await queries.get_own_case(session, uuid4(), caller=caller("advocate"))

        assert found.id == own


class TestListUnratedCases:
    async def test_asks_a_partner_and_not_a_receiver(
        self, owned: Database, database: ServiceDatabase, plant_case: Plant
    ) -> None:
        case = await plant_case(PEJE, partners=(PRIZREN,))

        async with owned.session() as session:
            joined = await queries.list_unrated_cases(session, PAGE, caller=caller("advocate"))
        async with as_owner(database) as owner:
            await owner.execute(
                "update case_access set relation = 'receiver' where inst <> $1", PEJE
            )
        async with owned.session() as session:
            served = await queries.list_unrated_cases(session, PAGE, caller=caller("advocate"))

        assert [one.id for one in joined.items] == [case]
        assert served.items == []

    async def test_returns_active_cases_without_a_rating_oldest_first(
        self, owned: Database, plant_case: Plant
    ) -> None:
        newer = await plant_case(opened_at=LONG_AGO + timedelta(days=2), record="reopened")
        older = await plant_case(opened_at=LONG_AGO)
        await plant_case(risk="high")
        await plant_case(record="closed")
        await plant_case(PEJE)

        async with owned.session() as session:
            found = await queries.list_unrated_cases(session, PAGE, caller=caller("investigator"))

        assert [case.id for case in found.items] == [older, newer]

    async def test_asks_nothing_of_who_may_not_rate(
        self, owned: Database, plant_case: Plant
    ) -> None:
        await plant_case()

        async with owned.session() as session:
            found = await queries.list_unrated_cases(session, PAGE, caller=caller("shelter_intake"))

        assert found.items == []
