"""HTTP for notices to municipalities: writing them."""

from typing import Any
from uuid import uuid4

import pytest
from httpx import AsyncClient

from tests.databases import ServiceDatabase
from tests.registry.conftest import Bearer, Headers

from .conftest import (
    KIND,
    NOTICES,
    READ,
    WRITE,
    ask,
    furnish,
)


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
