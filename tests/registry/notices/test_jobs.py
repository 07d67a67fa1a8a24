"""Letters in the worker: tried with patience, sent once, and if the worker dies, at least once."""

import asyncio
import os
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from httpx import AsyncClient
from pydantic import SecretStr

from komuna_registry.notices.jobs import notice_jobs
from komuna_registry.settings import Settings
from tests.databases import ServiceDatabase
from tests.registry.conftest import Headers, MakeSettings

from .conftest import OVERDUE, Mailbox, letter, tell, waiting

Deliver = Callable[..., Coroutine[Any, Any, None]]


@pytest.fixture
def post(registry: ServiceDatabase, make_settings: MakeSettings, mailbox: Mailbox) -> Settings:
    """The settings of a registry with this mail server."""
    url = SecretStr(f"smtp://127.0.0.1:{mailbox.port}")
    return make_settings(registry).model_copy(update={"smtp_url": url})


@pytest.fixture
def deliver(registry: ServiceDatabase, post: Settings) -> Deliver:
    """Run the job of every letter, as the worker would."""

    async def run(*, times: int = 1) -> None:
        [send] = notice_jobs(post).values()
        letters = await registry.fetch("select id from delivery order by id")
        async with registry.opened() as opened:
            for letter in letters:
                given = {"delivery": str(letter["id"])}
                await asyncio.gather(*(send(opened, given) for _ in range(times)))

    return run


class TestSendLetter:
    @pytest.mark.parametrize(
        ("recipient", "subject", "language"),
        [
            (
                {"municipality": "prishtine", "role": "municipal_officer"},
                "Një raport për Komunën është vonuar",
                "sq",
            ),
            (
                {"municipality": "gracanice", "role": "municipal_officer"},
                "Kasni izveštaj u sistemu Komuna",
                "sr-Latn",
            ),
            ({"institution": "kas", "role": "analyst"}, "A report to Komuna is overdue", "en"),
        ],
    )
    async def test_writes_in_the_language_of_the_account(  # noqa: PLR0917
        self,
        client: AsyncClient,
        registry: ServiceDatabase,
        sender: Headers,
        mailbox: Mailbox,
        deliver: Deliver,
        recipient: dict[str, str],
        subject: str,
        language: str,
    ) -> None:
        await tell(client, sender, {**OVERDUE, "recipient": recipient})

        await deliver()

        [sent] = mailbox.taken
        place = recipient.get("municipality") or recipient["institution"]
        assert mailbox.receivers == [f"{recipient['role'].replace('_', '-')}@{place}.example"]
        assert (sent["Subject"], sent["Content-Language"]) == (subject, language)
        assert "decision-making-posts-demo" in sent.get_content()
        assert "http://localhost:8080/indicators/v1/obligations/" in sent.get_content()
        found = await letter(registry)
        assert (found["state"], found["channel"], found["attempts"]) == ("sent", "smtp", 1)

    async def test_sends_a_letter_once_however_often_its_job_runs(
        self, client: AsyncClient, sender: Headers, mailbox: Mailbox, deliver: Deliver
    ) -> None:
        await tell(client, sender)

        await deliver(times=3)
        await deliver()

        assert len(mailbox.taken) == 1

    async def test_tries_again_later_under_the_same_number(
        self,
        client: AsyncClient,
        registry: ServiceDatabase,
        sender: Headers,
        mailbox: Mailbox,
        deliver: Deliver,
    ) -> None:
        await tell(client, sender)
        mailbox.to_letter = "451 Later"

        await deliver()
        found = await letter(registry)
        assert (found["state"], found["attempts"], found["code"]) == ("queued", 1, "smtp_451")
        assert timedelta(seconds=50) < found["next_at"] - datetime.now(UTC) < timedelta(seconds=61)
        [_, again] = await waiting(registry)
        assert timedelta(seconds=50) < again < timedelta(seconds=61)

        mailbox.to_letter = "250 OK"
        await deliver()
        found = await letter(registry)
        assert (found["state"], found["attempts"], found["code"]) == ("sent", 2, None)
        assert mailbox.taken[0]["Message-ID"] == f"<{found['id']}@localhost>"

    async def test_gives_up_at_once_where_the_server_says_never(
        self,
        client: AsyncClient,
        registry: ServiceDatabase,
        sender: Headers,
        mailbox: Mailbox,
        deliver: Deliver,
    ) -> None:
        await tell(client, sender)
        mailbox.to_receiver = "550 No such user here"

        await deliver()

        found = await letter(registry)
        assert (found["state"], found["code"], found["sent_at"]) == ("failed", "smtp_550", None)
        assert len(await waiting(registry)) == 1

    async def test_gives_up_after_a_day_of_trying(
        self,
        client: AsyncClient,
        registry: ServiceDatabase,
        sender: Headers,
        mailbox: Mailbox,
        deliver: Deliver,
    ) -> None:
        await tell(client, sender)
        mailbox.to_receiver = "450 Busy"
        for _ in range(10):
            await deliver()

        found = await letter(registry)
        assert (found["state"], found["attempts"], found["code"]) == ("failed", 8, "smtp_450")
        due = await waiting(registry)
        assert len(due) == 8
        assert due == sorted(due)

    async def test_fails_where_the_address_went_away(
        self,
        client: AsyncClient,
        registry: ServiceDatabase,
        sender: Headers,
        mailbox: Mailbox,
        deliver: Deliver,
    ) -> None:
        await tell(client, sender)
        await registry.fetch("update account set work_contact = null")

        await deliver()

        found = await letter(registry)
        assert (found["state"], found["code"]) == ("failed", "no_address")
        assert mailbox.receivers == []

    async def test_writes_no_address_into_the_log(
        self,
        client: AsyncClient,
        sender: Headers,
        mailbox: Mailbox,
        deliver: Deliver,
        capfd: pytest.CaptureFixture[str],
    ) -> None:
        await tell(client, sender)
        for answer in ("451 Later, municipal-officer@prishtine.example", "250 OK"):
            mailbox.to_letter = answer
            await deliver()

        said = capfd.readouterr().out
        assert "letter_not_sent" in said
        assert "letter_sent" in said
        assert "@" not in said
        assert "prishtine" not in said

    async def test_sends_a_second_time_under_the_same_number_when_it_was_cut_off(
        self,
        client: AsyncClient,
        registry: ServiceDatabase,
        sender: Headers,
        mailbox: Mailbox,
        deliver: Deliver,
    ) -> None:
        await tell(client, sender)
        mailbox.may_answer = asyncio.Event()
        cut_off = asyncio.create_task(deliver())
        await mailbox.has_letter.wait()
        cut_off.cancel()
        await asyncio.gather(cut_off, return_exceptions=True)
        assert (await letter(registry))["state"] == "queued"

        mailbox.may_answer = None
        await deliver()

        assert (await letter(registry))["state"] == "sent"
        assert len({one["Message-ID"] for one in mailbox.taken}) == 1
        assert len(mailbox.taken) == 2

    async def test_writes_a_file_where_there_is_no_server(
        self,
        client: AsyncClient,
        registry: ServiceDatabase,
        sender: Headers,
        make_settings: MakeSettings,
        tmp_path: Path,
    ) -> None:
        await tell(client, sender)
        settings = make_settings(registry).model_copy(update={"mail_folder": str(tmp_path)})
        [send] = notice_jobs(settings).values()
        known = await letter(registry)

        async with registry.opened() as opened:
            await send(opened, {"delivery": str(known["id"])})

        found = await letter(registry)
        assert (found["state"], found["channel"]) == ("sent", "folder")
        assert os.listdir(tmp_path) == [  # noqa: PTH208  Not blocking for long.
            f"{known['id']}.eml"
        ]
