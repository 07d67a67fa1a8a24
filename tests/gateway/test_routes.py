"""Which addresses lead to a service, and which do not."""

import httpx
import pytest

from tests.gateway.wire import Upstream, answer


class TestRoutes:
    @pytest.mark.parametrize(
        "path",
        [
            "/registry/metrics",
            "/registry/readyz",
            "/registry/openapi.json",
            "/registry/v1",
            "/registry/v2/a",
            "/registry",
            "/metrics",
            "/nothing",
            "/referrals/hsds/a",
            "/registryv1/a",
            "/Registry/v1/a",
        ],
    )
    async def test_knows_no_other_way_in(
        self, client: httpx.AsyncClient, registry: Upstream, path: str
    ) -> None:
        registry.answers(answer())

        answered = await client.get(path)

        assert answered.status_code == 404
        assert answered.json()["code"] == "not_found"
        assert not registry.calls

    @pytest.mark.parametrize(
        ("path", "service", "target"),
        [
            ("/registry/v1/municipalities", "registry", b"/v1/municipalities"),
            ("/registry/hsds/services?page=2", "registry", b"/hsds/services?page=2"),
            ("/indicators/sdmx/v2/data/a,b,1.0/*", "indicators", b"/sdmx/v2/data/a,b,1.0/*"),
            ("/referrals/v1/cases", "referrals", b"/v1/cases"),
        ],
    )
    async def test_leads_to_the_service(
        self,
        client: httpx.AsyncClient,
        services: dict[str, Upstream],
        path: str,
        service: str,
        target: bytes,
    ) -> None:
        services[service].answers(answer(b'{"a": 1}'))

        answered = await client.get(path)

        assert answered.json() == {"a": 1}
        assert services[service].calls[-1].target == target

    async def test_says_405_with_allow_on_its_own_pages(self, client: httpx.AsyncClient) -> None:
        answered = await client.post("/limits")

        assert answered.status_code == 405
        assert answered.headers["allow"] == "GET, HEAD"
