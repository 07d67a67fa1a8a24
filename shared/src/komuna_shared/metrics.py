"""What is counted of requests: route template, method, and status, never a value."""

from typing import Any

from prometheus_client import CollectorRegistry, Histogram, generate_latest

BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Metrics:
    """The figures of one process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Histogram(
            "komuna_request_seconds",
            "Seconds from the first byte of a request to the last of its answer.",
            ("route", "method", "status"),
            buckets=BUCKETS,
            registry=self.registry,
        )
        # Looking a labelled child up costs more than observing it.
        self._children: dict[tuple[str, str, int], Any] = {}

    def observe(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count one answered request."""
        key = (route, method, status)
        child = self._children.get(key)
        if child is None:
            child = self._children[key] = self._requests.labels(route, method, str(status))
        child.observe(seconds)

    def render(self) -> bytes:
        """Return all figures in the Prometheus text format."""
        return generate_latest(self.registry)
