"""Many spellings at once: files name the same few municipalities over and over."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import date

import orjson
from pydantic import TypeAdapter

from .frame import Frame
from .queries import resolve
from .resolution import Status
from .schemas import ResolutionOut

_ONE = TypeAdapter(ResolutionOut)
_BREATH = 200


async def resolve_all(
    frame: Frame, names: Sequence[str], *, scheme: str | None, as_of: date, language: str
) -> bytes:
    """Return the JSON of a `ResolutionsOut`: one resolution for each name, in their order.

    Each spelling is looked up once; what was asked is forgotten with the answer.
    """
    told: dict[str, tuple[Status, bytes]] = {}
    counts: Counter[Status] = Counter()
    items: list[bytes] = []
    for place, text in enumerate(names):
        if place % _BREATH == 0:
            await asyncio.sleep(0)  # Others are served between two hundred names.
        known = told.get(text)
        if known is None:
            found = resolve(frame, text, scheme=scheme, as_of=as_of, language=language)
            known = told[text] = found.status, _ONE.dump_json(found)
        counts[known[0]] += 1
        items.append(known[1])
    counted = orjson.dumps({status.value: counts[status] for status in Status})
    return b'{"items":[' + b",".join(items) + b'],"counts":' + counted + b"}"
