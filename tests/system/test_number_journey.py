"""A municipality's figures become a published number: from the form to the public, over HTTP."""

import asyncio
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.system.conftest import Stack
from tests.system.mail import MailServer

pytestmark = pytest.mark.system

OBLIGATION = "decision-making-posts-demo"
PERIOD = "2026-S1"
REPORT = f"/indicators/v1/obligations/{OBLIGATION}/reports?period={PERIOD}&limit=200"
SUBMISSIONS = "/indicators/v1/submissions"
# Women and men as mayor, deputy mayor, chair of the assembly, director.
FIGURES = {
    "gjilan": (0, 1, 1, 1, 0, 1, 4, 8),
    "peje": (0, 1, 0, 2, 1, 0, 3, 9),
    "prizren": (0, 1, 1, 2, 0, 1, 2, 11),
}
POSTS = ("mayor", "deputy-mayor", "assembly-chair", "director")


@dataclass(frozen=True)
class Person:
    """Somebody with a token, asking the gateway."""

    client: httpx.AsyncClient
    token: str

    async def get(self, path: str) -> httpx.Response:
        return await self.client.get(path, headers={"authorization": f"Bearer {self.token}"})

    async def post(self, path: str, body: Any, *, tag: str = "") -> httpx.Response:
        headers = {"authorization": f"Bearer {self.token}", "idempotency-key": str(uuid4())}
        if tag:
            headers["if-match"] = tag
        return await self.client.post(path, json=body, headers=headers)


def report(municipality: str, **changed: int) -> dict[str, Any]:
    """Return a report of one municipality; `director_M=90` changes one cell of it."""
    names = [f"{post}.{sex}" for post in POSTS for sex in ("F", "M")]
    values = dict(zip(names, FIGURES[municipality], strict=True))
    values |= {name.replace("_", "."): value for name, value in changed.items()}
    cells = [{"cell": cell, "value": value} for cell, value in values.items()]
    return {
        "obligation": OBLIGATION,
        "municipality": municipality,
        "period": PERIOD,
        "cells": cells,
    }


@pytest.fixture(scope="module")
def officer(mailed: Stack, mailed_client: httpx.AsyncClient) -> Any:
    """The officer of a municipality."""
    return lambda slug: Person(mailed_client, mailed.token("municipal_officer", municipality=slug))


@pytest.fixture(scope="module")
def analysts(mailed: Stack, mailed_client: httpx.AsyncClient) -> tuple[Person, Person]:
    """Two people who verify."""
    return tuple(  # type: ignore[return-value]
        Person(mailed_client, mailed.token("analyst", institution=one)) for one in ("mlg", "age")
    )


async def known(person: Person) -> None:
    """Wait until the person's role has come from registry."""
    for _ in range(200):
        if (await person.get(SUBMISSIONS)).status_code == 200:
            return
        await asyncio.sleep(0.1)
    pytest.fail("The role did not arrive.")


class TestJourney:
    """One story: each test goes on where the one before it stopped."""

    async def test_begins_with_a_mistake_that_is_checked_and_sent(
        self, officer: Any, analysts: tuple[Person, Person]
    ) -> None:
        gjilan = officer("gjilan")
        await known(gjilan)
        await known(analysts[0])

        checked = await gjilan.post(f"{SUBMISSIONS}?dry_run=true", report("gjilan", director_M=90))
        wrong = await gjilan.post(SUBMISSIONS, report("gjilan", director_M=-1))
        foreign = await gjilan.post(SUBMISSIONS, report("peje"))
        sent = await gjilan.post(SUBMISSIONS, report("gjilan", director_M=90))

        assert checked.status_code == 200
        assert wrong.status_code == 422
        assert [one["pointer"] for one in wrong.json()["errors"]] == ["/cells/7/value"]
        assert foreign.status_code in {403, 404}
        assert sent.status_code == 201, sent.text
        assert (sent.json()["version_no"], sent.json()["state"]) == (1, "submitted")
        assert sent.json()["is_late"] is True

    async def test_goes_on_with_a_return_and_only_the_changed_cell_to_review(
        self, officer: Any, analysts: tuple[Person, Person]
    ) -> None:
        gjilan, analyst = officer("gjilan"), analysts[0]
        listed = (await analyst.get(f"{SUBMISSIONS}?municipality=gjilan")).json()["items"]
        path = f"{SUBMISSIONS}/{listed[0]['id']}"
        seen = await analyst.get(path)
        comments = [{"cell": "director.M", "comment": "Nëntëdhjetë drejtorë?"}]

        own = await gjilan.post(
            f"{path}/decisions", {"decision": "verify"}, tag=seen.headers["etag"]
        )
        back = await analyst.post(
            f"{path}/decisions",
            {"decision": "return", "comments": comments},
            tag=seen.headers["etag"],
        )
        again = await gjilan.post(SUBMISSIONS, report("gjilan"))
        second = (await analyst.get(f"{SUBMISSIONS}/{again.json()['id']}")).json()

        assert own.status_code == 403
        assert back.status_code == 201, back.text
        assert again.status_code == 201, again.text
        assert (second["version_no"], second["state"]) == (2, "submitted")
        waiting = [one["cell"] for one in second["cells"] if one["review"] != "approved"]
        assert waiting == ["director.M"]

    async def test_lets_one_of_two_verifiers_win(
        self, officer: Any, analysts: tuple[Person, Person]
    ) -> None:
        for slug in ("peje", "prizren"):
            assert (await officer(slug).post(SUBMISSIONS, report(slug))).status_code == 201
        for slug in FIGURES:
            found = await analysts[0].get(f"{SUBMISSIONS}?municipality={slug}&state=submitted")
            path = f"{SUBMISSIONS}/{found.json()['items'][0]['id']}"
            tag = (await analysts[0].get(path)).headers["etag"]

            answers = await asyncio.gather(
                *(
                    one.post(f"{path}/decisions", {"decision": "verify"}, tag=tag)
                    for one in analysts
                )
            )

            assert sorted(one.status_code for one in answers) in ([201, 409], [201, 412])

    async def test_shows_nothing_to_the_public_before_the_release(
        self, mailed_client: httpx.AsyncClient
    ) -> None:
        found = await mailed_client.get(
            f"/indicators/v1/observations?indicator=directors&period={PERIOD}"
        )

        assert found.json()["items"] == []

    async def test_ends_with_a_number_that_says_what_it_is(
        self, mailed_client: httpx.AsyncClient, analysts: tuple[Person, Person]
    ) -> None:
        released = await analysts[1].post(
            "/indicators/v1/releases", {"obligation": OBLIGATION, "period": PERIOD}
        )
        query = f"indicator=directors&period={PERIOD}&municipality=_T"
        found = (await mailed_client.get(f"/indicators/v1/observations?{query}")).json()["items"]
        by_sex = {one["dimensions"]["sex"]: one for one in found}

        assert released.status_code == 201, released.text
        assert released.json()["tier"] == "0"
        assert released.json()["certificate"]["attack"] == "tier 0, nothing to attack"
        assert by_sex["F"]["value"] == 9
        assert by_sex["M"]["value"] == 28
        for one in found:
            assert one["coverage"] == {"count": 3, "of": 38}
            assert (one["origin"], one["status"]) == ("synthetic", "U")

    async def test_explains_the_number_down_to_the_cell_without_a_name(
        self, mailed_client: httpx.AsyncClient
    ) -> None:
        query = f"dataflow=decision-making&key=women-directors._T._T._T&period={PERIOD}"
        said = await mailed_client.get(f"/indicators/v1/explanations?{query}")

        assert said.status_code == 200, said.text
        assert '"numerator":9' in said.text
        assert '"denominator":37' in said.text
        assert "director.F" in said.text
        assert "persona" not in said.text
        assert "Demo" not in said.text

    async def test_tells_the_officer_who_verified_and_when(self, officer: Any) -> None:
        gjilan = officer("gjilan")
        listed = (await gjilan.get(f"{SUBMISSIONS}?municipality=gjilan")).json()["items"]
        seen = await gjilan.get(f"{SUBMISSIONS}/{listed[0]['id']}")
        foreign = await officer("peje").get(f"{SUBMISSIONS}/{listed[0]['id']}")

        told = [one for one in seen.json()["history"] if one["event"] == "verified"]
        assert len(told) == 1
        assert told[0]["at"]
        assert told[0]["by"]
        assert foreign.status_code == 404


class TestReminder:
    async def test_reaches_each_officer_who_is_late_once_and_in_their_language(
        self, letters: MailServer, mailed_client: httpx.AsyncClient
    ) -> None:
        states = (await mailed_client.get(REPORT)).json()["items"]
        late = {one["municipality"] for one in states if one["state"] == "overdue"}
        addresses = {slug: f"municipal-officer@{slug}.example" for slug in sorted(late)}
        for _ in range(300):
            if all(letters.to(address) for address in addresses.values()):
                break
            await asyncio.sleep(0.1)
        # Long enough for the worker to look again.
        await asyncio.sleep(4)

        assert len(late) >= 35
        told = {slug: letters.to(address) for slug, address in addresses.items()}
        assert {slug: len(mine) for slug, mine in told.items()} == dict.fromkeys(late, 1)
        assert told["junik"][0]["Content-Language"] == "sq"
        assert told["gracanice"][0]["Content-Language"] == "sr-Latn"
        assert told["junik"][0]["Subject"] != told["gracanice"][0]["Subject"]
        assert PERIOD in str(told["junik"][0].get_payload(decode=True))
