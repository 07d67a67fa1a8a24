"""What callers are told when they count who holds offices."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from komuna_registry.citations import Citation, figure_link
from komuna_shared.database import Record

from .counting import Counts
from .rules import Breakdown, Sex


class HoldersOut(BaseModel):
    """How many holders are alike; null where no source tells, or where that was not asked for.

    A seat that two may have held on the day is in two `possible_count`.
    """

    sex: Sex | None
    community: str | None = Field(examples=["ashkali"])
    municipality: str | None = Field(examples=["obiliq"])
    count: int = Field(description="Certain on the day; these add up to `held_count`.")
    possible_count: int = Field(examples=[1])


class OfficeFigureOut(Citation):
    """A published total of a kind, whose members are not named, as indicators hold it."""

    kind: str = Field(examples=["mayor"])
    indicator: str = Field(examples=["mayors"])
    period: str = Field(examples=["2020"])
    municipality: str = Field(description="All of Kosovo.", examples=["_T"])
    link: str = Field(examples=["/indicators/v1/observations?indicator=mayors&period=2020"])


class OfficeCountsOut(BaseModel):
    """The seats of a day: held, possibly held and unknown add up to all.

    The counts are null, with status `L`, where no office of these kinds is recorded for the day:
    how many there are is then not known, which is not zero.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "kind": ["mayor"],
                    "by": ["sex"],
                    "as_of": "2020-12-31",
                    "seat_count": 38,
                    "held_count": 0,
                    "possible_count": 1,
                    "unknown_count": 37,
                    "status": "A",
                    "reason": None,
                    "items": [
                        {
                            "sex": "male",
                            "community": None,
                            "municipality": None,
                            "count": 0,
                            "possible_count": 1,
                        }
                    ],
                    "published": [
                        {
                            "kind": "mayor",
                            "indicator": "mayors",
                            "period": "2020",
                            "municipality": "_T",
                            "link": "/indicators/v1/observations?indicator=mayors&period=2020",
                            "source": "s0",
                            "locator": "L89",
                        }
                    ],
                }
            ]
        }
    )

    kind: list[str]
    by: list[Breakdown]
    as_of: date
    seat_count: int | None = Field(description="Of the offices that are recorded.")
    held_count: int | None
    possible_count: int | None
    unknown_count: int | None = Field(description="Nobody is known, not even possibly.")
    status: Literal["A", "L"]
    reason: Literal["nothing_recorded"] | None
    items: list[HoldersOut]
    published: list[OfficeFigureOut] = Field(
        description="Totals that documents print without naming who holds the seats."
    )


def show_counts(
    found: Counts, kinds: Sequence[str], by: Sequence[Breakdown], as_of: date
) -> dict[str, Any]:
    """Return counts as callers read them."""
    return {
        "kind": kinds,
        "by": by,
        "as_of": as_of,
        "seat_count": found.seats,
        "held_count": found.held,
        "possible_count": found.possible,
        "unknown_count": found.unknown,
        "status": "L" if found.seats is None else "A",
        "reason": "nothing_recorded" if found.seats is None else None,
        "items": [_holders(row) for row in found.groups] if by else [],
        "published": [_figure(row) for row in found.published],
    }


def _holders(row: Record) -> dict[str, Any]:
    told = row._mapping  # noqa: SLF001  The documented name of a row's mapping.
    return {
        **{one.value: told.get(one.value) for one in Breakdown},
        "count": row.held_count,
        "possible_count": row.possible_count,
    }


def _figure(row: Record) -> dict[str, Any]:
    return {
        "kind": row.code,
        "indicator": row.indicator,
        "period": row.period,
        "municipality": "_T",
        "link": figure_link(row.indicator, row.period),
        "source": row.source,
        "locator": row.locator,
    }
