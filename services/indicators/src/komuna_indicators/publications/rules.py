"""From the cells of reports to figures: of each municipality, of the country, and their ratios.

Missing is never zero: a sum says of how many reporters it is made, and a ratio is made of the sums
of its two parts, never of ratios.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from uuid import UUID

from komuna_indicators.forms.rules import Entry, Form, Total, status_of
from komuna_indicators.municipalities.rules import COUNTRY
from komuna_indicators.observations.rules import InputRole, Reason, Status
from komuna_shared.errors import ConflictError

_HUNDRED = Decimal(100)
_NOTHING = Decimal(0)
# From sure to unsure: a sum is as unsure as the least sure of its parts.
_SURENESS = (Status.NORMAL, Status.PROVISIONAL, Status.ESTIMATED, Status.LOW_RELIABILITY)

Series = tuple[str, str]
"""Indicator and breakdown."""

Place = tuple[str, str, str]
"""Indicator, municipality and breakdown."""


class NothingToReleaseError(ConflictError):
    """No verified report waits."""

    code = "nothing_to_release"
    detail = "No verified report of this obligation and period waits to be released."


@dataclass(frozen=True, slots=True)
class Ratio:
    """An indicator that is one count as a percentage of another."""

    series: Series
    numerator: Series
    denominator: Series
    decimals: int


@dataclass(frozen=True, slots=True)
class Told:
    """What the published version of a report says."""

    submission: UUID
    entries: Mapping[str, Entry]


@dataclass(frozen=True, slots=True)
class Coverage:
    """Of how many reporters a figure is made, and of how many it should be."""

    count: int
    of: int

    @property
    def is_whole(self) -> bool:
        """Say whether nobody is missing."""
        return self.count == self.of


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure, or why there is none, with what it rests on."""

    place: Place
    value: Decimal | None
    status: Status
    reason: Reason | None = None
    numerator: Decimal | None = None
    denominator: Decimal | None = None
    coverage: Coverage | None = None
    inputs: tuple[tuple[InputRole, Place], ...] = ()
    submission: UUID | None = None
    cell: str | None = None

    @property
    def is_answered(self) -> bool:
        """Say whether nothing is missing here: there is a value, or there can be none."""
        return self.value is not None or self.status is Status.CANNOT_EXIST


Figures = dict[Place, Figure]


def make_figures(
    form: Form, ratios: Sequence[Ratio], reporters: Iterable[str], reports: Mapping[str, Told]
) -> Figures:
    """Return all figures of a form for one period; what a figure rests on comes before it."""
    places = sorted({*reporters, *reports})
    made: Figures = {}
    for slug in places:
        for figure in _counts(form, slug, reports.get(slug)):
            made[figure.place] = figure
    series = list(dict.fromkeys((name, codes) for name, _, codes in made))
    for one in series:
        total = _country(one, [made[one[0], slug, one[1]] for slug in places])
        made[total.place] = total
    for ratio in ratios:
        shares = [_ratio(ratio, slug, made) for slug in places]
        made |= {figure.place: figure for figure in shares}
        total = _country_ratio(ratio, places, made)
        made[total.place] = total
    return made


def percentage(part: Decimal, whole: Decimal, decimals: int) -> Decimal:
    """Return a share as it is printed."""
    return (part / whole * _HUNDRED).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)


def _counts(form: Form, slug: str, told: Told | None) -> Iterator[Figure]:
    entries = {} if told is None else told.entries
    submission = None if told is None else told.submission
    totals = {total.cell: total for total in form.totals}
    cells: dict[str, Figure] = {}
    for cell in form.cells.values():
        entry = entries.get(cell.code, _MISSING)
        figure = Figure(
            place=(cell.indicator, slug, cell.breakdown),
            value=entry.value,
            status=status_of(entry),
            reason=entry.reason,
            submission=submission,
            cell=None if submission is None else cell.code,
        )
        cells[cell.code] = figure
        # A total that was not told is made of its parts below.
        if cell.code not in totals or entry.value is not None:
            yield figure
    for total in form.totals:
        if total.cell is None or cells[total.cell].value is None:
            yield _sum(total, slug, [cells[part] for part in total.parts], submission)


_MISSING = Entry(cell="", status=Status.NOT_RECEIVED, reason=Reason.NOT_RECEIVED)


def _sum(total: Total, slug: str, parts: Sequence[Figure], submission: UUID | None) -> Figure:
    place = (total.indicator, slug, total.breakdown)
    unknown = next((part for part in parts if not part.is_answered), None)
    known = [part for part in parts if part.value is not None]
    if unknown is not None or not known:
        silent = unknown or parts[0]
        return Figure(place, None, silent.status, silent.reason, submission=submission)
    return Figure(
        place,
        _added(known),
        _least_sure(known),
        inputs=tuple((InputRole.PART, part.place) for part in known),
        submission=submission,
    )


def _country(series: Series, parts: Sequence[Figure]) -> Figure:
    place = (series[0], COUNTRY, series[1])
    known = [part for part in parts if part.value is not None]
    coverage = Coverage(sum(part.is_answered for part in parts), len(parts))
    if not known:
        return _silent(place, coverage)
    return Figure(
        place,
        _added(known),
        _least_sure(known) if coverage.is_whole else Status.LOW_RELIABILITY,
        coverage=coverage,
        inputs=tuple((InputRole.PART, part.place) for part in known),
    )


def _ratio(ratio: Ratio, slug: str, made: Mapping[Place, Figure]) -> Figure:
    place = (ratio.series[0], slug, ratio.series[1])
    part, whole = _parts(ratio, slug, made)
    silent = next((one for one in (part, whole) if one.value is None), None)
    if silent is not None:
        status, reason = silent.status, silent.reason
        return Figure(place, None, status, reason, submission=part.submission)
    inputs = ((InputRole.NUMERATOR, part.place), (InputRole.DENOMINATOR, whole.place))
    sums = (_added([part]), _added([whole]))
    status = _least_sure([part, whole])
    return _share(
        Figure(place, None, status, inputs=inputs, submission=part.submission), sums, ratio
    )


def _country_ratio(ratio: Ratio, places: Sequence[str], made: Mapping[Place, Figure]) -> Figure:
    place = (ratio.series[0], COUNTRY, ratio.series[1])
    pairs = [_parts(ratio, slug, made) for slug in places]
    known = [pair for pair in pairs if all(one.value is not None for one in pair)]
    answered = sum(all(one.is_answered for one in pair) for pair in pairs)
    coverage = Coverage(answered, len(places))
    if not known:
        return _silent(place, coverage)
    sums = (_added(pair[0] for pair in known), _added(pair[1] for pair in known))
    inputs = tuple(
        (role, one.place)
        for role, at in ((InputRole.NUMERATOR, 0), (InputRole.DENOMINATOR, 1))
        for one in (pair[at] for pair in known)
    )
    sure = _least_sure(one for pair in known for one in pair)
    status = sure if coverage.is_whole else Status.LOW_RELIABILITY
    figure = Figure(place, None, status, coverage=coverage, inputs=inputs)
    return _share(figure, sums, ratio)


def _share(figure: Figure, sums: tuple[Decimal, Decimal], ratio: Ratio) -> Figure:
    """Return the figure with its share; a share of nobody cannot exist."""
    part, whole = sums
    status, reason = (figure.status, None) if whole else _why_none(figure.coverage)
    return Figure(
        place=figure.place,
        value=percentage(part, whole, ratio.decimals) if whole else None,
        status=status,
        reason=reason,
        numerator=part,
        denominator=whole,
        coverage=figure.coverage,
        inputs=figure.inputs,
        submission=figure.submission,
    )


def _silent(place: Place, coverage: Coverage) -> Figure:
    return Figure(place, None, *_why_none(coverage), coverage=coverage)


def _why_none(coverage: Coverage | None) -> tuple[Status, Reason]:
    """Return why there is no figure: while somebody is awaited, there may be one yet."""
    if coverage is None or (coverage.is_whole and coverage.of):
        return Status.CANNOT_EXIST, Reason.CANNOT_EXIST
    return Status.NOT_RECEIVED, Reason.NOT_RECEIVED


def _parts(ratio: Ratio, slug: str, made: Mapping[Place, Figure]) -> tuple[Figure, Figure]:
    (part, part_codes), (whole, whole_codes) = ratio.numerator, ratio.denominator
    return made[part, slug, part_codes], made[whole, slug, whole_codes]


def _added(figures: Iterable[Figure]) -> Decimal:
    return sum((one.value for one in figures if one.value is not None), _NOTHING)


def _least_sure(figures: Iterable[Figure]) -> Status:
    return max((one.status for one in figures), key=_SURENESS.index)
