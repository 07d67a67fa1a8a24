"""How often a caller may ask: a sliding window of a minute per identity."""

from contextlib import suppress
from dataclasses import dataclass
from ipaddress import IPv6Address, IPv6Network
from math import ceil, floor
from time import time
from typing import Protocol

from limits.errors import StorageError

from komuna_shared.access import Principal
from komuna_shared.errors import TooManyRequestsError

PERIOD = 60
MOST_KEYS = 100_000


class QuotaError(TooManyRequestsError):
    """The caller has used up what a minute allows."""

    code = "quota_exceeded"
    detail = "You have used up your requests for now. The `RateLimit-Policy` header says how many."


class Policy:
    """How many requests a minute one kind of caller may make."""

    def __init__(self, name: str, requests: int) -> None:
        self.name = name
        self.requests = requests
        self.header = f'"{name}";q={requests};w={PERIOD}'.encode()


class AtOnceError(TooManyRequestsError):
    """The caller has too many requests under way."""

    code = "too_many_at_once"
    detail = "You have too many requests under way at once. Wait until some are answered."


@dataclass(slots=True)
class Spent:
    """What is left of a caller's quota after one request."""

    policy: Policy
    key: str
    remaining: int
    seconds: int

    def headers(self) -> list[tuple[bytes, bytes]]:
        """Return the policy and what is left of it as headers."""
        left = f'"{self.policy.name}";r={self.remaining};t={self.seconds}'
        return [(b"ratelimit-policy", self.policy.header), (b"ratelimit", left.encode())]


class Windows(Protocol):
    """The counters; those of `limits` have the same methods."""

    async def acquire_sliding_window_entry(
        self, key: str, limit: int, expiry: int, amount: int = 1
    ) -> bool:
        """Count `amount` more unless that passes the limit."""

    async def get_sliding_window(self, key: str, expiry: int) -> tuple[int, float, int, float]:
        """Return count and seconds left of the last window and of this one."""


class MemoryWindows:
    """The counters of this process.

    Those of `limits` look at every key again at every request: ten thousand addresses would slow
    each other down. Here a minute is one dictionary, thrown away as a whole.
    """

    def __init__(self) -> None:
        self._minute = 0
        self._last: dict[str, int] = {}
        self._this: dict[str, int] = {}

    async def acquire_sliding_window_entry(
        self, key: str, limit: int, expiry: int, amount: int = 1
    ) -> bool:
        """Count `amount` more unless that passes the limit."""
        return self.take(key, limit, expiry, amount)

    def take(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """Do what `acquire_sliding_window_entry` does."""
        previous, left, current, _ = self.look(key, expiry)
        if current == 0 and key and len(self._this) >= MOST_KEYS:
            # A flood of addresses shares one counter rather than all memory.
            return self.take("", limit, expiry, amount)
        if floor(previous * left / expiry) + current + amount > limit:
            return False
        self._this[key] = max(0, current + amount)
        return True

    async def get_sliding_window(self, key: str, expiry: int) -> tuple[int, float, int, float]:
        """Return count and seconds left of the last window and of this one."""
        return self.look(key, expiry)

    def look(self, key: str, expiry: int) -> tuple[int, float, int, float]:
        """Do what `get_sliding_window` does."""
        minute, into = divmod(time(), expiry)
        if minute != self._minute:
            self._last = self._this if minute == self._minute + 1 else {}
            self._this, self._minute = {}, int(minute)
        left = expiry - into
        return self._last.get(key, 0), left, self._this.get(key, 0), left + expiry


class Quotas:
    """The quotas of all callers."""

    def __init__(
        self, windows: Windows, *, verified: int, address: int, open_body: int, at_once: int = 64
    ) -> None:
        self.verified = Policy("caller", verified)
        self.address = Policy("address", address)
        self.open_body = Policy("open-body", open_body)
        self.at_once = at_once
        self._under_way: dict[str, int] = {}
        self._windows = windows
        self._local = MemoryWindows()

    async def spend(self, policy: Policy, key: str) -> Spent:
        """Count one request; `remaining` is -1 when it was one too many."""
        key = f"{policy.name} {key}"
        try:
            return await _spend(self._windows, policy, key, policy.requests)
        except StorageError:
            # Without the shared counters each process counts alone, and more strictly.
            return await _spend(self._local, policy, key, policy.requests // 2)

    def begin(self, spent: Spent) -> None:
        """Take one of the caller's places: a service's places are not for one caller alone."""
        under_way = self._under_way.get(spent.key, 0)
        if under_way >= self.at_once:
            raise AtOnceError
        self._under_way[spent.key] = under_way + 1

    def end(self, spent: Spent) -> None:
        """Give the place back."""
        under_way = self._under_way.pop(spent.key) - 1
        if under_way:
            self._under_way[spent.key] = under_way

    async def give_back(self, spent: Spent) -> None:
        """Take back one request that is free."""
        with suppress(StorageError):
            await self._windows.acquire_sliding_window_entry(
                spent.key, spent.policy.requests, PERIOD, -1
            )
            spent.remaining += 1


def caller_key(principal: Principal) -> str:
    """Return the identity that a verified token is counted as."""
    return f"{principal.client_id} {principal.subject}"


def address_key(client: tuple[str, int] | None) -> str:
    """Return what an unverified caller is counted as: one home has one IPv6 network."""
    address = client[0] if client else ""
    if ":" not in address:
        return address
    network = IPv6Network((int(IPv6Address(address.partition("%")[0])) >> 64 << 64, 64))
    return str(network)


async def _spend(windows: Windows, policy: Policy, key: str, limit: int) -> Spent:
    if isinstance(windows, MemoryWindows):
        is_within = windows.take(key, limit, PERIOD)
        previous, left, current, rest = windows.look(key, PERIOD)
    else:
        is_within = await windows.acquire_sliding_window_entry(key, limit, PERIOD)
        previous, left, current, rest = await windows.get_sliding_window(key, PERIOD)
    if not is_within:
        return Spent(policy, key, -1, _seconds_to_wait(previous, left, current, limit))
    remaining = limit - current - floor(previous * left / PERIOD)
    return Spent(policy, key, max(0, remaining), ceil(rest) % PERIOD or PERIOD)


def _seconds_to_wait(previous: int, left: float, current: int, limit: int) -> int:
    # The count of the last minute fades evenly; the present one stays until the minute is over.
    fading = previous / PERIOD
    excess = previous * left / PERIOD + current - (limit - 1)
    if current < limit and fading and excess / fading < left:
        return max(1, ceil(excess / fading))
    return max(1, ceil(left))
