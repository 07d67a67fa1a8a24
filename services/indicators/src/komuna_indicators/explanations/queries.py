"""What the database is asked to explain a figure."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, select
from sqlalchemy.ext.asyncio import AsyncConnection

from komuna_indicators.catalogue.snapshot import Catalogue
from komuna_indicators.municipalities.models import Municipality
from komuna_indicators.observations import queries as observations
from komuna_indicators.observations.queries import Wanted
from komuna_indicators.periods import Period
from komuna_indicators.submissions.models import SubmissionDecision
from komuna_indicators.submissions.queries import SUBMISSION
from komuna_shared.errors import NotFoundError
from komuna_shared.paging import PageRequest

from . import rules

_MOST = 50
_FIGURE = observations.FIGURES
_DECISION = SubmissionDecision.__table__


async def find_stated(
    connection: AsyncConnection, catalogue: Catalogue, *, dataflow: str, key: str, period: Period
) -> Sequence[Row[Any]]:
    """Return what is stated about one cell, the leading statement first, or raise."""
    indicator, _, rest = key.partition(".")
    municipality, _, codes = rest.partition(".")
    dimensions = list(catalogue.dimensions.get(dataflow, ()))
    named = codes.split(".") if codes else []
    if not municipality or len(named) != len(dimensions):
        raise NotFoundError
    wanted = Wanted(
        dataflows=[dataflow],
        indicators=[indicator],
        municipalities=[municipality],
        periods=[period],
        codes={name: [code] for name, code in zip(dimensions, named, strict=True)},
    )
    found = await observations.list_observations(connection, PageRequest(limit=_MOST), wanted)
    if not found.items:
        raise NotFoundError
    return sorted(found.items, key=lambda row: _precedence(row, catalogue))


async def find_names(connection: AsyncConnection, slug: str) -> Mapping[str, str] | None:
    """Return what a municipality is called."""
    names = select(Municipality.names).where(Municipality.slug == slug)
    found: dict[str, str] | None = (await connection.execute(names)).scalar()
    return found


async def find_evidence(
    connection: AsyncConnection, observation_ids: Iterable[UUID]
) -> Mapping[str, Row[Any]]:
    """Return the version of a report that each figure stands in, without any name."""
    evidence: Select[Any] = (
        select(
            _FIGURE.c.id.label("observation_id"),
            _FIGURE.c.cell,
            SUBMISSION.c.id,
            SUBMISSION.c.obligation,
            SUBMISSION.c.form,
            SUBMISSION.c.form_version,
            SUBMISSION.c.version_no,
            SUBMISSION.c.channel,
            SUBMISSION.c.file_sha256,
            SUBMISSION.c.submitted_at,
            _DECISION.c.decided_at.label("verified_at"),
        )
        .join_from(_FIGURE, SUBMISSION, SUBMISSION.c.id == _FIGURE.c.submission_id)
        .join(_DECISION, _DECISION.c.submission_id == SUBMISSION.c.id)
        .where(_FIGURE.c.id.in_(list(observation_ids)))
    )
    return {str(row.observation_id): row for row in await connection.execute(evidence)}


def _precedence(row: Row[Any], catalogue: Catalogue) -> tuple[int, list[int]]:
    document = catalogue.documents.get(row.document)
    return rules.precedence(row.origin, document.published_on if document else None)
