"""What reads of the whole answer to anything: only what the document promises."""

import asyncio

import httpx
import pytest

from proofs.fuzzing import PERSONAS, Found, fuzz, operations, refuse_unknown, shares, whole_document
from tests.system.conftest import Stack

pytestmark = pytest.mark.system
SEED = 2


@pytest.fixture(scope="module")
def document(stack: Stack) -> dict[str, object]:
    return whole_document(stack.url)


class TestOperations:
    # What writes is asked in the proof, which has a Komuna of its own.
    async def test_answer_only_what_the_document_promises(
        self, stack: Stack, document: dict[str, object]
    ) -> None:
        found = Found()
        for role, asked in shares(document).items():
            headers = {"Authorization": f"Bearer {stack.token(role)}"}
            found.add(
                await asyncio.to_thread(
                    fuzz,
                    document,
                    stack.url,
                    headers,
                    seed=SEED,
                    examples=2,
                    asked={one for one in asked if one.startswith("GET ")},
                    phases=("examples", "fuzzing"),
                )
            )

        assert found.failures == {}
        reads = {one for one in operations(document) if one.startswith("GET ")}
        assert reads <= found.operations

    @pytest.mark.parametrize("role", PERSONAS)
    async def test_refuse_a_parameter_they_do_not_have(
        self, stack: Stack, document: dict[str, object], role: str
    ) -> None:
        headers = {"Authorization": f"Bearer {stack.token(role)}"}
        with httpx.Client(base_url=stack.url, headers=headers, trust_env=False) as one:
            assert list(refuse_unknown(shares(document)[role], one)) == []

    @pytest.mark.parametrize(
        ("path", "allowed"),
        [
            ("/limits", "GET, HEAD"),
            ("/registry/v1/municipalities", "GET, HEAD"),
            ("/registry/v1/assignments", "GET, HEAD, POST"),
            ("/indicators/v1/imports", "POST"),
        ],
    )
    @pytest.mark.parametrize("method", ["PATCH", "OPTIONS"])
    async def test_name_their_methods_to_whoever_uses_another(
        self, client: httpx.AsyncClient, method: str, path: str, allowed: str
    ) -> None:
        answered = await client.request(method, path)

        assert (answered.status_code, answered.headers["allow"]) == (405, allowed)
