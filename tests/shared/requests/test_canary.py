"""A planted name, sent wherever something can be sent, comes out nowhere."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from komuna_shared.app import serve
from komuna_shared.testing import Issuer, asgi_client
from tests.shared.requests.sample import make_api
from tests.shared.requests.sockets import send_raw, serving

NAME = "ArtaKrasniqi"
READ, WRITE = "sample.things.read", "sample.things.write"
Call = Callable[..., dict[str, str]]

REQUESTS: list[dict[str, Any]] = [
    {"url": f"/v1/{NAME}"},
    {"url": f"/v1/things/{NAME}"},
    {"url": f"/v1/things?{NAME}=1"},
    {"url": f"/v1/things?size={NAME}"},
    {"url": f"/v1/things?lang={NAME}"},
    {"url": f"/v1/things/report?format={NAME}"},
    {"url": f"/v1/broken?secret={NAME}"},
    {"url": f"/v1/broken-answer?secret={NAME}"},
    {"url": "/v1/things", "headers": {"flavour": NAME}},
    {"url": "/v1/things", "headers": {"accept": f"text/{NAME}"}},
    {"url": "/v1/things", "headers": {"accept-language": NAME}},
    {"url": "/v1/things", "headers": {"authorization": f"Bearer {NAME}"}},
    {"url": "/v1/things", "headers": {"traceparent": NAME}},
    {"url": "/v1/things", "headers": {f"x_{NAME}": "1"}},
    {"url": "/v1/things", "method": NAME.upper()},
    {"url": "/v1/things", "method": "POST", "json": {"title": NAME * 9}},
    {"url": "/v1/things", "method": "POST", "json": {"title": "a", NAME: 1}},
    {"url": "/v1/things", "method": "POST", "json": {"title": "a", "parts": [{"age": NAME}]}},
    {
        "url": "/v1/things",
        "method": "POST",
        "json": {"title": "a", "parts": [{"age": 1, "names": {NAME: 7}}]},
    },
    {"url": "/v1/things", "method": "POST", "content": f'{{"title": "{NAME}'.encode()},
    {"url": "/v1/things", "method": "POST", "headers": {"content-type": f"text/{NAME}"}},
]


class TestPlantedName:
    @pytest.mark.parametrize("request_", REQUESTS, ids=lambda one: str(one)[:60])
    async def test_is_in_no_answer_log_or_metric(
        self,
        issuer: Issuer,
        folder: Path,
        call: Call,
        capfd: pytest.CaptureFixture[str],
        request_: dict[str, Any],
    ) -> None:
        sent = {"method": "GET", "content": b"{}" if "POST" in request_ else None} | request_
        headers = call(READ, WRITE) | {"content-type": "application/json"}
        sent["headers"] = headers | sent.get("headers", {})
        async with asgi_client(serve(make_api(issuer, folder))) as client:
            answer = await client.request(**{k: v for k, v in sent.items() if v is not None})
            figures = await client.get("/metrics")

        shown = answer.text + str(answer.headers) + figures.text + "".join(capfd.readouterr())
        assert NAME.lower() not in shown.lower()
        assert '"event":"request"' in shown

    async def test_would_be_seen_if_it_were_there(
        self, issuer: Issuer, folder: Path, call: Call
    ) -> None:
        async with asgi_client(serve(make_api(issuer, folder))) as client:
            answer = await client.post(
                "/v1/things", json={"title": NAME}, headers=call(READ, WRITE)
            )

        assert NAME in answer.text

    async def test_in_a_token_is_in_no_refusal(
        self, issuer: Issuer, folder: Path, capfd: pytest.CaptureFixture[str]
    ) -> None:
        token = issuer.token(NAME, [NAME], client_id=NAME, jti=NAME)
        async with asgi_client(serve(make_api(issuer, folder))) as client:
            answer = await client.get("/v1/things", headers={"authorization": f"Bearer {token}"})

        assert answer.status_code == 403
        assert NAME not in answer.text + str(answer.headers) + "".join(capfd.readouterr())

    async def test_in_bytes_that_are_no_request_is_in_no_answer(
        self, issuer: Issuer, folder: Path, capfd: pytest.CaptureFixture[str]
    ) -> None:
        async with serving(serve(make_api(issuer, folder))) as port:
            answer = await send_raw(port, f"{NAME} nonsense\r\n\r\n".encode())

        assert answer.startswith(b"HTTP/1.1 400")
        assert NAME not in answer.decode() + "".join(capfd.readouterr())

    async def test_in_a_failing_start_of_settings_is_not_shown(
        self, issuer: Issuer, folder: Path
    ) -> None:
        with pytest.raises(ValueError, match="environment") as failure:
            make_api(issuer, folder, environment=NAME)

        assert NAME not in str(failure.value)
