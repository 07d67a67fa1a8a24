"""How many calls may be under way to one upstream, and whether it is asked at all."""

import pytest

from komuna_gateway.gate import ENOUGH, PAUSE_SECONDS, Gate, UpstreamBusyError, UpstreamDownError


def call(gate: Gate, now: float, *, failed: bool | None) -> bool:
    is_probe = gate.enter(now)
    gate.leave(now, is_probe=is_probe, failed=failed)
    return is_probe


def shut(gate: Gate) -> None:
    for _ in range(ENOUGH):
        call(gate, 0.0, failed=True)


class TestGate:
    def test_has_only_so_many_places(self) -> None:
        gate = Gate(2)
        gate.enter(0)
        gate.enter(0)

        with pytest.raises(UpstreamBusyError):
            gate.enter(0)

        gate.leave(0, is_probe=False, failed=False)
        assert gate.enter(0) is False

    def test_stays_open_below_half_of_failures(self) -> None:
        gate = Gate(9)
        for count in range(40):
            call(gate, 0, failed=count % 5 in {1, 3})

        assert not gate.is_shut

    def test_shuts_when_half_of_the_last_calls_failed(self) -> None:
        gate = Gate(9)
        shut(gate)

        with pytest.raises(UpstreamDownError):
            gate.enter(PAUSE_SECONDS - 0.1)

    def test_forgives_what_the_caller_did(self) -> None:
        gate = Gate(9)
        for _ in range(40):
            call(gate, 0, failed=None)

        assert not gate.is_shut

    def test_lets_one_call_try_after_the_pause(self) -> None:
        gate = Gate(9)
        shut(gate)

        assert gate.enter(PAUSE_SECONDS) is True
        with pytest.raises(UpstreamDownError):
            gate.enter(PAUSE_SECONDS)

        gate.leave(PAUSE_SECONDS, is_probe=True, failed=False)
        assert gate.enter(PAUSE_SECONDS) is False

    def test_pauses_again_when_the_try_failed(self) -> None:
        gate = Gate(9)
        shut(gate)
        call(gate, PAUSE_SECONDS, failed=True)

        with pytest.raises(UpstreamDownError):
            gate.enter(PAUSE_SECONDS + 0.1)

        assert call(gate, 2 * PAUSE_SECONDS, failed=False) is True

    def test_ignores_late_results_while_it_is_shut(self) -> None:
        gate = Gate(20)
        late = gate.enter(0)
        shut(gate)
        gate.leave(0, is_probe=late, failed=False)

        assert gate.is_shut
        assert gate.inside == 0
