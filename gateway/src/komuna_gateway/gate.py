"""How many calls may be under way to one upstream, and whether it is asked at all."""

from collections import deque

from komuna_shared.errors import UnavailableError

REMEMBERED = 20
ENOUGH = 10
PAUSE_SECONDS = 2.0


class UpstreamBusyError(UnavailableError):
    """As many requests as may be are under way to this service."""

    code = "upstream_busy"
    detail = "This service has as many requests under way as it takes. Try again in a moment."


class UpstreamDownError(UnavailableError):
    """The service failed too often of late and is left alone for a moment."""

    code = "upstream_down"
    detail = "This service does not answer at the moment. Try again in a moment."


class Gate:
    """The places of one upstream, and its last results."""

    def __init__(self, places: int) -> None:
        self.places = places
        self.inside = 0
        self._failures: deque[bool] = deque(maxlen=REMEMBERED)
        self._paused_until: float | None = None
        self._is_probed = False

    @property
    def is_shut(self) -> bool:
        """Tell whether the service is being left alone."""
        return self._paused_until is not None

    def enter(self, now: float) -> bool:
        """Take a place, or raise; true for the one request that tries whether a service is back."""
        if self._paused_until is not None and (now < self._paused_until or self._is_probed):
            raise UpstreamDownError
        if self.inside >= self.places:
            raise UpstreamBusyError(retry_after=1)
        self.inside += 1
        self._is_probed = self._paused_until is not None
        return self._is_probed

    def leave(self, now: float, *, is_probe: bool, failed: bool | None) -> None:
        """Give the place back; `failed` is None where the service is not to blame or praise."""
        self.inside -= 1
        if is_probe:
            self._is_probed = False
            self._failures.clear()
            self._paused_until = now + PAUSE_SECONDS if failed is not False else None
        elif failed is not None and self._paused_until is None:
            self._failures.append(failed)
            if failed and self._mostly_fails():
                self._paused_until = now + PAUSE_SECONDS

    def _mostly_fails(self) -> bool:
        return len(self._failures) >= ENOUGH and 2 * sum(self._failures) >= len(self._failures)
