"""What the operator sees of notices."""

from typing import Any
from uuid import uuid4

from httpx import AsyncClient

from tests.registry.conftest import OPS, Bearer, Headers

from .conftest import OVERDUE, tell

READ = "registry.notices.read"


def changed(**parts: Any) -> dict[str, Any]:
    return {**OVERDUE, **parts}


class TestListNotices:
    async def test_shows_the_operator_the_newest_first(
        self, client: AsyncClient, sender: Headers, bearer: Bearer
    ) -> None:
        made = [
            (
                await tell(
                    client,
                    sender,
                    changed(recipient={"municipality": one, "role": "municipal_officer"}),
                )
            ).json()["id"]
            for one in ("viti", "peje", "viti")
        ]
        ops = bearer(OPS, READ)

        found = (await client.get("/v1/notices", headers=ops)).json()["items"]
        query: dict[str, Any] = {"municipality": "viti", "template": "report_overdue", "limit": 1}
        page = (await client.get("/v1/notices", params=query, headers=ops)).json()
        query["cursor"] = page["page"]["next_cursor"]
        rest = (await client.get("/v1/notices", params=query, headers=ops)).json()

        assert [one["id"] for one in found] == made[::-1]
        assert [one["id"] for one in page["items"] + rest["items"]] == [made[2], made[0]]

    async def test_refuses_the_wrong_caller(
        self, client: AsyncClient, sender: Headers, bearer: Bearer
    ) -> None:
        made = (await tell(client, sender)).json()["id"]

        for path in ("/v1/notices", f"/v1/notices/{made}"):
            assert (await client.get(path)).status_code == 401
            for headers in (sender, bearer(OPS), bearer("persona:auditor", READ)):
                assert (await client.get(path, headers=headers)).status_code == 403


class TestGetNotice:
    async def test_shows_letters_without_an_address_or_a_name(
        self, client: AsyncClient, sender: Headers, bearer: Bearer
    ) -> None:
        made = (await tell(client, sender)).json()["id"]

        answer = await client.get(f"/v1/notices/{made}", headers=bearer(OPS, READ))

        [letter] = answer.json()["deliveries"]
        assert (letter["state"], letter["attempts"], letter["sent_at"]) == ("queued", 0, None)
        assert "@" not in answer.text
        assert "Demo" not in answer.text

    async def test_knows_no_notice_that_is_not_there(
        self, client: AsyncClient, bearer: Bearer
    ) -> None:
        answer = await client.get(f"/v1/notices/{uuid4()}", headers=bearer(OPS, READ))

        assert answer.status_code == 404
