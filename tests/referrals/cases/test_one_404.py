"""One and the same 404 for what is unknown, malformed, foreign, or blocked, on every route."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from tests.referrals.casework import Hire, Worker, nameless
from tests.referrals.conftest import PEJE

PRESUMED = {"to": "presumed", "indicators": ["purpose.forced_begging"]}
POLICE = "police"


@contextmanager
def statements() -> Iterator[list[str]]:
    """Collect every statement that any engine sends."""
    sent: list[str] = []

    def note(_: Any, __: Any, statement: str, *___: Any) -> None:
        sent.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(Engine, "before_cursor_execute", note)


ROUTES = [
    ("GET", "", None),
    ("GET", "/history", None),
    ("GET", "/person", None),
    ("GET", "/account", None),
    ("GET", "/blocks", None),
    ("POST", "/identification-decisions", PRESUMED),
    ("POST", "/partners", {"institution": PEJE, "role": "advocacy"}),
    ("POST", "/blocks", {"institution": PEJE, "reason": "A relative works there."}),
    ("PUT", "/person", {"first_name": "Filane"}),
]


async def ask(worker: Worker, method: str, path: str, body: Any) -> httpx.Response:
    if method == "GET":
        return await worker.get(path)
    return await worker.send(method, path, body, if_match='"x"')


class TestOne404:
    @pytest.mark.parametrize(("method", "rest", "body"), ROUTES)
    async def test_is_all_that_strangers_and_the_blocked_see(
        self, hire: Hire, method: str, rest: str, body: Any
    ) -> None:
        owner, worker = await hire("social_worker"), await hire("investigator", POLICE)
        foreign, blocked = await owner.open_case(), await owner.open_case()
        await owner.write_person(foreign["id"])
        path = f"/v1/cases/{blocked['id']}"
        await owner.post(f"{path}/partners", {"institution": POLICE, "role": "protection"})
        assert (await worker.get(path)).status_code == 200
        await owner.post(f"{path}/blocks", {"institution": POLICE, "reason": "A relative."})
        await ask(worker, method, f"/v1/cases/{uuid4()}{rest}", body)  # Opens the connections.

        answers, sent = [], []
        for one in (uuid4(), foreign["id"], blocked["id"], "17", "Arta-Krasniqi"):
            with statements() as seen:
                response = await ask(worker, method, f"/v1/cases/{one}{rest}", body)
            answers.append(nameless(response))
            sent.append(seen)

        assert [status for status, _, _ in answers] == [404] * 5
        assert all(one == answers[0] for one in answers)
        assert all(one == sent[0] for one in sent)
        assert len(sent[0]) > 0
