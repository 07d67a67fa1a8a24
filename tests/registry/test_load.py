"""The files of the loader, loaded."""

import csv

from httpx import AsyncClient

from komuna_deploy.loader.manifest import read_manifests
from tests.databases import ServiceDatabase
from tests.registry.conftest import Headers, Import


class TestLoad:
    async def test_stores_each_row_of_each_file_once(self, loaded: ServiceDatabase) -> None:
        counted = {
            "municipalities": "municipality",
            "municipality_aliases": "municipality_alias",
            "municipality_codes": "municipality_code",
            "municipality_populations": "municipality_population",
            "institution_names": "institution_name",
            "settlements": "settlement",
            "language_rules": "language_rule",
            "tenures": "tenure",
            "services": "service",
            "service_licenses": "service_license",
            "service_areas": "service_area",
            "mechanism_statements": "mechanism_statement",
            "assignments": "assignment where source = 'Demonstration'",
        }
        files = {load.collection: load.path for load in read_manifests(services=["registry"])}

        for collection, table in counted.items():
            with files[collection].open(encoding="utf-8", newline="") as file:
                rows = sum(1 for _ in csv.DictReader(file))
            [stored] = await loaded.fetch(f"select count(*) from {table}")  # noqa: S608
            assert stored[0] == rows, collection

    async def test_changes_nothing_when_it_runs_again(
        self, bring_in: Import, ops: Headers, client: AsyncClient
    ) -> None:
        for load in read_manifests(services=["registry"]):
            done = await bring_in(load.collection, load.path.read_bytes(), ops, media=load.media)
            assert done["state"] == "succeeded"
            assert done["counts"]["created"] == done["counts"]["updated"] == 0, load.name

        feed = await client.get("/v1/changes", params={"limit": 200})
        assert all(one["version"] >= 1 for one in feed.json()["items"])
