"""What the database is asked about tasks: each kind is a select of the same columns.

What a caller sees starts from the `_visible_to` of cases and of referrals.
"""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Select, Text, Uuid, cast, literal, null, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from komuna_referrals.cases.models import CaseAccess, CaseRecord
from komuna_referrals.cases.queries import select_unrated
from komuna_referrals.referrals.models import Recall, Referral
from komuna_referrals.referrals.queries import (
    select_recalled,
    select_returned,
    select_unanswered,
)
from komuna_referrals.referrals.rules import State
from komuna_shared.access import Caller
from komuna_shared.database import Record
from komuna_shared.paging import Found, Key, PageRequest, keyset

from .rules import TOLD_FOR, TaskKind

_CASE = CaseRecord.__table__.c
_ACCESS = CaseAccess.__table__.c
_REFERRAL = Referral.__table__.c
_RECALL = Recall.__table__.c


async def list_tasks(session: AsyncSession, page: PageRequest, *, caller: Caller) -> Found[Record]:
    """Return everything that waits for the caller, the oldest first."""
    unrated = select_unrated(caller)
    unanswered = select_unanswered(caller)
    asked = select_returned(caller, State.INFO_REQUESTED)
    refused = select_returned(caller, State.DECLINED, State.EXPIRED)
    waiting = union_all(
        _case(TaskKind.RATE_RISK, unrated),
        # The case of what came in is nobody's to name before it is accepted.
        _referral(TaskKind.ANSWER_REFERRAL, unanswered, _REFERRAL.sent_at),
        _referral(TaskKind.INFORM_RECEIVER, asked, _REFERRAL.changed_at),
        _referral(TaskKind.REFER_ELSEWHERE, refused, _REFERRAL.changed_at),
        _recalled(select_recalled(caller, datetime.now(UTC) - TOLD_FOR)),
    ).subquery()
    keys = [Key("waiting_since", waiting.c.waiting_since), Key("id", waiting.c.id)]
    return await keyset(session, select(waiting), page, keys=keys, default="waiting_since")


def _case(kind: TaskKind, statement: Select[*tuple[object, ...]]) -> Select[Any]:
    return statement.with_only_columns(
        literal(kind.value, Text).label("kind"),
        _CASE.id.label("id"),
        _CASE.id.label("case_id"),
        cast(null(), Uuid).label("referral_id"),
        _ACCESS.opened_at.label("waiting_since"),
        maintain_column_froms=True,
    )


def _referral(kind: TaskKind, statement: Select[*tuple[object, ...]], since: Any) -> Select[Any]:
    return statement.with_only_columns(
        literal(kind.value, Text).label("kind"),
        _REFERRAL.id.label("id"),
        cast(null(), Uuid).label("case_id"),
        _REFERRAL.id.label("referral_id"),
        since.label("waiting_since"),
        maintain_column_froms=True,
    )


def _recalled(statement: Select[*tuple[object, ...]]) -> Select[Any]:
    return statement.with_only_columns(
        literal(TaskKind.STOP_USING_DATA.value, Text).label("kind"),
        _RECALL.referral_id.label("id"),
        cast(null(), Uuid).label("case_id"),
        _RECALL.referral_id.label("referral_id"),
        _RECALL.recalled_at.label("waiting_since"),
        maintain_column_froms=True,
    )
