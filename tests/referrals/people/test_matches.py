"""Looking for a person: a possibility and whom to ask, and nothing else."""

from typing import Any

import pytest

from tests.databases import ServiceDatabase
from tests.referrals.casework import PERSON, Hire
from tests.referrals.conftest import PEJE, PRIZREN, as_owner

BY_NAME = {"first_name": "Shqipe", "last_name": "DŽEMAJLI", "birth_year": 1999}


class TestFindPersonMatch:
    @pytest.mark.parametrize(
        "question",
        [
            BY_NAME,
            {"first_name": "Џемајли", "last_name": "Шћипе".replace("ћ", "q"), "birth_year": 1999},
            {"telephone": PERSON["telephone"]},
            {"personal_number": PERSON["personal_number"]},
        ],
    )
    async def test_names_the_owner_and_not_the_record(
        self, hire: Hire, question: dict[str, Any]
    ) -> None:
        owner, other = await hire("social_worker"), await hire("investigator", "police")
        case = await owner.open_case()
        await owner.write_person(case["id"])

        response = await other.post("/v1/person-matches", question)

        assert response.status_code == 200
        assert response.json() == {"is_possible_match": True, "ask": [PRIZREN]}

    async def test_tells_a_blocked_institution_nothing(self, hire: Hire) -> None:
        owner, other = await hire("social_worker"), await hire("investigator", "police")
        case = await owner.open_case()
        await owner.write_person(case["id"])
        block = {"institution": "police", "reason": "A relative works there."}
        await owner.post(f"/v1/cases/{case['id']}/blocks", block)

        response = await other.post("/v1/person-matches", BY_NAME)

        assert response.json() == {"is_possible_match": False, "ask": []}

    async def test_finds_no_more_than_was_last_written(self, hire: Hire) -> None:
        owner = await hire("social_worker")
        case = await owner.open_case()
        written = await owner.write_person(case["id"])
        path, nameless = f"/v1/cases/{case['id']}/person", {"address": "Prizren"}
        await owner.send("PUT", path, nameless, if_match=written.headers["etag"])

        response = await owner.post("/v1/person-matches", BY_NAME)

        assert response.json() == {"is_possible_match": False, "ask": []}

    async def test_keeps_who_asked_and_whether_something_was_found(
        self, hire: Hire, database: ServiceDatabase
    ) -> None:
        owner, other = await hire("social_worker"), await hire("investigator", "police")
        case = await owner.open_case()
        await owner.write_person(case["id"])

        await other.post("/v1/person-matches", BY_NAME)
        await other.post("/v1/person-matches", {"telephone": "+38349000001"})

        async with as_owner(database) as connection:
            rows = await connection.fetch(
                "select action, institution, subject_id from audit_event "
                "where subject like 'persona:investigator%' order by at"
            )
        assert [row["action"] for row in rows] == [
            "person.match",
            "person.match.possible",
            "person.match",
            "person.match.none",
        ]
        assert {(row["institution"], row["subject_id"]) for row in rows} == {("police", "*")}

    @pytest.mark.parametrize(
        "question",
        [{}, {"first_name": "Shqipe"}, BY_NAME | {"telephone": "+38344909090"}],
    )
    async def test_asks_one_thing_at_a_time(self, hire: Hire, question: dict[str, Any]) -> None:
        worker = await hire("social_worker")

        response = await worker.post("/v1/person-matches", question)

        assert (response.status_code, response.json()["code"]) == (422, "match_question")

    @pytest.mark.parametrize("role", ["first_responder", "provider", "shelter_intake"])
    async def test_refuses_the_wrong_caller(self, hire: Hire, role: str) -> None:
        worker = await hire(role, PEJE)

        response = await worker.post("/v1/person-matches", BY_NAME)

        assert response.status_code == 403

    async def test_shows_the_service_no_mark(self, hire: Hire, database: ServiceDatabase) -> None:
        owner = await hire("social_worker")
        case = await owner.open_case()
        await owner.write_person(case["id"])

        with pytest.raises(Exception, match="permission denied"):
            await database.fetch("select mark from person_mark")
