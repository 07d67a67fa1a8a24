"""One file sent twice: a version keeps what it was made from, and so does the next one."""

from tests.databases import ServiceDatabase
from tests.indicators.journey import Journey

from .sending import filled, send


async def test_is_taken_in_again_after_a_return(
    journey: Journey, indicators: ServiceDatabase
) -> None:
    body = await filled(journey)
    made = (await send(journey, body)).json()
    await journey.returned(made["id"], director_M="Is this right?")

    answer = await send(journey, body)

    assert answer.status_code == 201, answer.text
    assert answer.json()["supersedes"] == made["id"]
    assert answer.json()["file_sha256"] == made["file_sha256"]
    [kept] = await indicators.fetch("select submission from submission_file")
    assert str(kept["submission"]) == made["id"]
