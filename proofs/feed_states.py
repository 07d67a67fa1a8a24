"""What the feed should have told, read from the tables and not by what writes the feed."""

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

import asyncpg

State = dict[tuple[str, str], tuple[int, dict[str, Any]]]
"""By type and id: the version, and everything that a follower of these audiences may know."""


def _rows(table: str, column: str, *, key: str = "t.code", **more: str) -> str:
    """Return SQL for the rows of a table that belong to the row `t`, with more said of each."""
    named = "".join(f" || jsonb_build_object('{name}', {sql})" for name, sql in more.items())
    rows = f"select jsonb_agg(to_jsonb(c){named}) from {table} c where c.{column} = {key}"  # noqa: S608
    return f"coalesce(({rows}), '[]')"


def _texts(select: str) -> str:
    return f"coalesce((select jsonb_agg({select}), '[]')"


@dataclass(frozen=True)
class Told:
    """How one type stands in its table `t`; `derived` is what it says of rows of other tables."""

    key: str = "t.code"
    audience: str = "'public'"
    where: str = "true"
    derived: Mapping[str, str] = field(default_factory=dict)


def _three(mark: str) -> Told:
    return Told(f"t.kind || '{mark}' || t.indicator || '{mark}' || t.period")


_BY_ID = Told("t.id::text")
# Of these the source alone says whether they are made up.
_FLAG = {"is_synthetic": "(select standing = 'synthetic' from source where code = t.source)"}
TYPES: dict[str, Told] = {
    "source": Told(),
    "region": Told(),
    "municipality": Told(
        "t.slug",
        derived={
            "names": "coalesce((select jsonb_object_agg(language, text) from municipality_name"
            " where municipality = t.slug and form = 'indefinite'),"
            " jsonb_build_object('sq', t.slug))",
            "definite_name": "(select text from municipality_name where municipality = t.slug"
            " and form = 'definite')",
            "certain_from": "lower(t.certain)",
            "certain_until": "upper(t.certain)",
            "codes": "coalesce((select jsonb_object_agg(scheme, code) from municipality_code"
            " where municipality = t.slug and is_verified), '{}')",
            "regions": _texts("region) from municipality_region where municipality = t.slug"),
            "populations": _rows("municipality_population", "municipality", key="t.slug"),
        },
    ),
    "municipality_community": _BY_ID,
    "settlement": Told(derived={"municipalities": _rows("settlement_municipality", "settlement")}),
    "language_rule": Told(),
    "municipality_language": _BY_ID,
    "institution": Told(
        derived={
            "abbreviations": _texts(
                "text) from institution_name where institution = t.code and form = 'abbreviation'"
            ),
            "parents": _texts("parent) from institution_parent where institution = t.code"),
            "predecessors": _texts(
                "predecessor) from institution_succession where successor = t.code"
            ),
            "successors": _texts(
                "successor) from institution_succession where predecessor = t.code"
            ),
        }
    ),
    "membership": Told("t.id::text", derived=_FLAG),
    "mechanism_kind": Told(),
    "mechanism_statement": _BY_ID,
    "mechanism_publication": _three("/"),
    "mechanism": Told(
        derived={
            "municipalities": _texts(
                "municipality) from mechanism_municipality where mechanism = t.code"
            ),
            "states": _rows("mechanism_state", "mechanism"),
        }
    ),
    "mechanism_meeting": Told(
        "t.id::text",
        derived={
            "attendance": "coalesce((select jsonb_agg(to_jsonb(c)) from mechanism_attendance c"
            " where c.mechanism = t.mechanism and c.held_on = t.held_on), '[]')"
        },
    ),
    "office_kind": Told(),
    "office_publication": _three(":"),
    "office": Told(derived=_FLAG),
    "holder": Told(derived=_FLAG),
    "tenure": Told("t.id::text", derived=_FLAG),
    "accessibility_criterion": Told(),
    "facility": Told(
        derived={
            "surveys": _rows(
                "facility_survey",
                "facility",
                findings="coalesce((select jsonb_agg(to_jsonb(f)) from facility_finding f"
                " where f.facility = c.facility and f.surveyed_on = c.surveyed_on), '[]')",
            )
        }
    ),
    "activity": Told(
        derived={
            "municipalities": _texts(
                "municipality) from activity_municipality where activity = t.code"
            ),
            "parties": _rows("activity_party", "activity"),
            "participants": _rows("activity_participant", "activity"),
            "evidence": _rows("activity_evidence", "activity"),
        }
    ),
    "activity_publication": _three("/"),
    "service": Told(
        audience="t.audience",
        derived={
            "areas": _rows(
                "service_area",
                "service",
                kind="case when c.municipality is not null then 'municipality'"
                " when c.region is not null then 'region' else 'national' end",
                code="coalesce(c.municipality, c.region)",
            ),
            "languages": _texts("language) from service_language where service = t.code"),
            "eligibility": _texts("code) from service_eligibility c where c.service = t.code"),
            "licences": _rows("service_license", "service"),
            "schedules": _rows("service_schedule", "service"),
            "costs": _rows("service_cost", "service"),
            "texts": _rows("service_text", "service"),
            "capacities": _rows("service_capacity", "service"),
            "channels": _rows("service_channel", "service", of="'service'")
            + " || "
            + _rows(
                "institution_channel",
                "institution",
                key="t.institution",
                of="'institution'",
                location="null::text",
            ),
            "places": "coalesce((select jsonb_agg(to_jsonb(l) || jsonb_build_object("  # noqa: S608
            "'id', a.id, 'valid_from', a.valid_from, 'valid_until', a.valid_until,"
            f" 'accessibility', {_rows('location_accessibility', 'location', key='l.code')}))"
            " from service_at_location a join location l on l.code = a.location"
            " where a.service = t.code), '[]')",
        },
    ),
    "contact": Told("t.id::text", audience="'contacts'"),
    "assignment": Told(
        "t.id::text",
        audience="'service.assignments.read'",
        where="t.revoked_at is null",
        derived={
            "issuer": "(select issuer from account where id = t.account)",
            "subject": "(select subject from account where id = t.account)",
        },
    ),
}
# Written from the Latin letters, and what a spelling means today among all the others.
_ELSEWHERE = frozenset({"sr-Cyrl", "spellings"})


async def state_of(connection: asyncpg.Connection, audiences: Collection[str]) -> State:
    """Return everything that these audiences may know now, each thing as its tables have it."""
    found: State = {}
    for type_, told in TYPES.items():
        if await connection.fetchval("select to_regclass($1)", type_) is None:
            continue
        derived = "".join(
            f" || jsonb_build_object('{name}', {sql})" for name, sql in told.derived.items()
        )
        rows = await connection.fetch(
            f"select {told.key} as id, t.version, (to_jsonb(t){derived})::text as said"  # noqa: S608
            f" from {type_} t where {told.where} and {told.audience} = any($1)",
            [*audiences],
        )
        for row in rows:
            found[type_, row["id"]] = (row["version"], json.loads(row["said"], parse_float=str))
    return found


def differences(told: State, real: State) -> list[tuple[str, str, str]]:
    """Return each thing that followers know otherwise than it is: type, id, and in what."""
    missing = [(*key, "not told") for key in real.keys() - told.keys()]
    left = [(*key, "gone, and still told") for key in told.keys() - real.keys()]
    changed = [
        (*key, name) for key in told.keys() & real.keys() for name in _differing(told, real, key)
    ]
    return sorted(missing + left + changed)


def _differing(told: State, real: State, key: tuple[str, str]) -> Iterator[str]:
    (version, said), (present, stands) = told[key], real[key]
    if version != present:
        yield "version"
    for name, value in said.items():
        if name not in _ELSEWHERE and not _fits(value, stands.get(name, "nothing")):
            yield name


def _fits(told: Any, real: Any) -> bool:
    """Tell whether what is told is what stands there, as far as it is told, in any order."""
    if isinstance(told, dict) and isinstance(real, dict):
        return all(
            name in _ELSEWHERE or (name in real and _fits(value, real[name]))
            for name, value in told.items()
        )
    if isinstance(told, list) and isinstance(real, list):
        left = list(real)
        for one in told:
            match = next((other for other in left if _fits(one, other)), None)
            if match is None:
                return False
            left.remove(match)
        return not left
    return bool(told == real) or _number(told) == _number(real) != None  # noqa: E711


def _number(value: Any) -> Decimal | None:
    if value is None or isinstance(value, bool):
        return None
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return None
