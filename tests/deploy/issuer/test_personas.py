"""Who can be played, and what for."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from komuna_deploy.errors import Exit, UsageError
from komuna_deploy.issuer import clients, personas

_ROOT = Path(__file__).resolve().parents[3]


_SCOPE = re.compile(r"(ops|(registry|indicators|referrals|service)\.[a-z_]+)\.[a-z_]+")
_VERBS = ("read", "write")


def _declared_scopes() -> Iterator[str]:
    """Yield every scope that the sources of a service or of the shared library name."""
    for folder in ("services", "shared", "gateway"):
        for source in (_ROOT / folder).glob("**/src/**/*.py"):
            for node in ast.walk(ast.parse(source.read_text())):
                text = node.value if isinstance(node, ast.Constant) else None
                if isinstance(text, str) and _SCOPE.fullmatch(text) and text.endswith(_VERBS):
                    yield text


class TestFindRole:
    @pytest.mark.parametrize("name", ["case_owner", "case-owner", "Case-Owner", " case_owner "])
    def test_is_generous_with_the_spelling(self, name: str) -> None:
        assert personas.find_role(name).name == "case_owner"

    def test_lists_the_roles_for_an_unknown_one(self) -> None:
        with pytest.raises(UsageError) as refused:
            personas.find_role("king")
        assert "municipal_officer" in refused.value.advice
        assert refused.value.code is Exit.USAGE


class TestCheckKnown:
    def test_lists_the_places_for_an_unknown_one(self) -> None:
        role = personas.ROLES["municipal_officer"]
        with pytest.raises(UsageError) as refused:
            personas.check_known("persona:municipal_officer:nowhere", role)
        assert "gjakove" in refused.value.advice

    def test_knows_every_role_without_a_place(self) -> None:
        for role in personas.ROLES.values():
            if role.name != "ops":
                personas.check_known(f"persona:{role.name}", role)


class TestScopes:
    def test_of_every_route_are_held_by_someone(self) -> None:
        held = {scope for role in personas.ROLES.values() for scope in role.scopes}
        held |= {scope for scopes in clients.SERVICE_SCOPES.values() for scope in scopes}
        declared = set(_declared_scopes())
        assert "registry.me.read" in declared
        assert declared - held == set()

    def test_of_people_are_never_those_of_services(self) -> None:
        held = {scope for role in personas.ROLES.values() for scope in role.scopes}
        assert not [scope for scope in held if scope.startswith("service.")]
