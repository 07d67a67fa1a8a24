"""The files that activities come in; officers send those of their own municipality."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from komuna_registry.institutions.models import Institution
from komuna_registry.intake import Table, Written, collection
from komuna_registry.keeping import Concern, kept_by_owners
from komuna_registry.municipalities.models import Municipality
from komuna_registry.sources.models import Source
from komuna_shared.changes import Change, publish_all
from komuna_shared.imports import Collection, Row

from .models import (
    Activity,
    ActivityEvidence,
    ActivityMunicipality,
    ActivityParticipant,
    ActivityParty,
    ActivityPublication,
)
from .rows import ActivityRow, EvidenceRow, ParticipantRow, PartyRow, PlaceRow, PublicationRow
from .telling import tell_activities

_SOURCE = {"source": Source.code}
_ACTIVITY = {"activity": Activity.code, **_SOURCE}


async def _tell(session: AsyncSession, written: Written) -> None:
    await tell_activities(session, sorted({row.get("activity") or row["code"] for row in written}))


async def _tell_publications(session: AsyncSession, written: Written) -> None:
    await publish_all(
        session,
        [
            Change(
                "activity_publication",
                "/".join((row["kind"].value, row["indicator"], row["period"])),
                row["version"],
                {
                    "kind": row["kind"].value,
                    **{name: row[name] for name in ("indicator", "period", "source", "locator")},
                },
            )
            for row in written
        ],
    )


async def _find_concerns(session: AsyncSession, rows: Sequence[Row[Any]]) -> list[Concern]:
    """Return for each row who keeps its activity, would keep it, and where it says it was."""
    codes = [getattr(row.value, "activity", None) or row.value.code for row in rows]
    found = await session.execute(
        select(Activity.code, Activity.keeper, Activity.is_synthetic).where(
            Activity.code.in_(codes)
        )
    )
    known = {one.code: one for one in found}
    return [
        Concern(
            ({known[code].keeper} if code in known else set()) | _named(row.value),
            {
                bool(getattr(one, "is_synthetic", False))
                for one in (known.get(code), row.value)
                if hasattr(one, "is_synthetic")
            },
        )
        for code, row in zip(codes, rows, strict=True)
    ]


def _named(value: Any) -> set[str | None]:
    if isinstance(value, PlaceRow):
        return {value.municipality}
    return {value.keeper} if isinstance(value, ActivityRow) else set()


def _part(
    name: str, row_model: Any, model: Any, keys: Sequence[str], **references: Any
) -> Collection[Any]:
    table = Table(model, ("activity", *keys), {**_ACTIVITY, **references}, _tell)
    return kept_by_owners(collection(name, row_model, table), "activity", _find_concerns)


COLLECTIONS: tuple[Collection[Any], ...] = (
    kept_by_owners(
        collection(
            "activities",
            ActivityRow,
            Table(Activity, ("code",), {"keeper": Municipality.slug, **_SOURCE}, _tell),
        ),
        "keeper",
        _find_concerns,
    ),
    _part(
        "activity_municipalities",
        PlaceRow,
        ActivityMunicipality,
        ("municipality",),
        municipality=Municipality.slug,
    ),
    _part(
        "activity_parties",
        PartyRow,
        ActivityParty,
        ("part", "institution", "municipality", "name"),
        institution=Institution.code,
        municipality=Municipality.slug,
    ),
    _part("activity_participants", ParticipantRow, ActivityParticipant, ("sex", "community")),
    _part("activity_evidence", EvidenceRow, ActivityEvidence, ("url",)),
    collection(
        "activity_publications",
        PublicationRow,
        Table(ActivityPublication, ("kind", "indicator", "period"), _SOURCE, _tell_publications),
    ),
)
