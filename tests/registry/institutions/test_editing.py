"""Whoever keeps institutions renames and closes them, by an act."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest
from httpx import AsyncClient, Response

from tests.databases import ServiceDatabase
from tests.registry.conftest import OPS, Bearer, Headers, Import

SCOPE = "registry.institutions.write"
ACT = {"number": "05/12", "issued_on": "2026-03-02", "title": "Vendim për riorganizim"}
NAMES = {"en": "Ministry of Local Government Administration"}


@pytest.fixture
def coordinator(bearer: Bearer) -> Headers:
    """The headers of somebody real who keeps the register."""
    return bearer(OPS, SCOPE)


async def close(client: AsyncClient, headers: Headers, code: str, **changes: Any) -> Response:
    body = {"closed_on": "2026-03-02", "act": ACT} | changes
    return await client.post(f"/v1/institutions/{code}/closures", json=body, headers=headers)


async def rename(client: AsyncClient, headers: Headers, **changes: Any) -> Response:
    body = {"names": NAMES, "renamed_on": "2026-03-02", "act": ACT} | changes
    return await client.patch("/v1/institutions/mlg", json=body, headers=headers)


async def with_tag(client: AsyncClient, headers: Headers) -> Headers:
    known = await client.get("/v1/institutions/mlg", headers=headers)
    return {**headers, "If-Match": known.headers["etag"]}


class TestUpdateInstitution:
    async def test_begins_a_name_and_ends_the_old_one(
        self, client: AsyncClient, coordinator: Headers
    ) -> None:
        answer = await rename(client, await with_tag(client, coordinator))

        assert answer.status_code == 200, answer.text
        assert answer.json()["label"] == NAMES["en"]
        known = {one["text"]: one for one in answer.json()["name_statements"]}
        new, old = known[NAMES["en"]], known["Ministry of Local Government"]
        assert (new["valid_from"], new["locator"]) == ("2026-03-02", "05/12")
        assert (old["valid_until"], old["source"]) == ("2026-03-02", "s0")
        before = await client.get("/v1/institutions/mlg", params={"as_of": "2020-12-31"})
        source = await client.get(f"/v1/sources/{new['source']}")
        assert before.json()["label"] == "Ministry of Local Government"
        assert (source.status_code, source.json()["published_on"]) == (200, "2026-03-02")

    async def test_corrects_a_name_that_was_never_right(
        self, client: AsyncClient, coordinator: Headers
    ) -> None:
        headers = await with_tag(client, coordinator)

        answer = await rename(client, headers, names={"en": "MoLG"}, renamed_on=None)

        texts = {one["text"] for one in answer.json()["name_statements"]}
        before = await client.get("/v1/institutions/mlg", params={"as_of": "2020-12-31"})
        assert before.json()["label"] == "MoLG"
        assert "Ministry of Local Government" not in texts

    async def test_wants_the_version_that_it_changes(
        self, client: AsyncClient, coordinator: Headers
    ) -> None:
        without = await rename(client, coordinator)
        stale = await rename(client, {**coordinator, "If-Match": '"x"'})

        assert (without.status_code, stale.status_code) == (428, 412)

    async def test_lets_one_of_two_editors_win(
        self, client: AsyncClient, coordinator: Headers
    ) -> None:
        headers = await with_tag(client, coordinator)

        both = await asyncio.gather(
            rename(client, headers, names={"en": "One"}),
            rename(client, headers, names={"en": "Other"}),
        )

        assert sorted(one.status_code for one in both) == [200, 412]

    async def test_keeps_a_name(self, client: AsyncClient, coordinator: Headers) -> None:
        headers = await with_tag(client, coordinator)

        answer = await rename(client, headers, names={"en": None})

        assert (answer.status_code, answer.json()["code"]) == (422, "missing_name")

    async def test_is_told_in_history_by_whom(
        self, client: AsyncClient, coordinator: Headers, registry: ServiceDatabase
    ) -> None:
        await rename(client, await with_tag(client, coordinator))

        rows = await registry.fetch(
            "select count(*) from record_change where record_type = 'institution' "
            "and record_id = 'mlg' and account is not null and via like 'request:%'"
        )
        audited = await registry.fetch(
            "select count(*) from audit_event where action = 'institution.rename'"
        )
        assert rows[0][0] >= 3
        assert audited[0][0] == 1

    @pytest.mark.parametrize(
        ("subject", "scopes"),
        [
            ("persona:municipal_admin:prishtine", [SCOPE]),
            ("persona:institution_admin:mlg", [SCOPE]),
            ("persona:coordinator:ncaht", []),
            # Somebody of the demonstration changes nothing real.
            ("persona:coordinator:ncaht", [SCOPE]),
            ("nobody", [SCOPE]),
        ],
    )
    async def test_refuses_the_wrong_caller(
        self, reads: AsyncClient, bearer: Bearer, subject: str, scopes: list[str]
    ) -> None:
        headers = bearer(subject, *scopes)

        renamed = await rename(reads, {**headers, "If-Match": "*"})
        closed = await close(reads, headers, "mlg")

        assert (renamed.status_code, closed.status_code) == (403, 403)

    async def test_refuses_whoever_has_no_token(self, reads: AsyncClient) -> None:
        assert (await rename(reads, {"If-Match": "*"})).status_code == 401
        assert (await close(reads, {}, "mlg")).status_code == 401


class TestCloseInstitution:
    async def test_closes_every_membership_in_the_same_transaction(
        self, client: AsyncClient, coordinator: Headers
    ) -> None:
        feed = (await client.get("/v1/changes", params={"limit": 1})).json()
        while feed["items"]:
            cursor = feed["page"]["next_cursor"] if "page" in feed else feed["next_cursor"]
            feed = (await client.get("/v1/changes", params={"limit": 1000, "since": cursor})).json()

        answer = await close(client, coordinator, "mlg-acts-working-group")

        assert answer.status_code == 201, answer.text
        shown = answer.json()
        assert (shown["valid_until"], shown["until_locator"]) == ("2026-03-02", "05/12")
        members = (
            await client.get("/v1/memberships", params={"body": "mlg-acts-working-group"})
        ).json()["items"]
        today = (
            await client.get(
                "/v1/memberships",
                params={"body": "mlg-acts-working-group", "as_of": "2026-03-02"},
            )
        ).json()["items"]
        assert len(members) == 7
        assert today == []
        changes = (await client.get("/v1/changes", params={"limit": 1000, "since": cursor})).json()[
            "items"
        ]
        assert "institution" in {one["type"] for one in changes}

    async def test_ends_memberships_that_would_outlive_it(
        self, client: AsyncClient, coordinator: Headers, bring_in: Import, ops: Headers
    ) -> None:
        head = "body,institution,municipality,holder,function,since,until,attested_on,"
        rows = "source,locator\nnaathb,moh,,,member,2015,,,general-knowledge,x\n"
        done = await bring_in("memberships", head + rows, ops)

        answer = await close(client, coordinator, "moh", successor="mflt")

        [membership] = (await client.get("/v1/memberships", params={"institution": "moh"})).json()[
            "items"
        ]
        assert done["state"] == "succeeded"
        assert answer.status_code == 201
        assert (membership["until"], membership["version"]) == ("2026-03-02", 2)
        assert [one["successor"] for one in answer.json()["successors"]] == ["mflt"]
        gone = await client.get("/v1/institutions", params={"abbreviation": "MH"})
        assert gone.json()["items"] == []

    async def test_is_refused_where_a_member_was_seen_later_and_changes_nothing(
        self, client: AsyncClient, coordinator: Headers
    ) -> None:
        answer = await close(client, coordinator, "naathb", closed_on="2015")

        known = (await client.get("/v1/institutions/naathb")).json()
        assert (answer.status_code, answer.json()["code"]) == (409, "members_seen_later")
        assert (known["valid_until"], known["version"]) == (None, known["version"])

    async def test_happens_once(self, client: AsyncClient, coordinator: Headers) -> None:
        keyed = {**coordinator, "Idempotency-Key": str(uuid4())}

        first = await close(client, keyed, "moh")
        again = await close(client, keyed, "moh")
        other = await close(client, coordinator, "moh")

        assert (first.status_code, again.status_code) == (201, 201)
        assert again.headers["idempotent-replayed"] == "true"
        assert (other.status_code, other.json()["code"]) == (409, "institution_closed")

    @pytest.mark.parametrize(
        ("code", "changes", "status", "problem"),
        [
            ("moh", {"successor": "moh"}, 422, "own_successor"),
            ("ccc", {"closed_on": "1999"}, 422, "period_order"),
            ("kgb", {}, 404, "not_found"),
        ],
    )
    async def test_refuses_what_cannot_be(
        self,
        client: AsyncClient,
        coordinator: Headers,
        code: str,
        changes: dict[str, str],
        status: int,
        problem: str,
    ) -> None:
        answer = await close(client, coordinator, code, **changes)

        # Nothing is pointed to that the body does not have.
        pointed = {one["pointer"] for one in answer.json().get("errors", [])}
        assert pointed == {f"/{name}" for name in changes}
        assert (answer.status_code, answer.json()["code"]) == (status, problem)

    async def test_names_the_successor_that_is_not_there(
        self, client: AsyncClient, coordinator: Headers
    ) -> None:
        answer = await close(client, coordinator, "moh", successor="kgb")

        known = (await client.get("/v1/institutions/moh")).json()
        assert (answer.status_code, answer.json()["code"]) == (422, "unknown_reference")
        assert [one["pointer"] for one in answer.json()["errors"]] == ["/successor"]
        assert "kgb" not in answer.text
        assert known["valid_until"] is None
