"""HTTP for sources."""

from httpx import AsyncClient


class TestListSources:
    async def test_lists_the_reports_komuna_was_conceived_from(self, reads: AsyncClient) -> None:
        found = (await reads.get("/v1/sources")).json()["items"]

        primary = {one["code"] for one in found if one["standing"] == "primary"}
        assert primary == {"s0", "s1", "s2", "s3", "s4"}


class TestGetSource:
    async def test_keeps_the_precision_of_its_date(self, reads: AsyncClient) -> None:
        found = (await reads.get("/v1/sources/s1")).json()

        assert (found["published_on"], found["licence"]) == ("2022-12", None)

    async def test_does_not_know_another(self, reads: AsyncClient) -> None:
        assert (await reads.get("/v1/sources/s9")).status_code == 404
