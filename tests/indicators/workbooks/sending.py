"""Workbooks on their way: fetched by an officer, filled in, sent, and answered."""

from typing import Any

from httpx import Response
from openpyxl.worksheet.worksheet import Worksheet

from tests.indicators.journey import OBLIGATION, PERIOD, VALUES, Journey

from .books import Change, changed, put

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WHERE = {"obligation": OBLIGATION, "municipality": "prishtine", "period": PERIOD}


async def fetch(journey: Journey, who: str = "officer-prishtine", **asked: str) -> Response:
    params = {"municipality": "prishtine", "period": PERIOD, **asked}
    path = "/v1/forms/decision-making-posts/workbook"
    return await journey.client.get(path, params=params, headers=journey.headers(who))


def fill(sheet: Worksheet) -> None:
    for code, value in VALUES.items():
        put(sheet, code, value=value)


async def filled(journey: Journey, *changes: Change, **asked: str) -> bytes:
    answer = await fetch(journey, **asked)
    assert answer.status_code == 200, answer.text
    return changed(answer.content, fill, *changes)


async def send(
    journey: Journey, body: bytes, who: str = "officer-prishtine", key: str = "", **more: str
) -> Response:
    headers = {**journey.headers(who), "Content-Type": XLSX}
    if key:
        headers["Idempotency-Key"] = key
    return await journey.client.post(
        "/v1/submission-files", params={**WHERE, **more}, content=body, headers=headers
    )


async def reply(journey: Journey, link: str, who: str = "officer-prishtine", lang: str = "") -> Any:
    path = link.partition(">")[0].partition("/v1/")[2]
    params = {"lang": lang} if lang else {}
    return await journey.client.get(f"/v1/{path}", params=params, headers=journey.headers(who))
