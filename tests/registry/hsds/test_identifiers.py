"""The identifiers of HSDS: those that the database stamps are those that anybody computes."""

from uuid import uuid3

from komuna_registry.directory.rules import Eligibility, ServiceType
from komuna_registry.hsds.identifiers import NAMESPACE, identify
from komuna_registry.hsds.rules import TAKES, TERMS, TYPES, get_term, types_below
from tests.databases import ServiceDatabase


class TestIdentify:
    async def test_agrees_with_the_database(self, read_only: ServiceDatabase) -> None:
        rows = await read_only.fetch("select code, public_id from service")

        assert rows
        assert all(one["public_id"] == identify("service", one["code"]) for one in rows)

    def test_is_what_a_client_computes(self) -> None:
        assert identify("institution", "vaao") == uuid3(NAMESPACE, "institution:vaao")


class TestTerms:
    def test_are_there_for_every_code(self) -> None:
        assert all(get_term(TYPES, one.value).code == one.value for one in ServiceType)
        assert all(get_term(TAKES, one.value).code == one.value for one in Eligibility)

    def test_of_a_group_mean_all_below(self) -> None:
        groups = [one for one in TERMS.values() if one.taxonomy.code == TYPES and not one.parent]

        assert sorted(kind for group in groups for kind in types_below(group)) == sorted(
            ServiceType
        )
