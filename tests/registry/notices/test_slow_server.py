"""A letter whose mail server thinks longer than a transaction may otherwise stand still."""

import asyncio

from httpx import AsyncClient
from pydantic import SecretStr
from sqlalchemy import Connection, event, text

from komuna_registry.notices.jobs import notice_jobs
from tests.databases import ServiceDatabase
from tests.registry.conftest import Headers, MakeSettings

from .conftest import Mailbox, letter, tell


async def test_is_marked_as_sent_and_not_sent_again(
    client: AsyncClient,
    registry: ServiceDatabase,
    sender: Headers,
    mailbox: Mailbox,
    make_settings: MakeSettings,
) -> None:
    await tell(client, sender)
    url = SecretStr(f"smtp://127.0.0.1:{mailbox.port}")
    [send] = notice_jobs(make_settings(registry).model_copy(update={"smtp_url": url})).values()
    mailbox.may_answer = asyncio.Event()

    async with registry.opened() as opened:

        @event.listens_for(opened.engine.sync_engine, "begin")
        def hurry(connection: Connection) -> None:
            connection.execute(text("set local idle_in_transaction_session_timeout = '200ms'"))

        given = {"delivery": str((await letter(registry))["id"])}
        sending = asyncio.gather(send(opened, given))
        await mailbox.has_letter.wait()
        await asyncio.sleep(0.5)
        mailbox.may_answer.set()
        await sending

    assert (await letter(registry))["state"] == "sent"
    assert len(mailbox.taken) == 1
