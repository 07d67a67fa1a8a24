"""Walks of a referral by two institutions and an outsider, each step held against a small model."""

import itertools
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from komuna_referrals.referrals.rules import FINAL, SEALED, STEPS, TAKEN, Actor, State
from tests.databases import ServiceDatabase
from tests.referrals.conftest import as_owner
from tests.referrals.team import Team, agreed

SIDES = {"thbd": Actor.SENDER, "isf": Actor.RECEIVER}
SAID: dict[State, dict[str, Any]] = {
    State.ACCEPTED: agreed(),
    State.COMPLETED: {"outcome": "unknown", "needs_met": []},
    State.DECLINED: {"reason": "no_capacity"},
    State.ENTERED_IN_ERROR: {"reason": "other"},
    State.FAILED: {"reason": "other"},
    State.INFO_REQUESTED: {"questions": ["languages"]},
    State.ON_HOLD: {"reason": "other"},
    State.REDIRECTED: {"reason": "other"},
    State.WITHDRAWN: {"reason": "other"},
}
HIDDEN = {State.DRAFT, State.CONSENT_PENDING, State.WITHDRAWN, State.ENTERED_IN_ERROR}


class Model:
    """What must be true of one referral, told in a few lines."""

    def __init__(self) -> None:
        self.state = State.DRAFT

    def sees(self, institution: str) -> bool:
        """The sender always; the receiver from the sending on; the outsider never."""
        if institution == "isf":
            return self.state not in HIDDEN
        return institution == "thbd"

    def move(self, institution: str, target: State) -> int:
        """Return the status that is right, and go there if that is success."""
        if not self.sees(institution):
            return 404
        side = SIDES[institution]
        if target is State.ENTERED_IN_ERROR and self.state is not State.ENTERED_IN_ERROR:
            # In this cast the sender's only person is the supervisor too.
            status = 201 if side is Actor.SENDER else 403
        else:
            makers = {by for start, end, by in STEPS if (start, end) == (self.state, target)}
            status = 409 if not makers else 201 if side in makers else 403
        if status == 201:
            self.state = target
        return status


forward = [
    ("thbd", State.CONSENT_PENDING),
    ("thbd", State.SENT),
    ("isf", State.DELIVERED),
    ("isf", State.ACCEPTED),
    ("isf", State.IN_PROGRESS),
]
anything = st.tuples(st.sampled_from(["thbd", "isf", "pvpt"]), st.sampled_from(sorted(State)))
# A good beginning of any length, so that walks get somewhere; then whatever comes.
walks = st.tuples(
    st.integers(0, len(forward)), st.lists(anything | st.sampled_from(forward), max_size=6)
).map(lambda drawn: forward[: drawn[0]] + drawn[1])


async def step(team: Team, which: str, institution: str, target: State, source: State) -> int:
    said = dict(SAID.get(target, {}))
    if (source, target) == (State.INFO_REQUESTED, State.DELIVERED):
        said = {"needs": []}
    path = f"/referrals/{which}/transitions"
    moved = await team.post(institution, path, {"to": target, **said}, if_match="*")
    return moved.status_code


async def check(team: Team, model: Model, case: str, which: str) -> None:
    for institution in ("thbd", "isf", "pvpt"):
        found = await team.get(institution, f"/referrals/{which}")
        assert (found.status_code == 200) == model.sees(institution)
        if found.status_code == 200:
            assert found.json()["state"] == model.state
            assert (found.json()["view"] == "referral") == (
                institution == "thbd" or model.state in TAKEN
            )
    person = await team.get("isf", f"/cases/{case}/person")
    assert (person.status_code == 200) == (model.state in TAKEN)
    assert (await team.get("pvpt", f"/cases/{case}/person")).status_code == 404


class TestWalks:
    @settings(
        max_examples=20,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )
    @given(walked=walks)
    async def test_agree_with_the_model(
        self, team: Team, database: ServiceDatabase, walked: list[tuple[str, State]]
    ) -> None:
        case = await team.open_case()
        await team.consent(case)
        which = await team.draft(case)
        model = Model()

        for institution, target in walked:
            source = model.state
            done = await step(team, which, institution, target, source)
            assert done == model.move(institution, target), (institution, source, target)

        await check(team, model, case, which)
        async with as_owner(database) as owner:
            trail = await owner.fetch(
                "select target from referral_event where referral_id = $1 order by version",
                UUID(which),
            )
        # Replayed, the events give the state; an end is left by a supervisor's word alone.
        gone_through = [State(row["target"]) for row in trail]
        assert gone_through[-1] == model.state
        assert all(
            after is State.ENTERED_IN_ERROR
            for before, after in itertools.pairwise(gone_through)
            if before in FINAL
        )


def test_the_model_knows_every_state() -> None:
    assert SEALED | TAKEN | FINAL | {State.DRAFT, State.CONSENT_PENDING} == set(State)
