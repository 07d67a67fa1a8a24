"""Who may grant what, where."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from komuna_registry.accounts.rules import Role
from komuna_registry.assignments.rules import (
    AssignmentPeriodError,
    Held,
    NotGrantableError,
    Place,
    PlaceError,
    check_grant,
    check_period,
    check_place,
)
from komuna_registry.institutions.rules import InstitutionKind

HERE, THERE = Place(municipality="prishtine"), Place(municipality="peje")
POLICE, SHELTER = Place(institution="kosovo-police"), Place(institution="isf")
PLACES = st.builds(
    Place, st.sampled_from([None, "a", "b"]), st.sampled_from([None, "prishtine", "peje"])
)


class TestCheckPlace:
    @pytest.mark.parametrize(
        ("role", "place"),
        [
            (Role.MUNICIPAL_OFFICER, Place()),
            (Role.MUNICIPAL_OFFICER, Place("a", "peje")),
            (Role.INVESTIGATOR, Place()),
            (Role.INVESTIGATOR, HERE),
            (Role.OPS, HERE),
        ],
    )
    def test_refuses_a_place_where_the_role_is_not_held(self, role: Role, place: Place) -> None:
        with pytest.raises(PlaceError):
            check_place(role, place)

    @pytest.mark.parametrize(
        ("role", "place"),
        [(Role.MUNICIPAL_ADMIN, HERE), (Role.INVESTIGATOR, POLICE), (Role.OPS, Place())],
    )
    def test_accepts_the_others(self, role: Role, place: Place) -> None:
        check_place(role, place)


class TestCheckPeriod:
    def test_refuses_an_end_that_is_not_after_the_beginning(self) -> None:
        with pytest.raises(AssignmentPeriodError):
            check_period(date(2026, 1, 1), date(2026, 1, 1))


class TestCheckGrant:
    @pytest.mark.parametrize(
        ("held", "role", "place", "kind"),
        [
            (Held(Role.OPS, Place()), Role.COORDINATOR, POLICE, InstitutionKind.POLICE),
            (Held(Role.MUNICIPAL_ADMIN, HERE), Role.MUNICIPAL_OFFICER, HERE, None),
            (
                Held(Role.INSTITUTION_ADMIN, POLICE),
                Role.INVESTIGATOR,
                POLICE,
                InstitutionKind.POLICE,
            ),
            (
                Held(Role.INSTITUTION_ADMIN, SHELTER),
                Role.INSTITUTION_REPORTER,
                SHELTER,
                InstitutionKind.SHELTER,
            ),
        ],
    )
    def test_allows_what_the_table_says(
        self, held: Held, role: Role, place: Place, kind: InstitutionKind | None
    ) -> None:
        check_grant([held], role, place, kind=kind)

    @pytest.mark.parametrize(
        ("held", "role", "place", "kind"),
        [
            (Held(Role.MUNICIPAL_ADMIN, HERE), Role.MUNICIPAL_OFFICER, THERE, None),
            (Held(Role.MUNICIPAL_ADMIN, HERE), Role.ANALYST, HERE, None),
            (Held(Role.MUNICIPAL_OFFICER, HERE), Role.MUNICIPAL_OFFICER, HERE, None),
            (
                Held(Role.INSTITUTION_ADMIN, POLICE),
                Role.SHELTER_INTAKE,
                POLICE,
                InstitutionKind.POLICE,
            ),
            (
                Held(Role.INSTITUTION_ADMIN, POLICE),
                Role.SHELTER_INTAKE,
                SHELTER,
                InstitutionKind.SHELTER,
            ),
        ],
    )
    def test_refuses_the_rest(
        self, held: Held, role: Role, place: Place, kind: InstitutionKind | None
    ) -> None:
        with pytest.raises(NotGrantableError):
            check_grant([held], role, place, kind=kind)

    @given(
        st.sampled_from([role for role in Role if role is not Role.OPS]),
        PLACES,
        st.sampled_from(Role),
        PLACES,
        st.sampled_from([None, *InstitutionKind]),
    )
    def test_never_reaches_beyond_the_own_place(
        self, held: Role, own: Place, role: Role, place: Place, kind: InstitutionKind | None
    ) -> None:
        try:
            check_grant([Held(held, own)], role, place, kind=kind)
        except NotGrantableError:
            return

        same_town = own.municipality is not None and own.municipality == place.municipality
        same_house = own.institution is not None and own.institution == place.institution
        assert same_town or same_house or (own.municipality is None and place.municipality is None)
        assert role not in {Role.OPS, Role.COORDINATOR, Role.AUDITOR, Role.DPO}
