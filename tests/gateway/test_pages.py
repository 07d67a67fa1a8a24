"""The gateway's own pages."""

from pathlib import Path

import httpx
import pytest
from playwright.async_api import async_playwright

from tests.gateway.processes import Gateway
from tests.gateway.wire import Upstream, answer, request, speak

CHROMIUM = Path("/usr/bin/chromium")


class TestDiscovery:
    async def test_tells_programs_where_everything_is(self, client: httpx.AsyncClient) -> None:
        start = (await client.get("/")).json()

        assert start["openapi"] == "https://komuna.test/openapi.json"
        assert [one["url"] for one in start["services"]] == [
            f"https://komuna.test/{name}/v1" for name in ("registry", "indicators", "referrals")
        ]

    async def test_sends_browsers_to_the_documentation(self, client: httpx.AsyncClient) -> None:
        answered = await client.get("/", headers={"accept": "text/html,*/*;q=0.8"})

        assert answered.status_code == 307
        assert answered.headers["location"] == "/docs"

    async def test_has_a_catalogue_of_apis(self, client: httpx.AsyncClient) -> None:
        answered = await client.get("/.well-known/api-catalog")

        assert answered.headers["content-type"].startswith("application/linkset+json")
        assert [one["anchor"] for one in answered.json()["linkset"]] == [
            f"https://komuna.test/{name}/v1" for name in ("registry", "indicators", "referrals")
        ]

    async def test_says_its_limits(self, client: httpx.AsyncClient) -> None:
        limits = (await client.get("/limits")).json()

        assert limits["import_body_bytes"] == 64 * 1024 * 1024
        assert {one["name"]: one["seconds"] for one in limits["quotas"]} == {
            "caller": 60,
            "address": 60,
            "open-body": 60,
        }

    async def test_answers_head_without_a_body(self, gateway: Gateway) -> None:
        said = await speak(gateway.port, request("HEAD", "/limits"))

        assert said.status == 200
        assert said.body == b""
        assert int(said.all(b"content-length")[0]) > 0


class TestHealth:
    async def test_is_ready_when_every_service_is(
        self, client: httpx.AsyncClient, services: dict[str, Upstream], signed: dict[str, str]
    ) -> None:
        for service in services.values():
            service.answers(answer())
        ready = await client.get("/readyz")
        while ready.status_code != 200:  # The last question is remembered for a second.
            ready = await client.get("/readyz")

        assert ready.json() == {"status": "ok"}
        assert services["registry"].calls[0].target == b"/readyz"

        services["referrals"].answers(answer(status=b"503 Not Ready"))
        unready = await client.get("/readyz")
        while unready.status_code == 200:
            unready = await client.get("/readyz")

        assert unready.status_code == 503
        assert "referrals" not in unready.text
        shown = (await client.get("/readyz?verbose=", headers=signed)).json()
        assert shown["checks"] == {
            "registry": True,
            "indicators": True,
            "referrals": False,
            "keys": True,
        }

    async def test_tells_details_to_ops_alone(self, client: httpx.AsyncClient) -> None:
        assert "checks" not in (await client.get("/readyz?verbose=")).json()

    async def test_says_its_version(self, client: httpx.AsyncClient) -> None:
        assert (await client.get("/version")).json()["service"] == "gateway"


class TestProblems:
    async def test_has_a_page_for_every_type_it_sends(self, client: httpx.AsyncClient) -> None:
        problem = (await client.get("/nothing")).json()
        path = problem["type"].removeprefix("https://komuna.test")

        page = await client.get(path, headers={"accept": "text/html", "accept-language": "sr"})

        assert page.status_code == 200
        assert page.headers["content-language"] == "sr-Latn"
        assert "<h1>Nije pronađeno</h1>" in page.text
        assert (await client.get(path)).json()["status"] == 404
        assert "bad_gateway" in (await client.get("/problems")).text

    async def test_knows_no_others(self, client: httpx.AsyncClient) -> None:
        assert (await client.get("/problems/invented")).status_code == 404


class TestCors:
    async def test_lets_any_page_read_what_is_public(
        self, client: httpx.AsyncClient, registry: Upstream
    ) -> None:
        registry.answers(answer())

        answered = await client.get("/registry/v1/a", headers={"origin": "https://any.test"})

        assert answered.headers["access-control-allow-origin"] == "*"
        assert "ETag" in answered.headers["access-control-expose-headers"]
        assert "access-control-allow-credentials" not in answered.headers

    @pytest.mark.parametrize(
        ("origin", "allowed"),
        [("https://front.test", "https://front.test"), ("https://any.test", None)],
    )
    async def test_lets_trusted_pages_alone_use_a_token(
        self,
        client: httpx.AsyncClient,
        registry: Upstream,
        signed: dict[str, str],
        origin: str,
        allowed: str | None,
    ) -> None:
        registry.answers(answer())

        answered = await client.get("/registry/v1/a", headers={**signed, "origin": origin})

        assert answered.headers.get("access-control-allow-origin") == allowed
        assert "Origin" in answered.headers["vary"]

    @pytest.mark.parametrize(
        ("origin", "method", "allowed"),
        [
            ("https://front.test", "PUT", "https://front.test"),
            ("https://any.test", "GET", "*"),
            ("https://any.test", "DELETE", None),
        ],
    )
    async def test_answers_a_browser_that_asks_first(
        self, client: httpx.AsyncClient, origin: str, method: str, allowed: str | None
    ) -> None:
        headers = {"origin": origin, "access-control-request-method": method}

        answered = await client.options("/registry/v1/a", headers=headers)

        assert answered.status_code == 204
        assert answered.headers.get("access-control-allow-origin") == allowed
        can_send_tokens = "Authorization" in answered.headers.get(
            "access-control-allow-headers", ""
        )
        assert can_send_tokens == (origin == "https://front.test")


@pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Debian's chromium.")
class TestDocs:
    async def test_opens_in_a_browser_and_asks_nobody_else(
        self, gateway: Gateway, services: dict[str, Upstream]
    ) -> None:
        for service in services.values():
            service.answers(answer(b'{"paths": {}}'))
        asked: list[str] = []
        complaints: list[str] = []
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(
                executable_path=CHROMIUM,
                args=[
                    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
                    *("--disable-background-networking", "--disable-component-update"),
                    "--disable-sync",
                ],
            )
            page = await browser.new_page()
            page.on("request", lambda request: asked.append(request.url))
            page.on("console", lambda message: complaints.append(f"{message.type} {message.text}"))
            page.on("pageerror", lambda error: complaints.append(f"error {error}"))

            await page.goto(f"{gateway.url}/docs")
            await page.locator("#operations-tag-gateway").click()
            await page.get_by_text("/limits").first.wait_for()
            await page.screenshot(path=gateway.log.with_suffix(".png"))
            await browser.close()

        assert not [one for one in asked if not one.startswith((gateway.url, "data:"))]
        assert not [one for one in complaints if one.startswith("error")]
