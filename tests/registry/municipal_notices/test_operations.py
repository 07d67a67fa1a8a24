"""What municipalities do about a notice: acknowledge it, answer it, have it as a task."""

from typing import Any
from uuid import uuid4

from httpx import AsyncClient

from tests.databases import ServiceDatabase
from tests.registry.conftest import Bearer, Headers

from .conftest import (
    ANSWER,
    ASKED,
    NOTICES,
    READ,
    TEXTS,
    ask,
    furnish,
    hold,
    officer_of,
    states,
)


class TestCreateAcknowledgement:
    async def test_is_told_to_the_sender_once(
        self, client: AsyncClient, coordinator: Headers, officer: Headers
    ) -> None:
        made = (await ask(client, coordinator)).json()["id"]
        address = f"{NOTICES}/{made}/acknowledgements"
        body = {"municipality": "prishtine"}
        once = {**officer, "Idempotency-Key": str(uuid4())}

        answer = await client.post(address, json=body, headers=once)
        replayed = await client.post(address, json=body, headers=once)
        again = await client.post(address, json=body, headers=officer)

        assert answer.status_code == 201, answer.text
        assert answer.json()["state"] == "acknowledged"
        assert replayed.json() == answer.json()
        assert (again.status_code, again.json()["code"]) == (409, "acknowledged_already")
        shown = (await client.get(f"{NOTICES}/{made}", headers=coordinator)).json()
        assert states(shown) == {"gracanice": "queued", "prishtine": "acknowledged"}

    async def test_is_kept_with_who_did_it(
        self,
        client: AsyncClient,
        registry: ServiceDatabase,
        coordinator: Headers,
        officer: Headers,
    ) -> None:
        made = (await ask(client, coordinator)).json()["id"]
        body = {"municipality": "prishtine"}
        await client.post(f"{NOTICES}/{made}/acknowledgements", json=body, headers=officer)

        kept = await registry.fetch(
            "select distinct part, op, subject, via like 'request:%' as is_asked from record_change"
            " left join account on account.id = record_change.account"
            " where record_type = 'municipal_notice' and record_id = $1 order by op, part",
            made,
        )
        assert [tuple(one.values()) for one in kept] == [
            ("municipal_notice", "insert", "persona:coordinator", True),
            ("municipal_notice_recipient", "insert", "persona:coordinator", True),
            ("municipal_notice_recipient", "update", "persona:municipal_officer:prishtine", True),
        ]

    async def test_refuses_the_wrong_caller(
        self,
        client: AsyncClient,
        registry: ServiceDatabase,
        bearer: Bearer,
        coordinator: Headers,
        operator: Headers,
        officer: Headers,
    ) -> None:
        made = (await ask(client, coordinator)).json()["id"]
        body = {"municipality": "prishtine", "text": "Po."}
        foreign = {**body, "municipality": "gracanice"}
        sender = bearer("persona:coordinator", READ, ANSWER)

        for noun in ("acknowledgements", "answers"):
            address = f"{NOTICES}/{made}/{noun}"
            own, others = (
                {name: one[name] for name in one if noun == "answers" or name != "text"}
                for one in (body, foreign)
            )
            for headers, sent, status in (
                ({}, own, 401),
                (bearer("persona:municipal_officer:prishtine", READ), own, 403),
                (sender, own, 403),
                (operator, own, 403),
                (officer, others, 404),
                (officer_of(bearer, "peje"), own, 404),
            ):
                answer = await client.post(address, json=sent, headers=headers)
                assert answer.status_code == status
        rows = "select 1 from municipal_notice_recipient where version > 1"
        assert await registry.fetch(rows) == []


class TestCreateAnswer:
    async def test_of_words_alone_leaves_the_request_open(
        self, client: AsyncClient, coordinator: Headers, officer: Headers
    ) -> None:
        made = (await ask(client, coordinator)).json()["id"]
        body = {"municipality": "prishtine", "text": "Konkursi është hapur."}

        answer = await client.post(f"{NOTICES}/{made}/answers", json=body, headers=officer)

        found = answer.json()
        assert (answer.status_code, found["state"]) == (201, "acknowledged")
        assert (found["answer"], found["fulfilled_at"]) == (body["text"], None)

    async def test_that_names_what_was_asked_for_fulfils_it(
        self, client: AsyncClient, registry: ServiceDatabase, coordinator: Headers, officer: Headers
    ) -> None:
        await furnish(registry)
        made = (await ask(client, coordinator)).json()["id"]
        own = await hold(registry, "prishtine")
        foreign = await hold(registry, "gracanice")
        body: dict[str, Any] = {"municipality": "prishtine", "text": "U caktua."}

        answers = [
            await client.post(
                f"{NOTICES}/{made}/answers",
                json={**body, "evidence": {"type": type_, "id": id_}},
                headers=officer,
            )
            for type_, id_ in (
                ("tenure", foreign),
                ("contact", own),
                ("tenure", str(uuid4())),
                ("tenure", own),
                ("tenure", own),
            )
        ]

        assert [one.status_code for one in answers] == [422, 422, 422, 201, 409]
        found = answers[3].json()
        assert (found["state"], found["fulfilled_by"]) == ("fulfilled", "answer")
        assert found["evidence"] == {"type": "tenure", "id": own}
        assert found["acknowledged_at"] is not None

    async def test_to_a_letter_of_another_kind_fulfils_it(
        self, client: AsyncClient, coordinator: Headers, officer: Headers
    ) -> None:
        made = await ask(client, coordinator, subject_kind="other", asks={}, subjects=TEXTS)
        body = {"municipality": "prishtine", "text": "Faleminderit."}

        answer = await client.post(
            f"{NOTICES}/{made.json()['id']}/answers", json=body, headers=officer
        )

        assert answer.json()["state"] == "fulfilled"


class TestMyTasks:
    async def test_hold_a_letter_until_it_is_done(
        self, client: AsyncClient, bearer: Bearer, coordinator: Headers, officer: Headers
    ) -> None:
        made = (
            await ask(client, coordinator, subject_kind="other", asks={}, subjects=TEXTS)
        ).json()["id"]
        stranger = officer_of(bearer, "peje")

        [task] = (await client.get("/v1/me/tasks", headers=officer)).json()["items"]
        none = (await client.get("/v1/me/tasks", headers=stranger)).json()["items"]
        body = {"municipality": "prishtine", "text": "Faleminderit."}
        await client.post(f"{NOTICES}/{made}/answers", json=body, headers=officer)
        done = (await client.get("/v1/me/tasks", headers=officer)).json()["items"]

        assert (task["kind"], task["notice_id"], task["municipality"]) == (
            *("answer_notice", made),
            "prishtine",
        )
        assert task["name"] == TEXTS["en"]
        assert (task["due_on"], task["is_overdue"]) == (ASKED["due_on"], False)
        assert (none, done) == ([], [])

    async def test_say_what_a_letter_asks_for(
        self, client: AsyncClient, coordinator: Headers, officer: Headers
    ) -> None:
        await ask(client, coordinator)
        albanian = {**officer, "Accept-Language": "sq"}

        names = [
            (await client.get("/v1/me/tasks", headers=one)).json()["items"][0]["name"]
            for one in (officer, albanian)
        ]

        assert names[0].startswith("Appointment of an officer: ")
        assert names[1].startswith("Caktimi i zyrtarit: ")
