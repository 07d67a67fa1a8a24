"""The life of a referral, held against the machine it was designed by and FHIR's own."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from komuna_referrals.referrals import rules
from komuna_referrals.referrals.rules import Actor, State
from komuna_shared.errors import ServiceError
from tests.databases import ServiceDatabase
from tests.lints import ROOT

SHARED = ROOT.parent / "shared"
MACHINE = SHARED / "data" / "referrals-statemachine.json"
CODES = SHARED / "data" / "referrals-codelists.json"
CONFORMANCE = SHARED / "conformance" / "fhir-sdoh-referral"
FHIR: dict[str, Any] = json.loads(Path(__file__).with_name("fhir.json").read_text("utf-8"))
PROJECTED = {
    State.DRAFT: "draft",
    State.CONSENT_PENDING: "draft",
    State.SENT: "requested",
    State.DELIVERED: "requested",
    State.INFO_REQUESTED: "requested",
    State.ACCEPTED: "accepted",
    State.IN_PROGRESS: "in-progress",
    State.ON_HOLD: "on-hold",
    State.COMPLETED: "completed",
    State.FAILED: "failed",
    State.DECLINED: "rejected",
    State.WITHDRAWN: "cancelled",
    State.EXPIRED: "cancelled",
    State.REDIRECTED: "cancelled",
    State.ENTERED_IN_ERROR: "entered-in-error",
}
SETTERS = {Actor.SENDER: "requester", Actor.SYSTEM: "requester", Actor.RECEIVER: "target"}
ALLOWED = {tuple(one) for one in FHIR["transitions"]}


def next_steps(source: State) -> list[tuple[State, Actor]]:
    """Return every step out of a state, the supervisor's too, in a fixed order."""
    found = {(target, actor) for start, target, actor in rules.STEPS if start is source}
    if source is not State.ENTERED_IN_ERROR:
        found.add((State.ENTERED_IN_ERROR, Actor.SENDER))
    return sorted(found)


@st.composite
def walks(draw: st.DrawFn) -> list[tuple[State, State, Actor]]:
    at, walked = State.DRAFT, []
    for _ in range(draw(st.integers(1, 12))):
        steps = next_steps(at)
        if not steps:
            break
        target, actor = draw(st.sampled_from(steps))
        walked.append((at, target, actor))
        at = target
    return walked


class TestSteps:
    @pytest.mark.skipif(not MACHINE.exists(), reason="the studies are not beside the project")
    def test_are_those_of_the_designed_machine(self) -> None:
        machine = json.loads(MACHINE.read_text("utf-8"))
        # The person speaks through whoever sent the referral.
        actors = {"sender_or_person": "sender"}

        assert {
            (one["source"], one["target"], actors.get(one["by"], one["by"]))
            for one in machine["transitions"]
        } == rules.STEPS
        assert {state.value: name for state, name in PROJECTED.items()} == machine["states"]
        assert {one.value for one in rules.FINAL} == set(machine["final"])

    @pytest.mark.skipif(not CONFORMANCE.exists(), reason="the fixtures are not beside the project")
    def test_are_held_against_fhirs_own(self) -> None:
        file = CONFORMANCE / "referral-task-transitions.derived.json"
        derived = json.loads(file.read_text("utf-8"))

        for part in ("set_by", "final", "reason_text_required", "transitions"):
            assert derived[part] == FHIR[part]

    async def test_are_the_same_in_the_database(self, database: ServiceDatabase) -> None:
        rows = await database.fetch("select source, target, actor from referral_step")

        assert {tuple(row) for row in rows} == rules.STEPS

    @given(walks())
    def test_walk_where_fhir_walks(self, walked: list[tuple[State, State, Actor]]) -> None:
        for source, target, actor in walked:
            before, after = PROJECTED[source], PROJECTED[target]
            if before != after:
                assert (before, after) in ALLOWED or ("*", after) in ALLOWED
                assert SETTERS[actor] in FHIR["set_by"][after]
            if after in FHIR["reason_text_required"] and target is not State.EXPIRED:
                assert "reason" in rules.REQUIRED[target]

    @pytest.mark.parametrize("source", sorted(rules.FINAL))
    @pytest.mark.parametrize("actor", [Actor.SENDER, Actor.RECEIVER])
    def test_lead_nowhere_from_an_end(self, source: State, actor: Actor) -> None:
        for target in set(State) - {State.ENTERED_IN_ERROR}:
            with pytest.raises(rules.NoSuchStepError):
                rules.check_step(source, target, actor, {"supervisor"})

    def test_ends_are_fhirs_ends(self) -> None:
        assert {PROJECTED[one] for one in rules.FINAL} == set(FHIR["final"])


class TestCheckStep:
    @pytest.mark.parametrize(
        ("source", "target", "actor", "roles"),
        [
            (State.DELIVERED, State.ACCEPTED, Actor.SENDER, {"case_owner"}),
            (State.CONSENT_PENDING, State.SENT, Actor.RECEIVER, {"shelter_intake"}),
            (State.SENT, State.EXPIRED, Actor.SENDER, {"supervisor"}),
            (State.SENT, State.ENTERED_IN_ERROR, Actor.SENDER, {"investigator"}),
            (State.SENT, State.ENTERED_IN_ERROR, Actor.RECEIVER, {"supervisor"}),
        ],
    )
    def test_refuses_the_wrong_side(
        self, source: State, target: State, actor: Actor, roles: set[str]
    ) -> None:
        with pytest.raises(rules.NotYourStepError):
            rules.check_step(source, target, actor, roles)

    def test_lets_the_supervisor_call_an_end_an_error(self) -> None:
        rules.check_step(State.COMPLETED, State.ENTERED_IN_ERROR, Actor.SENDER, {"supervisor"})


class TestCheckDetails:
    @given(
        st.sampled_from(sorted(State)),
        st.sets(st.sampled_from(["reason", "questions", "needs", "outcome", "meet_at"])),
    )
    def test_takes_exactly_what_the_step_needs(self, target: State, said: set[str]) -> None:
        needed = rules.REQUIRED.get(target, frozenset())
        try:
            rules.check_details(State.SENT, target, said, None)
        except ServiceError:
            assert said != needed
        else:
            assert said == needed

    def test_knows_reasons_of_each_side(self) -> None:
        rules.check_details(State.SENT, State.DECLINED, {"reason"}, "no_capacity")
        rules.check_details(State.SENT, State.WITHDRAWN, {"reason"}, "need_ended")
        with pytest.raises(rules.DetailsError):
            rules.check_details(State.SENT, State.DECLINED, {"reason"}, "need_ended")
        with pytest.raises(rules.DetailsError):
            rules.check_details(State.SENT, State.WITHDRAWN, {"reason"}, "no_capacity")


@pytest.mark.skipif(not CODES.exists(), reason="the studies are not beside the project")
@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("referral.decline_reason", rules.RefusalReason),
        ("referral.withdraw_reason", rules.WithdrawalReason),
        ("referral.outcome", rules.Outcome),
        ("referral.handover_mode", rules.Handover),
        ("referral.priority", rules.Priority),
    ],
)
def test_codes_are_those_of_the_lists(name: str, known: type[rules.State]) -> None:
    listed = json.loads(CODES.read_text("utf-8"))["lists"][name]["values"]

    assert {one.value for one in known} == set(listed)
