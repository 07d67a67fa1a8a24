"""The document of the registry."""

import re

from httpx import AsyncClient

VERBS = (
    r"^(list|get|search|resolve|compute|grant|revoke|create|update|close|delete|cancel)"
    r"[A-Z]\w+$"
)


class TestDocument:
    async def test_names_each_operation_by_a_verb_and_a_noun_and_says_who_may_call_it(
        self, reads: AsyncClient
    ) -> None:
        document = (await reads.get("/openapi.json")).json()

        for path, methods in document["paths"].items():
            for operation in methods.values():
                assert re.match(VERBS, operation["operationId"]), path
                said = operation["description"].lower()
                is_public = operation["security"] == []
                own = re.search(r"/(imports|exports|changes)", path)
                assert ("public" in said if is_public else "for " in said) or own, path

    async def test_has_an_example_of_what_lists_show(self, reads: AsyncClient) -> None:
        schemas = (await reads.get("/openapi.json")).json()["components"]["schemas"]

        for name in (
            "MunicipalityOut",
            "SourceOut",
            "InstitutionOut",
            "InstitutionChangeIn",
            "ClosureIn",
            "RegionEntryOut",
            "SettlementOut",
            "LanguagesOut",
            "OwingOut",
            "PopoloOut",
            "OfficeOut",
            "KindOut",
            "MunicipalityStateOut",
            "AssignmentOut",
            "AssignmentIn",
            "ResolutionsIn",
            "ServiceOut",
            "NoticeIn",
        ):
            assert schemas[name]["examples"], name
