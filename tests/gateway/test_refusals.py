"""What a caller hears who does not get past the door."""

import asyncio

import httpx
import pytest

from tests.gateway.processes import Gateway
from tests.gateway.wire import Said, Upstream, answer, request, speak

KILO = 1024
MEGA = 1024 * KILO
CANARY = "Arta-Krasniqi-Prizren"


class TestRefusals:
    @pytest.mark.parametrize(
        ("language", "title"),
        [
            ("sq", "Nuk u gjet"),
            ("sr-Latn", "Nije pronađeno"),
            ("sr-Cyrl", "Није пронађено"),
            ("en", "Not found"),
        ],
    )
    async def test_speaks_the_callers_language(
        self, client: httpx.AsyncClient, language: str, title: str
    ) -> None:
        for answered in (
            await client.get("/nothing", headers={"accept-language": language}),
            await client.get(f"/nothing?lang={language}"),
        ):
            assert answered.headers["content-language"] == language
            assert answered.json()["title"] == title

    async def test_names_the_trace_and_never_the_path(self, client: httpx.AsyncClient) -> None:
        trace = "0af7651916cd43dd8448eb211c80319c"
        headers = {"traceparent": f"00-{trace}-b7ad6b7169203331-01"}

        answered = await client.get(f"/{CANARY}", headers=headers)

        problem = answered.json()
        assert answered.headers["request-id"] == "0af76519-16cd-43dd-8448-eb211c80319c"
        assert problem["instance"] == "urn:uuid:0af76519-16cd-43dd-8448-eb211c80319c"
        assert problem["type"] == "https://komuna.test/problems/not_found"
        assert CANARY not in answered.text

    async def test_keeps_a_planted_name_out_of_answers_and_logs(
        self, gateway: Gateway, registry: Upstream, signed: dict[str, str]
    ) -> None:
        registry.answers(answer(b"oops " + CANARY.encode(), status=b"500 Broken"))
        authorization = f"authorization: {signed['authorization']}"
        said: list[Said] = [
            await speak(gateway.port, raw, seconds=1)
            for raw in (
                request("GET", f"/registry/v1/{CANARY}"),
                request("GET", f"/registry/v1/a?q={CANARY}"),
                request("GET", f"/{CANARY}"),
                request("GET", f"/{CANARY}%2e?{CANARY}=%zz"),
                request("POST", "/registry/v1/a", "content-length: 21", body=CANARY.encode()),
                request("GET", "/registry/v1/a", f"authorization: Bearer {CANARY}"),
                request("GET", "/registry/v1/a", f"accept-language: {CANARY}"),
                request("GET", "/registry/v1/a", f"traceparent: {CANARY}"),
                request("GET", "/registry/v1/a", f"{CANARY}: {CANARY}", authorization),
                f"GET /{CANARY} {CANARY}\r\n\r\n".encode(),
            )
        ]

        assert all(one.status >= 400 for one in said)
        assert not any(CANARY.encode() in one.raw for one in said)
        await asyncio.sleep(0.3)
        assert CANARY not in gateway.log.read_text()

    async def test_says_no_more_than_it_must(self, gateway: Gateway) -> None:
        said = await speak(gateway.port, request("GET", "/nothing"))

        assert said.all(b"server") == []
        assert said.all(b"x-content-type-options") == [b"nosniff"]
        assert said.all(b"content-security-policy") == [
            b"default-src 'none'; frame-ancestors 'none'"
        ]
        assert len(said.all(b"date")) == 1
