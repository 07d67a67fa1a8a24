"""Turns about, on fixed cores, with an eye on what else the machine does."""

import resource
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import psutil

ROUNDS = 3
# After so many rounds what is there has to do.
MOST_ROUNDS = 8
FOREIGN = 0.08


@dataclass(frozen=True, slots=True)
class Variant:
    """One thing to measure: how to run it once, and which process does the work."""

    run: Callable[[], Mapping[str, float]]
    process: psutil.Process
    # Others that work for this measurement and are no disturbance.
    helpers: Sequence[psutil.Process] = ()


@dataclass(slots=True)
class Samples:
    """All clean samples of one variant."""

    figures: list[Mapping[str, float]] = field(default_factory=list)

    def median(self, name: str) -> float:
        """Return the median of one figure."""
        return statistics.median(one[name] for one in self.figures)


@dataclass(slots=True)
class Measured:
    """What turns about gave."""

    samples: dict[str, Samples]
    rounds: int
    dropped: int

    def median(self, variant: str, figure: str) -> float:
        """Return the median of one figure of one variant."""
        return self.samples[variant].median(figure)

    def ratio(self, figure: str, ours: str, peer: str) -> float:
        """Return ours over the peer's."""
        return self.median(ours, figure) / self.median(peer, figure)


def alternate(variants: Mapping[str, Variant]) -> Measured:
    """Run every variant in turn, at least three clean rounds; noisy samples do not count."""
    samples = {name: Samples() for name in variants}
    noisy: dict[str, list[tuple[float, Mapping[str, float]]]] = {name: [] for name in variants}
    rounds = dropped = 0
    while rounds < MOST_ROUNDS and any(len(one.figures) < ROUNDS for one in samples.values()):
        rounds += 1
        for name, variant in variants.items():
            foreign, figures = _sample(variant)
            if foreign < FOREIGN:
                samples[name].figures.append(figures)
            else:
                dropped += 1
                noisy[name].append((foreign, figures))
    for name, one in samples.items():
        # A machine that is never quiet still gives CPU times; the least disturbed samples serve.
        missing = ROUNDS - len(one.figures)
        if missing > 0:
            least = sorted(noisy[name], key=lambda pair: pair[0])[:missing]
            one.figures.extend(figures for _, figures in least)
    return Measured(samples, rounds, dropped)


def _sample(variant: Variant) -> tuple[float, Mapping[str, float]]:
    ours = [variant.process, *variant.helpers, psutil.Process()]
    started, busy, used = time.monotonic(), _busy(), sum(map(_used, ours))
    children, worked = _children(), _used(variant.process)
    figures = dict(variant.run())
    seconds = time.monotonic() - started
    own = sum(map(_used, ours)) - used + _children() - children
    foreign = max(0.0, _busy() - busy - own) / seconds / (psutil.cpu_count() or 1)
    figures["cpu_us"] = (_used(variant.process) - worked) * 1e6 / figures["requests"]
    return foreign, figures


def _busy() -> float:
    times = psutil.cpu_times()
    return float(times.user + times.nice + times.system + times.irq + times.softirq + times.steal)


def _used(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        # One of the database's own that has ended; its work counts as a disturbance.
        return 0.0
    return float(times.user + times.system)


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
