"""The loader before the real services."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from komuna_deploy.loader.imports import Gateway, RefusedLoadError, load_file
from komuna_deploy.loader.manifest import Load, read_manifests
from tests.system.conftest import Stack

pytestmark = pytest.mark.system


@pytest.fixture(scope="module")
async def gateway(stack: Stack) -> AsyncIterator[Gateway]:
    async with httpx.AsyncClient(base_url=stack.url, trust_env=False, timeout=30) as client:
        yield Gateway(client, lambda: stack.token("ops"))


@pytest.fixture
def regions(tmp_path: Path) -> Load:
    """The regions of municipalities, in a file of the test's own."""
    (found,) = [one for one in read_manifests() if one.collection == "municipality_regions"]
    own = tmp_path / found.path.name
    own.write_bytes(found.path.read_bytes())
    return replace(found, path=own)


def _spoil(load: Load) -> None:
    text = load.path.read_text(encoding="utf-8")
    load.path.write_text(text.replace("decan,", "nowhere,", 1), encoding="utf-8")


class TestLoadFile:
    async def test_takes_a_file_in_and_counts_its_rows(
        self, gateway: Gateway, regions: Load
    ) -> None:
        regions.path.write_text(regions.path.read_text(encoding="utf-8") + "\n", encoding="utf-8")
        job = await load_file(gateway, regions)
        assert job["counts"] == {"created": 0, "updated": 0, "unchanged": 38}

    async def test_names_row_column_and_code_of_what_is_wrong(
        self, gateway: Gateway, regions: Load
    ) -> None:
        _spoil(regions)
        with pytest.raises(RefusedLoadError, match=r"row 2, .*: unknown_municipality") as refused:
            await load_file(gateway, regions)
        assert str(regions.path) in refused.value.advice

    async def test_asks_anew_instead_of_hearing_an_old_refusal(
        self, stack: Stack, regions: Load
    ) -> None:
        _spoil(regions)
        sent: list[str] = []

        async def note(request: httpx.Request) -> None:
            if request.method == "POST":
                sent.append(request.headers["Idempotency-Key"])

        async with httpx.AsyncClient(
            base_url=stack.url, trust_env=False, timeout=30, event_hooks={"request": [note]}
        ) as client:
            gateway = Gateway(client, lambda: stack.token("ops"))
            for _ in range(2):
                with pytest.raises(RefusedLoadError):
                    await load_file(gateway, regions)

        assert sent[-2] == sent[0]
        assert sent[-1] not in sent[:-1]

    async def test_says_which_collection_is_unknown(self, gateway: Gateway, regions: Load) -> None:
        with pytest.raises(RefusedLoadError, match="unknown_collection"):
            await load_file(gateway, replace(regions, collection="castles"))

    async def test_says_when_the_persona_may_not(self, stack: Stack, regions: Load) -> None:
        async with httpx.AsyncClient(base_url=stack.url, trust_env=False, timeout=30) as client:
            visitor = Gateway(client, lambda: "no token at all")
            with pytest.raises(RefusedLoadError, match="HTTP 401"):
                await load_file(visitor, regions)
