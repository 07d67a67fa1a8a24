"""Versions: what is unchanged is not sent, what was changed is not overwritten."""

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from fastapi import Request

from komuna_shared.answers import NO_STORE, answer_bytes, csv_answer
from komuna_shared.etags import etag
from komuna_shared.testing import Issuer
from tests.shared.requests.sample import make_api

Call = Callable[..., dict[str, str]]
ONE = "/v1/things/9b5fdb9e-8c3a-4d0e-9a51-5c7f6d0c2b11"


class TestEtag:
    def test_differs_by_what_is_served_and_by_key(self) -> None:
        made = {
            etag(*parts, key=key)
            for parts in [("a", 1, "sq"), ("a", 2, "sq"), ("a", 1, "en"), ("a1", "sq")]
            for key in (b"one", b"two")
        }

        assert len(made) == 8
        assert all(len(tag) == 24 and tag[0] == tag[-1] == '"' for tag in made)


class TestNotModified:
    async def test_known_version_is_not_sent_again(self, client: httpx.AsyncClient) -> None:
        first = await client.get("/v1/things/public")
        tag = first.headers["etag"]

        for known in (tag, f'"other", {tag}', f"W/{tag}", "*"):
            again = await client.get("/v1/things/public", headers={"if-none-match": known})
            assert (again.status_code, again.content) == (304, b"")
            assert again.headers["etag"] == tag
            assert again.headers["cache-control"] == first.headers["cache-control"]

    async def test_other_language_is_another_version(self, client: httpx.AsyncClient) -> None:
        tag = (await client.get("/v1/things/public?lang=en")).headers["etag"]

        answer = await client.get("/v1/things/public?lang=sq", headers={"if-none-match": tag})

        assert answer.status_code == 200


class TestAnswers:
    def test_that_must_not_be_kept_have_no_version(self, issuer: Issuer, folder: Path) -> None:
        request = Request({"type": "http", "headers": [], "app": make_api(issuer, folder)})

        kept = csv_answer(request, b"a;b", filename="a.csv")
        passing = answer_bytes(request, b"{}", media_type="application/json", cache=NO_STORE)

        assert kept.headers["content-disposition"] == 'attachment; filename="a.csv"'
        assert kept.headers["content-type"].startswith("text/csv")
        assert "etag" in kept.headers
        assert "etag" not in passing.headers


class TestCheckIfMatch:
    @pytest.mark.parametrize(
        ("headers", "status"),
        [
            ({}, 428),
            ({"if-match": '"other"'}, 412),
            ({"if-match": "W/{tag}"}, 412),
            ({"if-match": "{tag}"}, 200),
            ({"if-match": '"other", {tag}'}, 200),
            ({"if-match": "*"}, 200),
        ],
        ids=str,
    )
    async def test_change_needs_the_present_version(
        self, client: httpx.AsyncClient, call: Call, headers: dict[str, str], status: int
    ) -> None:
        key = client._transport.app._app._app.state.etag_key  # type: ignore[attr-defined]
        tag = etag(ONE.rsplit("/", 1)[1], 1, key=key)
        given = {name: value.replace("{tag}", tag) for name, value in headers.items()}

        answer = await client.put(
            ONE, json={"title": "a"}, headers=call("sample.things.write") | given
        )

        assert answer.status_code == status
