"""A number's way through the API, as tests take it: reported, returned, verified, released."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import uuid4

from httpx import AsyncClient, Response

OBLIGATION = "decision-making-posts-demo"
PERIOD = "2026-S1"
PEOPLE = (
    ("analyst-1", "analyst", None),
    ("analyst-2", "analyst", None),
    ("officer-1", "municipal_officer", None),
    ("officer-prishtine", "municipal_officer", "prishtine"),
    ("officer-prishtine-2", "municipal_officer", "prishtine"),
    ("officer-peje", "municipal_officer", "peje"),
    ("officer-viti", "municipal_officer", "viti"),
    # One account with both roles: what it reports, it may not judge.
    ("both", "municipal_officer", "prishtine"),
    ("both", "analyst", None),
)
READ, WRITE = "indicators.submissions.read", "indicators.submissions.write"
DECIDE, RELEASE = "indicators.decisions.write", "indicators.releases.write"
ALL = (READ, WRITE, DECIDE, RELEASE, "indicators.me.read")
VALUES = {
    "mayor.F": 0,
    "mayor.M": 1,
    "deputy-mayor.F": 1,
    "deputy-mayor.M": 2,
    "assembly-chair.F": 0,
    "assembly-chair.M": 1,
    "director.F": 3,
    "director.M": 9,
}
MISSING = {"value": None, "status": "O", "reason": "not_received"}
Headers = dict[str, str]
Values = Mapping[str, int | None]


def cells(values: Values = VALUES, **more: Any) -> list[dict[str, Any]]:
    """Return filled-in cells; None is not received."""
    told = {**VALUES, **values, **more}
    return [
        {"cell": cell, **({"value": value} if value is not None else MISSING)}
        for cell, value in told.items()
    ]


def body(municipality: str = "prishtine", **more: Any) -> dict[str, Any]:
    """Return a report as it is sent."""
    report = {"obligation": OBLIGATION, "municipality": municipality, "period": PERIOD}
    return {**report, "cells": cells(), **more}


class Journey:
    """Takes reports through the API, each person with a token of their own."""

    def __init__(self, client: AsyncClient, bearer: Callable[..., Headers]) -> None:
        self.client = client
        self._bearer = bearer

    def headers(self, who: str, **more: str) -> Headers:
        """Return the headers of somebody with every scope and a fresh key."""
        return {**self._bearer(who, *ALL), "Idempotency-Key": str(uuid4()), **more}

    async def send(
        self, who: str = "officer-prishtine", municipality: str = "prishtine", **more: Any
    ) -> Response:
        """Send a report."""
        sent = body(municipality, **more)
        return await self.client.post("/v1/submissions", json=sent, headers=self.headers(who))

    async def sent(
        self, who: str = "officer-prishtine", municipality: str = "prishtine", **more: Any
    ) -> dict[str, Any]:
        """Send a report that is taken in."""
        answer = await self.send(who, municipality, **more)
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def read(self, submission: str, who: str = "analyst-1", **more: str) -> Response:
        """Read one version."""
        path = f"/v1/submissions/{submission}"
        return await self.client.get(path, headers=self.headers(who, **more))

    async def decide(
        self, submission: str, who: str = "analyst-1", *, tag: str | None = None, **body: Any
    ) -> Response:
        """Decide about the version as it is now; without words, verify it."""
        if tag is None:
            tag = (await self.read(submission, who)).headers.get("etag", '"none"')
        return await self.client.post(
            f"/v1/submissions/{submission}/decisions",
            json=body or {"decision": "verify"},
            headers=self.headers(who, **{"If-Match": tag}),
        )

    async def returned(self, submission: str, **comments: str) -> dict[str, Any]:
        """Return a version with questions, by cell with `_` for its dot."""
        asked = [
            {"cell": cell.replace("_", "."), "comment": comment}
            for cell, comment in comments.items()
        ]
        answer = await self.decide(submission, decision="return", comments=asked)
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def verified(self, municipality: str = "prishtine", **more: Any) -> dict[str, Any]:
        """Send a report of a municipality and verify it."""
        made = await self.sent(f"officer-{municipality}", municipality, **more)
        answer = await self.decide(made["id"])
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def release(self, who: str = "analyst-1", **more: Any) -> Response:
        """Make public what was verified."""
        wanted = {"obligation": OBLIGATION, "period": PERIOD, **more}
        return await self.client.post("/v1/releases", json=wanted, headers=self.headers(who))
