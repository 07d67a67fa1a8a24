"""Who may know that a service exists."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from komuna_registry.accounts.rules import Role
from komuna_registry.directory.rules import Audience, audiences_of


class TestAudiencesOf:
    @pytest.mark.parametrize(
        ("roles", "highest"),
        [
            ((), Audience.PUBLIC),
            ((Role.FRONTEND,), Audience.REGISTERED_INSTITUTION),
            ((Role.MUNICIPAL_OFFICER, Role.ANALYST), Audience.REGISTERED_INSTITUTION),
            ((Role.ANALYST, Role.ADVOCATE), Audience.NRM_MEMBER),
            ((Role.SHELTER_INTAKE,), Audience.NRM_MEMBER),
            ((Role.OPS,), Audience.NRM_MEMBER),
        ],
    )
    def test_follows_the_roles(self, roles: tuple[Role, ...], highest: Audience) -> None:
        tiers = list(Audience)

        assert audiences_of(roles) == frozenset(tiers[: tiers.index(highest) + 1])

    @given(st.sets(st.sampled_from(Role)), st.sets(st.sampled_from(Role)))
    def test_never_shows_less_for_another_role(self, some: set[Role], more: set[Role]) -> None:
        assert audiences_of(some) <= audiences_of(some | more)
        assert Audience.PUBLIC in audiences_of(some)
