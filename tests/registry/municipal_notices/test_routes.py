"""HTTP for notices to municipalities."""

from typing import Any
from uuid import uuid4

import pytest
from httpx import AsyncClient

from tests.databases import ServiceDatabase
from tests.registry.conftest import Bearer, Headers

from .conftest import (
    ANSWER,
    ASKED,
    KIND,
    NOTICES,
    READ,
    TEXTS,
    WRITE,
    ask,
    furnish,
    hold,
    officer_of,
    read_pdf,
    states,
)


async def other_coordinator(registry: ServiceDatabase, bearer: Bearer) -> Headers:
    """Make the headers of a coordinator of another institution."""
    await registry.fetch(
        "insert into assignment (account, role, institution, valid_from, source)"
        " select id, 'coordinator', 'mlg', '2026-01-01', 'test' from account"
        " where subject = 'persona:dpo'"
    )
    return bearer("persona:dpo", WRITE, READ)


class TestCreateMunicipalNotice:
    async def test_writes_to_each_in_the_language_of_its_officers(
        self, client: AsyncClient, registry: ServiceDatabase, coordinator: Headers
    ) -> None:
        answer = await ask(client, coordinator)

        made = answer.json()
        assert answer.status_code == 201, answer.text
        assert answer.headers["location"].endswith(f"{NOTICES}/{made['id']}")
        assert (made["institution"], made["states"]) == ("ncaht", {"queued": 2})
        assert {one["municipality"]: one["language"] for one in made["items"]} == {
            "gracanice": "sr-Latn",
            "prishtine": "sq",
        }
        told = await registry.fetch(
            "select template, municipality, sender from notice order by municipality"
        )
        assert [tuple(one) for one in told] == [
            ("officer_asked", "gracanice", "registry"),
            ("officer_asked", "prishtine", "registry"),
        ]
        jobs = await registry.fetch("select 1 from pgqueuer where entrypoint = 'send_letter'")
        assert len(jobs) == 2
        [row] = await registry.fetch(
            "select action from audit_event where subject_id = $1", made["id"]
        )
        assert row["action"] == "municipal_notice.create"

    @pytest.mark.parametrize(
        ("recipients", "found"),
        [
            ({"municipalities": "all"}, 38),
            ({"region": "district-gjakova"}, 4),
            ({"without_officer": KIND}, 37),
            ({"without_contact": KIND}, 37),
            ({"lacking_mechanism": "human_rights_unit"}, 1),
        ],
    )
    async def test_finds_whom_a_rule_means(
        self,
        client: AsyncClient,
        registry: ServiceDatabase,
        coordinator: Headers,
        recipients: dict[str, Any],
        found: int,
    ) -> None:
        await furnish(registry)

        answer = await ask(client, coordinator, recipients=recipients, texts=None)

        meant = {one["municipality"] for one in answer.json()["items"]}
        assert len(meant) == found, answer.text
        assert ("viti" in meant) == (found in {1, 38})
        assert answer.json()["recipients"] == recipients

    async def test_makes_one_of_the_same_request_sent_twice(
        self, client: AsyncClient, registry: ServiceDatabase, coordinator: Headers
    ) -> None:
        once = {**coordinator, "Idempotency-Key": str(uuid4())}

        first, second = await ask(client, once), await ask(client, once)

        assert first.json() == second.json()
        assert second.headers["idempotent-replayed"] == "true"
        assert len(await registry.fetch("select 1 from municipal_notice")) == 1

    async def test_refuses_the_wrong_caller(
        self, client: AsyncClient, registry: ServiceDatabase, bearer: Bearer
    ) -> None:
        assert (await ask(client, {})).status_code == 401
        for headers in (
            bearer("persona:coordinator", READ),
            bearer("persona:municipal_admin:prishtine", WRITE),
            bearer("nobody", WRITE),
        ):
            assert (await ask(client, headers)).status_code == 403
        assert await registry.fetch("select 1 from municipal_notice") == []

    @pytest.mark.parametrize(
        ("changes", "code", "pointers"),
        [
            ({"asks": {}}, "notice_asks", ["/asks/office_kind"]),
            ({"asks": {"office_kind": "king"}}, "notice_asks", ["/asks/office_kind"]),
            (
                {"asks": {"office_kind": KIND, "mechanism_kind": "human_rights_unit"}},
                "notice_asks",
                ["/asks/mechanism_kind"],
            ),
            ({"due_on": "2026-01-01"}, "due_in_past", ["/due_on"]),
            ({"recipients": {}}, "notice_recipients", ["/recipients"]),
            (
                {"recipients": {"municipalities": "all", "region": "district-gjakova"}},
                "notice_recipients",
                ["/recipients"],
            ),
            (
                {"recipients": {"municipalities": ["viti", "atlantis"]}},
                "notice_recipients",
                ["/recipients/municipalities/1"],
            ),
            ({"recipients": {"region": "x"}}, "notice_recipients", ["/recipients/region"]),
            (
                {"recipients": {"lacking_mechanism": "x"}},
                "notice_recipients",
                ["/recipients/lacking_mechanism"],
            ),
            (
                {"recipients": {"without_officer": "x"}},
                "notice_recipients",
                ["/recipients/without_officer"],
            ),
            (
                {"recipients": {"lacking_mechanism": "accessibility_commission"}},
                "no_recipients",
                ["/recipients"],
            ),
            ({"texts": {"sq": "Vetëm shqip."}}, "notice_texts", ["/texts"]),
            (
                {"subject_kind": "other", "asks": {}, "texts": None},
                "notice_texts",
                ["/subjects", "/texts"],
            ),
            ({"texts": {"de": "Nur deutsch."}}, "invalid_body", None),
            ({"secret": "x"}, "unknown_field", None),
        ],
    )
    async def test_refuses_what_breaks_a_rule(
        self,
        reads: AsyncClient,
        read_only: ServiceDatabase,
        coordinator: Headers,
        changes: dict[str, Any],
        code: str,
        pointers: list[str] | None,
    ) -> None:
        answer = await ask(reads, coordinator, **changes)

        found = answer.json()
        assert (answer.status_code, found["code"]) == (422, code), found
        if pointers is not None:
            assert [one["pointer"] for one in found["errors"]] == pointers
        assert await read_only.fetch("select 1 from municipal_notice") == []
        assert await read_only.fetch("select 1 from notice") == []


class TestGetMunicipalNotice:
    async def test_hides_what_others_hold(
        self,
        client: AsyncClient,
        registry: ServiceDatabase,
        bearer: Bearer,
        coordinator: Headers,
        operator: Headers,
    ) -> None:
        made = (await ask(client, coordinator)).json()["id"]
        paths = [f"{NOTICES}/{made}", f"{NOTICES}/{made}/recipients"]
        strangers = [
            officer_of(bearer, "peje"),
            bearer("persona:analyst", READ),
            bearer("nobody", READ),
            await other_coordinator(registry, bearer),
        ]

        for headers, seen in (
            (coordinator, {"gracanice", "prishtine"}),
            (operator, {"gracanice", "prishtine"}),
            (officer_of(bearer, "prishtine"), {"prishtine"}),
            (bearer("persona:municipal_admin:gracanice", READ), {"gracanice"}),
        ):
            [listed] = (await client.get(NOTICES, headers=headers)).json()["items"]
            assert (listed["id"], listed["states"]) == (made, {"queued": len(seen)})
            for path in paths:
                items = (await client.get(path, headers=headers)).json()["items"]
                assert {one["municipality"] for one in items} == seen
        for headers in strangers:
            assert (await client.get(NOTICES, headers=headers)).json()["items"] == []
            for path in paths:
                assert (await client.get(path, headers=headers)).status_code == 404
        for path in (NOTICES, *paths):
            assert (await client.get(path)).status_code == 401
            assert (await client.get(path, headers=bearer("nobody"))).status_code == 403

    async def test_tells_a_municipality_nothing_of_the_others(
        self, client: AsyncClient, coordinator: Headers, officer: Headers
    ) -> None:
        """As if it alone had been written to, up to what every notice has of its own."""
        both = (await ask(client, coordinator)).json()["id"]
        alone = {"municipalities": ["prishtine"]}
        one = (await ask(client, coordinator, recipients=alone)).json()["id"]

        shown = [
            (await client.get(f"{NOTICES}/{made}", headers=officer)).json() for made in (both, one)
        ]
        for answer, made in zip(shown, (both, one), strict=True):
            assert answer.pop("id") == made
            assert made in answer["items"][0].pop("letter")
            answer.pop("created_at")
        assert shown[0] == shown[1]


class TestListMunicipalNotices:
    async def test_goes_on_after_the_page(self, client: AsyncClient, coordinator: Headers) -> None:
        made = [(await ask(client, coordinator)).json()["id"] for _ in range(3)]

        query: dict[str, Any] = {"limit": 2}
        page = (await client.get(NOTICES, params=query, headers=coordinator)).json()
        query["cursor"] = page["page"]["next_cursor"]
        rest = (await client.get(NOTICES, params=query, headers=coordinator)).json()

        assert [one["id"] for one in page["items"] + rest["items"]] == made[::-1]


class TestGetNoticeLetter:
    async def test_is_a_letter_to_the_mayor_in_the_language_of_the_municipality(
        self, client: AsyncClient, coordinator: Headers
    ) -> None:
        made = (await ask(client, coordinator)).json()
        address = f"{NOTICES}/{made['id']}/letters"

        for slug, language, words in (
            ("prishtine", "sq", ["Kryetarit të komunës", "Komuna: Prishtinë", TEXTS["sq"]]),
            ("gracanice", "sr-Latn", ["Opština: Gračanica", TEXTS["sr-Latn"]]),
            ("gracanice", "sr-Cyrl", ["Општина: Грачаница", "општине Ђаковица и Љешане"]),
            ("gracanice", "en", ["Municipality: Gra", TEXTS["en"]]),
        ):
            own = {} if slug == "prishtine" or language == "sr-Latn" else {"lang": language}
            answer = await client.get(f"{address}/{slug}", params=own, headers=coordinator)
            assert answer.status_code == 200, answer.text
            assert answer.headers["content-type"] == "application/pdf"
            assert answer.headers["content-language"] == language
            said = read_pdf(answer.content)
            for word in (*words, made["id"]):
                assert word in said.replace("- ", "-"), (language, said)
            year, month, day = made["due_on"].split("-")
            assert f"{day}.{month}.{year}" in said

    async def test_is_the_same_letter_each_time(
        self, client: AsyncClient, coordinator: Headers, officer: Headers
    ) -> None:
        made = (await ask(client, coordinator)).json()["id"]
        address = f"{NOTICES}/{made}/letters/prishtine"

        first = await client.get(address, headers=coordinator)
        own = await client.get(address, headers=officer)
        known = {**officer, "If-None-Match": first.headers["etag"]}
        again = await client.get(address, headers=known)
        other = await client.get(address, params={"lang": "en"}, headers=officer)

        assert first.content == own.content
        assert (again.status_code, again.content) == (304, b"")
        assert other.headers["etag"] != first.headers["etag"]

    async def test_hides_what_others_hold(
        self, client: AsyncClient, bearer: Bearer, coordinator: Headers, officer: Headers
    ) -> None:
        made = (await ask(client, coordinator)).json()["id"]

        for headers, slug in (
            (officer, "gracanice"),
            (officer, "viti"),
            (coordinator, "viti"),
            (officer_of(bearer, "peje"), "prishtine"),
        ):
            answer = await client.get(f"{NOTICES}/{made}/letters/{slug}", headers=headers)
            assert answer.status_code == 404
        answer = await client.get(
            f"{NOTICES}/{made}/letters/prishtine",
            headers={**officer, "Accept": "application/json"},
        )
        assert answer.status_code == 406


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
        assert (task["due_on"], task["is_overdue"]) == (ASKED["due_on"], False)
        assert (none, done) == ([], [])
