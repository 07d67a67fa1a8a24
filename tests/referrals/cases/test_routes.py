"""HTTP for cases: one and the same 404, and nothing shown before the second wall opens."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from tests.referrals.conftest import PEJE, Grant, Headers, Plant

OWN_WORDS = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
CHANGING = {"date", "request-id"}


@contextmanager
def statements() -> Iterator[list[str]]:
    """Collect every statement that any engine sends."""
    sent: list[str] = []

    def note(_: Any, __: Any, statement: str, *___: Any) -> None:
        sent.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(Engine, "before_cursor_execute", note)


class TestGetCase:
    async def test_answers_foreign_absent_and_malformed_ids_alike(
        self, client: httpx.AsyncClient, headers: Headers, grant: Grant, plant_case: Plant
    ) -> None:
        await grant("social_worker")
        own, foreign = await plant_case(), await plant_case(PEJE)
        answers, sent = [], []
        await client.get(f"/v1/cases/{uuid4()}", headers=headers())  # Opens the connections.

        for one in (own, foreign, uuid4(), "17", "Arta-Krasniqi"):
            with statements() as seen:
                response = await client.get(f"/v1/cases/{one}", headers=headers())
            kept = {name: it for name, it in response.headers.items() if name not in CHANGING}
            answers.append((response.status_code, OWN_WORDS.sub("ID", response.text), kept))
            sent.append(seen)

        assert [status for status, _, _ in answers] == [404] * 5
        assert all(one == answers[0] for one in answers)
        assert all(one == sent[0] for one in sent)
        assert len(sent[0]) > 0

    async def test_answers_someone_without_any_role_the_same(
        self, client: httpx.AsyncClient, headers: Headers, grant: Grant, plant_case: Plant
    ) -> None:
        await grant("social_worker")
        case = await plant_case()

        known = await client.get(f"/v1/cases/{case}", headers=headers())
        unknown = await client.get(f"/v1/cases/{case}", headers=headers("persona:nobody"))

        assert OWN_WORDS.sub("ID", known.text) == OWN_WORDS.sub("ID", unknown.text)
        assert known.status_code == unknown.status_code == 404

    async def test_is_never_kept_by_anyone_on_the_way(
        self, client: httpx.AsyncClient, headers: Headers
    ) -> None:
        response = await client.get(f"/v1/cases/{uuid4()}", headers=headers())

        assert response.headers["cache-control"] == "no-store"

    @pytest.mark.parametrize(
        ("language", "word"),
        [("sq", "sq"), ("sr", "sr-Latn"), ("sr-Cyrl", "sr-Cyrl"), ("en", "en")],
    )
    async def test_speaks_the_callers_language(
        self, client: httpx.AsyncClient, headers: Headers, language: str, word: str
    ) -> None:
        response = await client.get(
            f"/v1/cases/{uuid4()}", headers=headers(accept_language=language)
        )

        assert response.headers["content-language"] == word


class TestListCases:
    async def test_hides_what_the_second_wall_hides(
        self, client: httpx.AsyncClient, headers: Headers, grant: Grant, plant_case: Plant
    ) -> None:
        await grant("social_worker")
        await plant_case()

        response = await client.get("/v1/cases", headers=headers())

        assert response.status_code == 200
        assert response.json() == {
            "items": [],
            "page": {
                "limit": 50,
                "next_cursor": None,
                "next": None,
                "limit_coerced": False,
                "total": None,
            },
        }

    async def test_counts_nothing_either(
        self, client: httpx.AsyncClient, headers: Headers, grant: Grant, plant_case: Plant
    ) -> None:
        await grant("social_worker")
        await plant_case()

        response = await client.get("/v1/cases?count=exact", headers=headers())

        assert response.json()["page"]["total"] == 0

    async def test_refuses_a_cursor_of_someone_elses_making(
        self, client: httpx.AsyncClient, headers: Headers, grant: Grant
    ) -> None:
        await grant("social_worker")

        response = await client.get("/v1/cases?cursor=AAAA", headers=headers())

        assert response.status_code == 400

    async def test_takes_no_search_words(
        self, client: httpx.AsyncClient, headers: Headers, grant: Grant
    ) -> None:
        await grant("social_worker")

        response = await client.get("/v1/cases?name=Arta", headers=headers())

        assert (response.status_code, response.json()["code"]) == (400, "unknown_parameter")
        assert "Arta" not in response.text


class TestOpenCase:
    async def test_does_not_exist_yet(self, client: httpx.AsyncClient, headers: Headers) -> None:
        response = await client.post("/v1/cases", headers=headers(), json={})

        assert response.status_code == 405
        assert response.headers["allow"] == "GET, HEAD"
