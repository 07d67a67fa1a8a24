"""What each side sees of a notice, and the letter that it prints."""

from typing import Any

from httpx import AsyncClient

from tests.databases import ServiceDatabase
from tests.registry.conftest import Bearer, Headers

from .conftest import (
    NOTICES,
    READ,
    TEXTS,
    WRITE,
    ask,
    officer_of,
    read_pdf,
)


async def other_coordinator(registry: ServiceDatabase, bearer: Bearer) -> Headers:
    """Make the headers of a coordinator of another institution."""
    await registry.fetch(
        "insert into assignment (account, role, institution, valid_from, source)"
        " select id, 'coordinator', 'mlg', '2026-01-01', 'test' from account"
        " where subject = 'persona:dpo'"
    )
    return bearer("persona:dpo", WRITE, READ)


class TestGetMunicipalNotice:
    async def test_hides_what_others_hold(
        self,
        client: AsyncClient,
        registry: ServiceDatabase,
        bearer: Bearer,
        coordinator: Headers,
        operator: Headers,
    ) -> None:
        made = (await ask(client, coordinator)).json()["id"]
        paths = [f"{NOTICES}/{made}", f"{NOTICES}/{made}/recipients"]
        strangers = [
            officer_of(bearer, "peje"),
            bearer("persona:analyst", READ),
            bearer("nobody", READ),
            await other_coordinator(registry, bearer),
        ]

        for headers, seen in (
            (coordinator, {"gracanice", "prishtine"}),
            (operator, {"gracanice", "prishtine"}),
            (officer_of(bearer, "prishtine"), {"prishtine"}),
            (bearer("persona:municipal_admin:gracanice", READ), {"gracanice"}),
        ):
            [listed] = (await client.get(NOTICES, headers=headers)).json()["items"]
            assert (listed["id"], listed["states"]) == (made, {"queued": len(seen)})
            for path in paths:
                items = (await client.get(path, headers=headers)).json()["items"]
                assert {one["municipality"] for one in items} == seen
        for headers in strangers:
            assert (await client.get(NOTICES, headers=headers)).json()["items"] == []
            for path in paths:
                assert (await client.get(path, headers=headers)).status_code == 404
        for path in (NOTICES, *paths):
            assert (await client.get(path)).status_code == 401
            assert (await client.get(path, headers=bearer("nobody"))).status_code == 403

    async def test_tells_a_municipality_nothing_of_the_others(
        self, client: AsyncClient, coordinator: Headers, officer: Headers
    ) -> None:
        """As if it alone had been written to, up to what every notice has of its own."""
        both = (await ask(client, coordinator)).json()["id"]
        alone = {"municipalities": ["prishtine"]}
        one = (await ask(client, coordinator, recipients=alone)).json()["id"]

        shown = [
            (await client.get(f"{NOTICES}/{made}", headers=officer)).json() for made in (both, one)
        ]
        for answer, made in zip(shown, (both, one), strict=True):
            assert answer.pop("id") == made
            assert made in answer["items"][0].pop("letter")
            answer.pop("created_at")
        assert shown[0] == shown[1]


class TestListMunicipalNotices:
    async def test_goes_on_after_the_page(self, client: AsyncClient, coordinator: Headers) -> None:
        made = [(await ask(client, coordinator)).json()["id"] for _ in range(3)]

        query: dict[str, Any] = {"limit": 2}
        page = (await client.get(NOTICES, params=query, headers=coordinator)).json()
        query["cursor"] = page["page"]["next_cursor"]
        rest = (await client.get(NOTICES, params=query, headers=coordinator)).json()

        assert [one["id"] for one in page["items"] + rest["items"]] == made[::-1]


class TestGetNoticeLetter:
    async def test_is_a_letter_to_the_mayor_in_the_language_of_the_municipality(
        self, client: AsyncClient, coordinator: Headers
    ) -> None:
        made = (await ask(client, coordinator)).json()
        address = f"{NOTICES}/{made['id']}/letters"

        for slug, language, words in (
            ("prishtine", "sq", ["Kryetarit të komunës", "Komuna: Prishtinë", TEXTS["sq"]]),
            ("gracanice", "sr-Latn", ["Opština: Gračanica", TEXTS["sr-Latn"]]),
            ("gracanice", "sr-Cyrl", ["Општина: Грачаница", "општине Ђаковица и Љешане"]),
            ("gracanice", "en", ["Municipality: Gra", TEXTS["en"]]),
        ):
            own = {} if slug == "prishtine" or language == "sr-Latn" else {"lang": language}
            answer = await client.get(f"{address}/{slug}", params=own, headers=coordinator)
            assert answer.status_code == 200, answer.text
            assert answer.headers["content-type"] == "application/pdf"
            assert answer.headers["content-language"] == language
            said = read_pdf(answer.content)
            for word in (*words, made["id"]):
                assert word in said.replace("- ", "-"), (language, said)
            year, month, day = made["due_on"].split("-")
            assert f"{day}.{month}.{year}" in said

    async def test_is_the_same_letter_each_time(
        self, client: AsyncClient, coordinator: Headers, officer: Headers
    ) -> None:
        made = (await ask(client, coordinator)).json()["id"]
        address = f"{NOTICES}/{made}/letters/prishtine"

        first = await client.get(address, headers=coordinator)
        own = await client.get(address, headers=officer)
        known = {**officer, "If-None-Match": first.headers["etag"]}
        again = await client.get(address, headers=known)
        other = await client.get(address, params={"lang": "en"}, headers=officer)

        assert first.content == own.content
        assert (again.status_code, again.content) == (304, b"")
        assert other.headers["etag"] != first.headers["etag"]

    async def test_hides_what_others_hold(
        self, client: AsyncClient, bearer: Bearer, coordinator: Headers, officer: Headers
    ) -> None:
        made = (await ask(client, coordinator)).json()["id"]

        for headers, slug in (
            (officer, "gracanice"),
            (officer, "viti"),
            (coordinator, "viti"),
            (officer_of(bearer, "peje"), "prishtine"),
        ):
            answer = await client.get(f"{NOTICES}/{made}/letters/{slug}", headers=headers)
            assert answer.status_code == 404
        answer = await client.get(
            f"{NOTICES}/{made}/letters/prishtine",
            headers={**officer, "Accept": "application/json"},
        )
        assert answer.status_code == 406
