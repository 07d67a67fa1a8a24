"""What the worker does about notices: e-mails that leave, requests fulfilled, one reminder."""

from datetime import timedelta
from typing import Any

import pytest
from httpx import AsyncClient
from pydantic import SecretStr

from komuna_registry.clock import today
from komuna_registry.municipal_notices.jobs import find_fulfilled, remind_overdue
from komuna_registry.notices.jobs import notice_jobs
from tests.databases import ServiceDatabase
from tests.registry.conftest import Headers, MakeSettings
from tests.registry.notices.conftest import Mailbox, serving

from .conftest import ASKED, NOTICES, ask, furnish, hold, reach, states

UNIT = "human_rights_unit"


async def deliver(registry: ServiceDatabase, make_settings: MakeSettings, mailbox: Mailbox) -> None:
    """Run the job of every letter, as the worker would."""
    url = SecretStr(f"smtp://127.0.0.1:{mailbox.port}")
    [send] = notice_jobs(make_settings(registry).model_copy(update={"smtp_url": url})).values()
    async with registry.opened() as opened:
        for one in await registry.fetch("select id from delivery order by id"):
            await send(opened, {"delivery": str(one["id"])})


async def run(registry: ServiceDatabase, job: Any, *, times: int = 1) -> None:
    async with registry.opened() as opened:
        for _ in range(times):
            await job(opened, {})


async def show(client: AsyncClient, made: str, headers: Headers) -> dict[str, str]:
    return states((await client.get(f"{NOTICES}/{made}", headers=headers)).json())


async def establish(registry: ServiceDatabase, municipality: str, *, is_synthetic: bool) -> None:
    """Enter a human rights unit of a municipality, with the decision by which it is there."""
    code = f"unit-{municipality}-{is_synthetic}".lower()
    await registry.fetch(
        "insert into mechanism (code, kind, names, is_synthetic, source, locator)"
        " select $1, $2, '{}', $3, source, 'test' from municipality where slug = $4",
        *(code, UNIT, is_synthetic, municipality),
    )
    await registry.fetch(
        "insert into mechanism_municipality (mechanism, municipality, certain, possible, source,"
        " locator) select code, $2, '(,)', '(,)', source, 'test' from mechanism where code = $1",
        *(code, municipality),
    )
    await registry.fetch(
        "insert into mechanism_state (mechanism, is_synthetic, aspect, holds, since, certain,"
        " possible, source, locator) select code, is_synthetic, 'established', true, '2026-11-01',"
        " '[2026-11-01,)', '[2026-11-01,)', source, 'test' from mechanism where code = $1",
        code,
    )


class TestDeliver:
    async def test_tells_officers_thinly_and_says_who_could_not_be_reached(
        self,
        client: AsyncClient,
        registry: ServiceDatabase,
        make_settings: MakeSettings,
        coordinator: Headers,
    ) -> None:
        await registry.fetch(
            "update account set work_contact = '+383 38 000 000'"
            " where subject like 'persona:municipal_officer:viti'"
        )
        meant = {"municipalities": ["prishtine", "gracanice", "viti"]}
        async with serving(Mailbox()) as mailbox:
            made = (await ask(client, coordinator, recipients=meant)).json()["id"]
            await deliver(registry, make_settings, mailbox)

        assert sorted(mailbox.receivers) == [
            "municipal-officer@gracanice.example",
            "municipal-officer@prishtine.example",
        ]
        by_language = {one["Content-Language"]: one for one in mailbox.taken}
        assert {name: one["Subject"] for name, one in by_language.items()} == {
            "sq": "Komunës suaj i kërkohet të caktojë një zyrtar",
            "sr-Latn": "Od vaše opštine se traži da imenuje službenika",
        }
        for letter in mailbox.taken:
            said = letter.get_content()
            assert f"/registry/v1/municipal-notices/{made}" in said
            assert ASKED["due_on"] in said
            # What the sender wrote stays behind the sign-in.
            assert "Ligjit" not in said
            assert "Zakonu" not in said
        assert await show(client, made, coordinator) == {
            "gracanice": "sent",
            "prishtine": "sent",
            "viti": "unreachable",
        }

    async def test_shows_what_a_mail_server_refused(
        self,
        client: AsyncClient,
        registry: ServiceDatabase,
        make_settings: MakeSettings,
        coordinator: Headers,
    ) -> None:
        async with serving(Mailbox(to_receiver="550 No such user here")) as mailbox:
            made = (await ask(client, coordinator)).json()["id"]
            await deliver(registry, make_settings, mailbox)

        assert await show(client, made, coordinator) == {
            "gracanice": "failed",
            "prishtine": "failed",
        }


class TestFindFulfilled:
    @pytest.mark.parametrize("subject", ["appoint_officer", "send_contacts"])
    async def test_sees_what_came_in_after_and_nothing_that_was_there_before(
        self, client: AsyncClient, registry: ServiceDatabase, coordinator: Headers, subject: str
    ) -> None:
        await furnish(registry)
        meant = {"municipalities": ["prishtine", "gracanice", "viti"]}
        made = (await ask(client, coordinator, subject_kind=subject, recipients=meant)).json()["id"]
        await run(registry, find_fulfilled)
        before = await show(client, made, coordinator)

        enter = hold if subject == "appoint_officer" else reach
        shown = await enter(registry, "prishtine")
        await run(registry, find_fulfilled, times=2)

        assert set(before.values()) == {"queued"}
        answer = (await client.get(f"{NOTICES}/{made}", headers=coordinator)).json()
        assert states(answer) == {
            "gracanice": "queued",
            "prishtine": "fulfilled",
            "viti": "queued",
        }
        [done] = [one for one in answer["items"] if one["fulfilled_at"]]
        assert (done["fulfilled_by"], done["evidence"]["id"], done["version"]) == (
            *("rule", shown),
            2,
        )

    @pytest.mark.parametrize("is_demonstration", [False, True])
    async def test_takes_what_is_made_up_only_for_a_request_that_is(
        self,
        client: AsyncClient,
        registry: ServiceDatabase,
        coordinator: Headers,
        is_demonstration: bool,  # noqa: FBT001  Which of the two it is.
    ) -> None:
        await registry.fetch(
            "update account set is_synthetic = $1 where subject = 'persona:coordinator'",
            is_demonstration,
        )
        made = (
            await ask(
                client,
                coordinator,
                subject_kind="establish_mechanism",
                asks={"mechanism_kind": UNIT},
            )
        ).json()["id"]
        await establish(registry, "gracanice", is_synthetic=True)
        await establish(registry, "prishtine", is_synthetic=False)

        await run(registry, find_fulfilled)

        assert await show(client, made, coordinator) == {
            "gracanice": "fulfilled" if is_demonstration else "queued",
            "prishtine": "fulfilled",
        }
        [row] = await registry.fetch("select * from audit_event order by id desc limit 1")
        assert (row["action"], row["subject"]) == ("municipal_notice.fulfil", None)

    async def test_takes_no_tenure_that_is_over_nor_another_office(
        self, client: AsyncClient, registry: ServiceDatabase, coordinator: Headers
    ) -> None:
        await furnish(registry)
        made = (await ask(client, coordinator)).json()["id"]
        over = await hold(registry, "prishtine")
        await registry.fetch(
            "update tenure set certain = '[2026-01-01,2026-02-01)', since = '2026-01-01',"
            " until = '2026-02-01', possible = '[2026-01-01,2026-02-01)' where id = $1::text::uuid",
            over,
        )
        await hold(registry, "gracanice")
        await registry.fetch("update office set kind = 'mayor' where municipality = 'gracanice'")

        await run(registry, find_fulfilled)

        assert set((await show(client, made, coordinator)).values()) == {"queued"}


class TestRemindOverdue:
    async def test_reminds_once_whoever_is_overdue_and_nobody_else(
        self,
        client: AsyncClient,
        registry: ServiceDatabase,
        make_settings: MakeSettings,
        coordinator: Headers,
        officer: Headers,
    ) -> None:
        late, _ = [(await ask(client, coordinator)).json()["id"] for _ in range(2)]
        await registry.fetch(
            "update municipal_notice set due_on = $1 where id = $2::text::uuid",
            today() - timedelta(days=1),
            late,
        )
        await registry.fetch(
            "update municipal_notice_recipient set fulfilled_at = now(), fulfilled_by = 'rule',"
            " evidence_type = 'tenure', evidence = 'x'"
            " where notice = $1::text::uuid and municipality = 'gracanice'",
            late,
        )

        await run(registry, remind_overdue, times=3)

        reminders = await registry.fetch(
            "select municipality, params ->> 'municipal_notice' as about from notice"
            " where template = 'request_overdue'"
        )
        assert [tuple(one) for one in reminders] == [("prishtine", late)]
        assert await show(client, late, coordinator) == {
            "gracanice": "fulfilled",
            "prishtine": "overdue",
        }
        async with serving(Mailbox()) as mailbox:
            await deliver(registry, make_settings, mailbox)
        subjects = [one["Subject"] for one in mailbox.taken]
        assert subjects.count("Ajo që iu kërkua komunës suaj është vonuar") == 1
        tasks = (await client.get("/v1/me/tasks", headers=officer)).json()["items"]
        assert [one["is_overdue"] for one in tasks] == [True, False]
