"""HTTP for regions."""

from httpx import AsyncClient


class TestListRegions:
    async def test_counts_the_districts_as_published(self, reads: AsyncClient) -> None:
        found = (await reads.get("/v1/regions", params={"scheme": "district"})).json()["items"]

        sizes = {one["code"]: len(one["municipalities"]) for one in found}
        assert sizes == {
            "district-prishtina": 8,
            "district-mitrovica": 7,
            "district-gjilan": 6,
            "district-ferizaj": 5,
            "district-prizren": 5,
            "district-gjakova": 4,
            "district-peja": 3,
        }
        assert len({slug for one in found for slug in one["municipalities"]}) == 38

    async def test_knows_the_centres_and_not_who_belongs_to_them(self, reads: AsyncClient) -> None:
        found = (await reads.get("/v1/regions", params={"scheme": "osce-centre"})).json()["items"]

        assert {(one["source"], one["locator"]) for one in found} == {("s3", "L21")}
        assert [one["municipalities"] for one in found] == [[]] * 5

    async def test_leaves_out_what_did_not_exist(self, reads: AsyncClient) -> None:
        found = (await reads.get("/v1/regions", params={"as_of": "2000-06-01"})).json()["items"]

        assert sum(len(one["municipalities"]) for one in found) == 30
        assert len(found) == 12

    async def test_says_in_which_language_a_region_is_called(self, reads: AsyncClient) -> None:
        query = {"scheme": "district", "lang": "sr-Cyrl"}

        found = (await reads.get("/v1/regions", params=query)).json()["items"]

        assert (found[0]["label"], found[0]["label_language"]) == ("Урошевац", "sr-Cyrl")
