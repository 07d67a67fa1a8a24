"""HTTP for notices."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from httpx import AsyncClient

from komuna_shared.testing import Issuer
from tests.databases import ServiceDatabase
from tests.registry.conftest import OPS, Bearer, Headers

from .conftest import OVERDUE, tell

READ = "registry.notices.read"


def changed(**parts: Any) -> dict[str, Any]:
    return {**OVERDUE, **parts}


class TestCreateNotice:
    async def test_writes_to_whoever_holds_the_role_there_today(
        self, client: AsyncClient, registry: ServiceDatabase, sender: Headers
    ) -> None:
        answer = await tell(client, sender)

        made = answer.json()
        assert answer.status_code == 202
        assert answer.headers["location"].endswith(f"/v1/notices/{made['id']}")
        assert (made["recipient_count"], made["queued_count"], made["sender"]) == (
            *(1, 1),
            "indicators",
        )
        [row] = await registry.fetch(
            "select account.subject from delivery join account on account.id = account"
        )
        assert row["subject"] == "persona:municipal_officer:prishtine"
        jobs = await registry.fetch("select 1 from pgqueuer where entrypoint = 'send_letter'")
        audit = await registry.fetch("select client_id, action from audit_event")
        assert len(jobs) == 1
        assert ("indicators", "notice.report_overdue") in [tuple(one) for one in audit]

    @pytest.mark.parametrize(
        "recipient",
        [
            {"institution": "isf", "role": "shelter_intake"},
            {"institution": "kas", "role": "analyst"},
        ],
    )
    async def test_writes_to_an_institution(
        self, client: AsyncClient, sender: Headers, recipient: dict[str, str]
    ) -> None:
        body = {
            "template": "referral_waiting",
            "recipient": recipient,
            "params": {"referral": str(uuid4())},
        }

        assert (await tell(client, sender, body)).json()["recipient_count"] == 1

    async def test_says_when_nobody_could_be_written_to(
        self, client: AsyncClient, registry: ServiceDatabase, sender: Headers
    ) -> None:
        nobody = changed(recipient={"institution": "isf", "role": "supervisor"})

        answer = await tell(client, sender, nobody)

        assert (answer.status_code, answer.json()["recipient_count"]) == (202, 0)
        assert await registry.fetch("select 1 from delivery") == []

    @pytest.mark.parametrize(
        ("end", "contact"),
        [("yesterday", "a@b.example"), ("tomorrow", "+383 38 000 000"), ("revoked", "a@b.example")],
    )
    async def test_writes_to_nobody_whose_role_ended_or_who_has_no_address(
        self,
        client: AsyncClient,
        registry: ServiceDatabase,
        sender: Headers,
        end: str,
        contact: str,
    ) -> None:
        mine = (
            "account in (select id from account"
            " where subject = 'persona:municipal_officer:prishtine')"
        )
        await registry.fetch(
            "update account set work_contact = $1"
            " where subject = 'persona:municipal_officer:prishtine'",
            contact,
        )
        if end == "revoked":
            await registry.fetch(f"update assignment set revoked_at = now() where {mine}")  # noqa: S608
        else:
            day = date.today() + timedelta(days=1 if end == "tomorrow" else -1)  # noqa: DTZ011
            await registry.fetch(f"update assignment set valid_until = $1 where {mine}", day)  # noqa: S608

        assert (await tell(client, sender)).json()["recipient_count"] == 0

    async def test_makes_one_notice_of_one_key(
        self, client: AsyncClient, registry: ServiceDatabase, sender: Headers
    ) -> None:
        key = str(uuid4())

        first = await tell(client, sender, key=key)
        again = await tell(client, sender, key=key)
        other = await tell(
            client, sender, changed(recipient={"municipality": "peje", "role": "analyst"}), key=key
        )

        assert (first.status_code, again.status_code) == (202, 202)
        assert again.json() == first.json()
        assert again.headers["idempotent-replayed"] == "true"
        assert (other.status_code, other.json()["code"]) == (422, "idempotency_mismatch")
        assert len(await registry.fetch("select 1 from delivery")) == 1

    async def test_needs_a_key(self, client: AsyncClient, sender: Headers) -> None:
        answer = await client.post("/v1/notices", json=OVERDUE, headers=sender)

        assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_required")

    async def test_refuses_the_wrong_caller(
        self, client: AsyncClient, bearer: Bearer, issuer: Issuer, registry: ServiceDatabase
    ) -> None:
        other = issuer.service_token("indicators", ["service.assignments.read"])

        assert (await tell(client, {})).status_code == 401
        for headers in (
            bearer(OPS, "service.notices.write", READ),
            bearer("persona:analyst:mlg", "service.notices.write"),
            {"Authorization": f"Bearer {other}"},
        ):
            assert (await tell(client, headers)).status_code == 403
        assert await registry.fetch("select 1 from notice") == []

    @pytest.mark.parametrize(
        ("body", "code", "pointers"),
        [
            (
                changed(params={"obligation": "x", "period": "2026-S1"}),
                "notice_params",
                ["/params/due_on"],
            ),
            (
                changed(template="referral_waiting"),
                "notice_params",
                ["/params/referral", "/params/due_on", "/params/obligation", "/params/period"],
            ),
            (
                changed(params={**OVERDUE["params"], "period": "soon\r\nBcc: a@b"}),
                "invalid_body",
                ["/params/period"],
            ),
            (
                changed(params={**OVERDUE["params"], "obligation": "Dear Sir"}),
                "invalid_body",
                ["/params/obligation"],
            ),
            (changed(params={**OVERDUE["params"], "text": "Hello"}), "unknown_field", ["/params"]),
            (changed(template="greeting"), "invalid_body", ["/template"]),
            (
                changed(recipient={"role": "municipal_officer"}),
                "recipient_place",
                ["/recipient"],
            ),
            (
                changed(
                    recipient={"role": "analyst", "municipality": "viti", "institution": "mlg"}
                ),
                "recipient_place",
                ["/recipient"],
            ),
            (
                changed(recipient={"role": "municipal_officer", "municipality": "atlantis"}),
                "recipient_unknown",
                ["/recipient/municipality"],
            ),
            (
                changed(recipient={"role": "analyst", "institution": "atlantis"}),
                "recipient_unknown",
                ["/recipient/institution"],
            ),
        ],
    )
    async def test_takes_no_word_of_the_callers(
        self,
        client: AsyncClient,
        registry: ServiceDatabase,
        sender: Headers,
        body: Any,
        code: str,
        pointers: list[str],
    ) -> None:
        answer = await tell(client, sender, body)

        found = answer.json()
        assert (answer.status_code, found["code"]) == (422, code)
        assert [one["pointer"] for one in found["errors"]] == pointers
        assert await registry.fetch("select 1 from notice") == []
