"""What ends with an institution: each membership of it and in it, in the same transaction."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from komuna_registry.periods import PeriodOrderError, parse, presence
from komuna_registry.sources.models import Source
from komuna_registry.sources.rules import Standing
from komuna_registry.tables import ranges
from komuna_shared.changes import Change, publish_all
from komuna_shared.database import Record

from .models import Institution, Membership

OUTLIVES = "A membership was seen after the body or its member had ended."


def end_with(
    ended: str, *, since: str | None, until: str | None, attested_on: str | None
) -> str | None:
    """Return when a membership ends whose body or member `ended`; raise if it was seen later."""
    held = presence(since, until, attested_on).possible.upper
    limit = presence(None, ended).possible.upper
    if held is not None and limit is not None and held <= limit:
        return until
    presence(since, ended, attested_on)
    seen = parse(attested_on).first if attested_on else None
    if seen is not None and limit is not None and seen >= limit:
        raise PeriodOrderError
    return ended


def can_end(membership: Record, ended: str) -> bool:
    """Tell whether what is known of a membership allows that its body or member has ended."""
    try:
        end_with(
            ended,
            since=membership.since,
            until=membership.until,
            attested_on=membership.attested_on,
        )
    except PeriodOrderError:
        return False
    return True


async def find_memberships(session: AsyncSession, codes: Iterable[str]) -> Sequence[Record]:
    """Return the memberships in these bodies and of these institutions."""
    table, named = Membership.__table__, list(codes)
    found = await session.execute(
        select(table)
        .where(or_(table.c.body.in_(named), table.c.institution.in_(named)))
        .order_by(table.c.id)
    )
    return found.all()


async def close_memberships(session: AsyncSession, codes: Iterable[str]) -> None:
    """End every membership that would outlive its body or its member, and tell who follows."""
    memberships = await find_memberships(session, codes)
    named = {one.body for one in memberships} | {one.institution for one in memberships}
    ends = await session.execute(
        select(Institution.code, Institution.valid_until).where(
            Institution.code.in_(named - {None}), Institution.valid_until.is_not(None)
        )
    )
    ended = {one.code: one.valid_until for one in ends}
    closed = [one.id for one in memberships if await _close(session, one, ended)]
    await tell_memberships(session, closed)


async def tell_memberships(session: AsyncSession, ids: Iterable[UUID]) -> None:
    """Tell who follows the feed how these memberships are now."""
    rows = await session.execute(
        select(*Membership.__table__.c, (Source.standing == Standing.SYNTHETIC).label("is_made_up"))
        .join_from(Membership, Source, Source.code == Membership.source)
        .where(Membership.id.in_(list(ids)))
        .order_by(Membership.id)
    )
    await publish_all(session, [_describe(row) for row in rows])


def _describe(row: Record) -> Change:
    told = ("body", "institution", "municipality", "holder", "since", "until", "attested_on")
    return Change(
        "membership",
        str(row.id),
        row.version,
        {
            **{name: getattr(row, name) for name in told},
            "function": row.function.value,
            "is_synthetic": row.is_made_up,
            "source": row.source,
            "locator": row.locator,
        },
    )


async def _close(session: AsyncSession, one: Record, ended: dict[str, str]) -> bool:
    until = one.until
    for code in (one.body, one.institution):
        if code in ended:
            until = end_with(ended[code], since=one.since, until=until, attested_on=one.attested_on)
    if until == one.until:
        return False
    held = presence(one.since, until, one.attested_on)
    await session.execute(
        update(Membership)
        .where(Membership.id == one.id)
        .values(until=until, version=Membership.version + 1, **ranges(held))
    )
    return True
