"""The body of a request: capped, of a type that is read, and sound."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.shared.requests.sockets import code_of

Call = Callable[..., dict[str, str]]
READ = "sample.things.read"
WRITE = "sample.things.write"
ONE = "/v1/things/9b5fdb9e-8c3a-4d0e-9a51-5c7f6d0c2b11"


class TestBody:
    @pytest.mark.parametrize(
        ("body", "code"),
        [
            (b'{"title": "a", "title": "b"}', (400, "duplicate_key")),
            (b'{"title": NaN}', (400, "not_a_number")),
            (b'{"title": -Infinity}', (400, "not_a_number")),
            (b'{"title": 1e999}', (400, "not_a_number")),
            (b"[" * 17 + b"]" * 17, (400, "too_deep")),
            (b'{"title": ', (400, "malformed_json")),
            (b'{"title": "\xff"}', (400, "malformed_json")),
            (b'{"title": "\\ud800"}', (400, "malformed_json")),
            (b"{}", (422, "invalid_body")),
            (b'{"title": "a", "role": "admin"}', (422, "unknown_field")),
            (b'{"title": "' + b"a" * 300_000 + b'"}', (413, "too_large")),
        ],
        ids=lambda value: str(value)[:30],
    )
    async def test_refuses(
        self, client: httpx.AsyncClient, call: Call, body: bytes, code: tuple[int, str]
    ) -> None:
        headers = call(WRITE) | {"content-type": "application/json"}

        assert code_of(await client.post("/v1/things", content=body, headers=headers)) == code

    @pytest.mark.parametrize(
        "headers",
        [
            {"content-type": "text/plain"},
            {"content-type": "application/x-www-form-urlencoded"},
            {"content-type": "application/json; charset=latin-1"},
            {"content-type": "application/json", "content-encoding": "gzip"},
            {},
        ],
        ids=str,
    )
    async def test_refuses_other_types(
        self, client: httpx.AsyncClient, call: Call, headers: dict[str, str]
    ) -> None:
        answer = await client.post(
            "/v1/things", content=b'{"title": "a"}', headers=call(WRITE) | headers
        )

        assert code_of(answer) == (415, "unsupported_media_type")

    @pytest.mark.parametrize(
        "kind", ["application/json; charset=UTF-8", "application/merge-patch+json"]
    )
    async def test_takes_what_the_route_reads(
        self, client: httpx.AsyncClient, call: Call, kind: str
    ) -> None:
        headers = call(WRITE) | {"content-type": kind}

        answer = await client.post("/v1/things", content=b'{"title": "a"}', headers=headers)

        assert answer.status_code == 201

    async def test_says_where_and_why(self, client: httpx.AsyncClient, call: Call) -> None:
        body = {"parts": [{"age": "many"}, {"age": 1, "names": {"Drita": 7}}], "other": 1}

        answer = await client.post("/v1/things", json=body, headers=call(WRITE))

        errors = {(one["pointer"], one["code"]) for one in answer.json()["errors"]}
        assert errors == {
            ("/title", "missing"),
            ("/parts/0/age", "int_parsing"),
            ("/parts/1/names/*", "string_type"),
            ("", "unknown_field"),
        }

    @pytest.mark.parametrize(
        ("title", "code", "detail"),
        [
            ("-", "missing_value", "Mungon një vlerë."),
            ("?", "doubtful", "Kjo nuk pranohet këtu."),
        ],
    )
    async def test_that_breaks_a_rule_says_which_in_a_sentence_of_ours(
        self, client: httpx.AsyncClient, call: Call, title: str, code: str, detail: str
    ) -> None:
        headers = call(WRITE) | {"accept-language": "sq"}

        answer = await client.post("/v1/things", json={"title": title}, headers=headers)

        assert code_of(answer) == (422, "rule_broken")
        assert answer.json()["errors"] == [{"pointer": "/title", "code": code, "detail": detail}]

    async def test_of_no_shape_is_no_broken_rule(
        self, client: httpx.AsyncClient, call: Call
    ) -> None:
        body = {"title": "-", "parts": 7}

        answer = await client.post("/v1/things", json=body, headers=call(WRITE))

        assert code_of(answer) == (422, "invalid_body")

    async def test_is_not_expected_with_get(self, client: httpx.AsyncClient, call: Call) -> None:
        answer = await client.request("GET", "/v1/things", content=b"{}", headers=call(READ))

        assert code_of(answer) == (400, "unexpected_body")

    @pytest.mark.parametrize("size", [100_000, 100_001])
    async def test_of_a_stream_is_counted(
        self, client: httpx.AsyncClient, call: Call, size: int
    ) -> None:
        async def pieces() -> Any:
            for start in range(0, size, 1000):
                yield b"x" * min(1000, size - start)

        headers = call("sample.imports.write") | {"content-type": "text/csv"}
        answer = await client.post("/v1/imports", content=pieces(), headers=headers)

        assert answer.status_code == (202 if size == 100_000 else 413)
