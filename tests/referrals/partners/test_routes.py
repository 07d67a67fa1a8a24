"""HTTP for the partners in a case."""

from uuid import UUID

import pytest

from komuna_referrals.partners.rules import PartnerRole
from tests.databases import ServiceDatabase
from tests.referrals.casework import Hire
from tests.referrals.conftest import PEJE, PRIZREN, as_owner

POLICE = "police"


class TestAddPartner:
    async def test_lets_another_institution_see_the_case(self, hire: Hire) -> None:
        owner, partner = await hire("social_worker"), await hire("advocate", PEJE)
        case = await owner.open_case(account="She fled.")
        path = f"/v1/cases/{case['id']}"
        before = await partner.get(path)

        response = await owner.post(f"{path}/partners", {"institution": PEJE, "role": "advocacy"})

        assert response.status_code == 201
        assert response.json().items() >= {"institution": PEJE, "role": "advocacy"}.items()
        after = await partner.get(path)
        assert (before.status_code, after.json()["relation"]) == (404, "partner")
        account = (await partner.get(f"{path}/account")).json()
        assert account["account"] == "She fled."
        assert account["indicators"] == ["act.recruitment", "means.deception"]

    @pytest.mark.parametrize("institution", ["nowhere", PRIZREN])
    async def test_takes_only_another_institution_that_works_cases(
        self, hire: Hire, institution: str
    ) -> None:
        owner = await hire("social_worker")
        case = await owner.open_case()

        path = f"/v1/cases/{case['id']}/partners"
        response = await owner.post(path, {"institution": institution, "role": "other"})

        assert (response.status_code, response.json()["code"]) == (422, "partner_institution")

    async def test_takes_nobody_who_is_shut_out(self, hire: Hire) -> None:
        owner = await hire("social_worker")
        await hire("investigator", POLICE)
        case = await owner.open_case()
        path = f"/v1/cases/{case['id']}"
        await owner.post(f"{path}/blocks", {"institution": POLICE, "reason": "A relative."})

        wanted = {"institution": POLICE, "role": "protection"}
        response = await owner.post(f"{path}/partners", wanted)

        assert (response.status_code, response.json()["code"]) == (422, "partner_institution")

    async def test_takes_nobody_twice(self, hire: Hire) -> None:
        owner = await hire("social_worker")
        await hire("advocate", PEJE)
        case = await owner.open_case()
        path, wanted = f"/v1/cases/{case['id']}/partners", {"institution": PEJE, "role": "other"}

        answers = [await owner.post(path, wanted) for _ in range(2)]

        assert [one.status_code for one in answers] == [201, 409]

    async def test_is_answered_again_under_the_same_key(self, hire: Hire) -> None:
        owner = await hire("social_worker")
        await hire("advocate", PEJE)
        case = await owner.open_case()
        path, wanted = f"/v1/cases/{case['id']}/partners", {"institution": PEJE, "role": "other"}

        first, again = [await owner.post(path, wanted, key="k" * 30) for _ in range(2)]

        assert again.headers["idempotent-replayed"] == "true"
        assert first.json() == again.json()

    async def test_refuses_the_wrong_caller(self, hire: Hire) -> None:
        owner, partner = await hire("social_worker"), await hire("advocate", PEJE)
        supervisor, stranger = await hire("supervisor"), await hire("investigator", POLICE)
        case = await owner.open_case()
        path = f"/v1/cases/{case['id']}/partners"
        await owner.post(path, {"institution": PEJE, "role": "advocacy"})

        wanted = {"institution": POLICE, "role": "protection"}
        answers = [await one.post(path, wanted) for one in (partner, supervisor, stranger)]

        assert [(one.status_code, one.json()["code"]) for one in answers] == [
            (403, "not_case_owner"),
            (403, "forbidden"),
            (404, "not_found"),
        ]

    async def test_is_recorded_beside_its_effect(
        self, hire: Hire, database: ServiceDatabase
    ) -> None:
        owner = await hire("social_worker")
        await hire("advocate", PEJE)
        case = await owner.open_case()

        wanted = {"institution": PEJE, "role": "advocacy"}
        await owner.post(f"/v1/cases/{case['id']}/partners", wanted)

        async with as_owner(database) as connection:
            rows = await connection.fetch("select action, subject_id from audit_event order by at")
            history = await connection.fetchval(
                "select changes from case_history where case_id = $1 and event = 'partner_added'",
                UUID(case["id"]),
            )
        assert [tuple(row) for row in rows][-2:] == [
            ("partner.add", case["id"]),
            ("partner.added", case["id"]),
        ]
        assert PEJE in history


class TestPartnerRole:
    def test_is_one_of_what_partners_do(self) -> None:
        assert set(PartnerRole) >= {"advocacy", "social_work", "prosecution", "health"}
