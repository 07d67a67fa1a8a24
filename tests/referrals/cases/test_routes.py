"""HTTP for cases: who opens one, who sees it, who decides in it."""

from typing import Any

import httpx
import pytest

from komuna_referrals.cases.rules import replay
from tests.databases import ServiceDatabase
from tests.referrals.casework import CASE, Hire
from tests.referrals.conftest import PEJE, PRIZREN, as_owner

PRESUMED = {"to": "presumed", "indicators": ["purpose.forced_begging"]}
POLICE = "police"


class TestOpenCase:
    async def test_gives_the_case_to_the_institution_of_whoever_opens_it(self, hire: Hire) -> None:
        owner = await hire("investigator")

        response = await owner.post("/v1/cases", CASE)

        case = response.json()
        assert response.status_code == 201
        assert response.headers["location"].endswith(f"/v1/cases/{case['id']}")
        assert (case["institution"], case["relation"], case["version"]) == (PRIZREN, "owner", 1)
        assert (case["identification"], case["indicator_count"]) == ("presumed", 2)
        read = await owner.get(f"/v1/cases/{case['id']}")
        assert read.json() == case
        assert read.headers["etag"] == response.headers["etag"]

    async def test_presumes_nothing_without_an_indicator(self, hire: Hire) -> None:
        owner = await hire("advocate")

        case = await owner.open_case(indicators=[])

        assert (case["identification"], case["indicator_count"]) == ("screened", 0)

    async def test_gives_a_first_responder_a_receipt_and_no_sight(self, hire: Hire) -> None:
        reporter, worker = await hire("first_responder"), await hire("social_worker")

        response = await reporter.post("/v1/cases", CASE)

        assert response.status_code == 201
        assert list(response.json()) == ["receipt"]
        assert "location" not in response.headers
        (case,) = (await worker.get("/v1/cases")).json()["items"]
        assert (await reporter.get(f"/v1/cases/{case['id']}")).status_code == 404
        assert (await reporter.get("/v1/cases")).status_code == 403

    @pytest.mark.parametrize(
        ("wrong", "code", "pointer"),
        [
            ({"basis": "child_or_unsure"}, "case_basis", "/basis"),
            ({"needs": ["a bed"]}, "invalid_body", "/needs/0"),
            ({"indicators": ["act.theft"]}, "invalid_body", "/indicators/0"),
            ({"age_band": "old"}, "invalid_body", "/age_band"),
            ({"name": "Arta Krasniqi"}, "unknown_field", ""),
        ],
    )
    async def test_says_what_is_wrong_and_repeats_none_of_it(
        self, hire: Hire, wrong: dict[str, Any], code: str, pointer: str
    ) -> None:
        owner = await hire("social_worker")

        response = await owner.post("/v1/cases", CASE | wrong)

        problem = response.json()
        assert (response.status_code, problem["code"]) == (422, code)
        assert problem["errors"][0]["pointer"] == pointer
        assert "Arta" not in response.text

    async def test_protects_who_may_be_a_child_without_anybodys_choice(self, hire: Hire) -> None:
        owner = await hire("social_worker")

        case = await owner.open_case(basis="child_or_unsure", age_band="unknown")

        assert case["basis"] == "child_or_unsure"

    async def test_follows_the_rows_of_the_procedure(
        self, hire: Hire, database: ServiceDatabase
    ) -> None:
        owner = await hire("advocate")
        async with as_owner(database) as connection:
            await connection.execute(
                "update procedure_rule set allowed = '{investigator}' where code = 'C1.roles'"
            )

        response = await owner.post("/v1/cases", CASE)

        assert (response.status_code, response.json()["code"]) == (403, "case_opener")

    @pytest.mark.parametrize("role", ["provider", "shelter_intake", "supervisor", "auditor"])
    async def test_refuses_the_wrong_caller(self, hire: Hire, role: str) -> None:
        worker = await hire(role)

        response = await worker.post("/v1/cases", CASE)

        assert (response.status_code, response.json()["code"]) == (403, "forbidden")

    async def test_opens_one_case_under_one_key(
        self, hire: Hire, database: ServiceDatabase
    ) -> None:
        owner = await hire("social_worker")

        first, again = [await owner.post("/v1/cases", CASE, key="k" * 30) for _ in range(2)]

        assert again.headers["idempotent-replayed"] == "true"
        assert first.json() == again.json()
        async with as_owner(database) as connection:
            assert await connection.fetchval("select count(*) from case_record") == 1

    async def test_needs_a_key(self, client: httpx.AsyncClient, hire: Hire) -> None:
        owner = await hire("social_worker")
        sent = owner.headers(owner.sub, scopes=("referrals.cases.write",))

        response = await client.post("/v1/cases", headers=sent, json=CASE)

        assert (response.status_code, response.json()["code"]) == (400, "idempotency_key_required")

    @pytest.mark.parametrize("table", ["case_access", "case_history", "case_account"])
    async def test_leaves_nothing_half(
        self, hire: Hire, database: ServiceDatabase, table: str
    ) -> None:
        owner = await hire("social_worker")
        async with as_owner(database) as connection:
            await connection.execute(f"alter table {table} add check (false)")

            response = await owner.post("/v1/cases", CASE | {"account": "She fled."})

            assert response.status_code in {422, 500}
            for one in ("case_record", "case_access", "case_history", "idempotency_key"):
                counted = await connection.fetchval(f"select count(*) from {one}")  # noqa: S608
                assert counted == 0, one


class TestListCases:
    async def test_hides_what_others_hold(self, hire: Hire) -> None:
        owner, stranger = await hire("social_worker"), await hire("social_worker", PEJE)
        mine = [await owner.open_case() for _ in range(3)]
        theirs = await stranger.open_case()

        seen = (await owner.get("/v1/cases?count=exact")).json()
        foreign = (await stranger.get("/v1/cases?count=exact")).json()

        assert [one["id"] for one in seen["items"]] == [one["id"] for one in mine[::-1]]
        assert seen["page"]["total"] == 3
        assert [one["id"] for one in foreign["items"]] == [theirs["id"]]
        assert foreign["page"]["total"] == 1

    async def test_takes_no_search_words(self, hire: Hire) -> None:
        worker = await hire("social_worker")

        response = await worker.get("/v1/cases?name=Arta")

        assert (response.status_code, response.json()["code"]) == (400, "unknown_parameter")
        assert "Arta" not in response.text


class TestListHistory:
    async def test_adds_up_to_the_stored_state(self, hire: Hire) -> None:
        owner = await hire("social_worker")
        opened = await owner.post("/v1/cases", CASE | {"indicators": []})
        case_id = opened.json()["id"]
        path = f"/v1/cases/{case_id}/identification-decisions"
        decided = await owner.post(path, PRESUMED, if_match=opened.headers["etag"])

        events = (await owner.get(f"/v1/cases/{case_id}/history")).json()["items"]

        assert [one["event"] for one in events] == ["opened", "changed"]
        state = replay(one["changes"] for one in events)
        told = decided.json()
        assert {field: state[field] for field in told.keys() & state.keys() - {"opened_at"}} == {
            field: told[field] for field in told.keys() & state.keys() - {"opened_at"}
        }
        assert told.keys() - state.keys() == {"id", "relation"}

    async def test_hides_a_block_from_a_partner(self, hire: Hire) -> None:
        owner, partner = await hire("social_worker"), await hire("advocate", PEJE)
        case = await owner.open_case()
        path = f"/v1/cases/{case['id']}"
        await owner.post(f"{path}/partners", {"institution": PEJE, "role": "advocacy"})
        await owner.post(f"{path}/blocks", {"institution": POLICE, "reason": "A relative."})

        seen = [
            [one["event"] for one in (await who.get(f"{path}/history")).json()["items"]]
            for who in (owner, partner)
        ]

        assert seen == [["opened", "partner_added", "blocked"], ["opened", "partner_added"]]


class TestCreateIdentificationDecision:
    async def test_presumes_on_a_new_indicator(self, hire: Hire) -> None:
        owner = await hire("social_worker")
        opened = await owner.post("/v1/cases", CASE | {"indicators": []})
        path = f"/v1/cases/{opened.json()['id']}/identification-decisions"

        response = await owner.post(path, PRESUMED, if_match=opened.headers["etag"])
        again = await owner.post(path, PRESUMED, if_match=response.headers["etag"])

        told = response.json()
        assert response.status_code == 201
        assert (told["identification"], told["indicator_count"]) == ("presumed", 1)
        assert told["version"] == 2
        assert (again.status_code, again.json()["code"]) == (409, "identification_state")

    async def test_refuses_what_only_the_deciding_body_decides(self, hire: Hire) -> None:
        owner = await hire("social_worker")
        opened = await owner.post("/v1/cases", CASE)
        path = f"/v1/cases/{opened.json()['id']}/identification-decisions"
        wanted = PRESUMED | {"to": "identified"}

        response = await owner.post(path, wanted, if_match=opened.headers["etag"])

        assert (response.status_code, response.json()["code"]) == (422, "decision_not_offered")

    async def test_overwrites_nothing_unseen(self, hire: Hire) -> None:
        owner = await hire("social_worker")
        case = await owner.open_case(indicators=[])
        path = f"/v1/cases/{case['id']}/identification-decisions"

        without = await owner.post(path, PRESUMED)
        stale = await owner.post(path, PRESUMED, if_match='"stale"')

        assert (without.status_code, stale.status_code) == (428, 412)

    async def test_refuses_the_wrong_caller(self, hire: Hire) -> None:
        owner, partner = await hire("social_worker"), await hire("advocate", PEJE)
        case = await owner.open_case(indicators=[])
        brought = {"institution": PEJE, "role": "advocacy"}
        await owner.post(f"/v1/cases/{case['id']}/partners", brought)
        provider, stranger = await hire("provider"), await hire("investigator", POLICE)
        path = f"/v1/cases/{case['id']}/identification-decisions"

        answers = [await one.post(path, PRESUMED) for one in (partner, provider, stranger)]

        assert [(one.status_code, one.json()["code"]) for one in answers] == [
            (403, "not_case_owner"),
            (403, "forbidden"),
            (404, "not_found"),
        ]
