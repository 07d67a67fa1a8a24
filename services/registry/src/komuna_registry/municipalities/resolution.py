"""Which municipality a spelling or a code means on a day, or why that cannot be said."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from komuna_registry.naming import normalise, trigrams
from komuna_registry.periods import Certainty, Presence

from .rules import AliasKind

_CANDIDATES = 5
_LIKE_ENOUGH = 0.3
_PREFIXES = ("municipality of ", "komuna e ", "opstina ")


class Status(StrEnum):
    """How a resolution ended."""

    MATCHED = "matched"
    AMBIGUOUS = "ambiguous"
    NOT_FOUND = "not_found"


class Reason(StrEnum):
    """Why nothing was chosen."""

    CODE_WITHOUT_SCHEME = "code_without_scheme"
    SHARED_NAME = "shared_name"
    UNKNOWN_NAME = "unknown_name"
    UNKNOWN_CODE = "unknown_code"


class Warned(StrEnum):
    """What to look at although a municipality was found."""

    DAMAGED_SPELLING = "damaged_spelling"
    UNVERIFIED_CODE = "unverified_code"
    NOT_IN_EXISTENCE = "not_in_existence"


@dataclass(frozen=True, slots=True)
class Spelling:
    """One way in which a municipality is written, and since when."""

    slug: str
    text: str
    kind: AliasKind
    presence: Presence


@dataclass(frozen=True, slots=True)
class Code:
    """The number of a municipality in one scheme."""

    slug: str
    scheme: str
    code: str
    is_verified: bool


@dataclass(frozen=True, slots=True)
class Candidate:
    """A municipality that may be meant."""

    slug: str
    scheme: str | None = None
    similarity: float | None = None


@dataclass(frozen=True, slots=True)
class Resolution:
    """What a spelling or a code was found to mean."""

    status: Status
    slug: str | None = None
    reason: Reason | None = None
    warnings: tuple[Warned, ...] = ()
    candidates: tuple[Candidate, ...] = ()


@dataclass(slots=True)
class Index:
    """All spellings and codes, ready to be looked up."""

    existence: dict[str, Presence]
    spellings: dict[str, list[Spelling]] = field(default_factory=dict)
    codes: dict[str, list[Code]] = field(default_factory=dict)
    pieces: dict[str, set[str]] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)


def build_index(
    existence: dict[str, Presence], spellings: Iterable[Spelling], codes: Iterable[Code]
) -> Index:
    """Return an index over `spellings` and `codes`."""
    index = Index(existence)
    pieces: defaultdict[str, set[str]] = defaultdict(set)
    for spelling in spellings:
        key = normalise(spelling.text)
        index.spellings.setdefault(key, []).append(spelling)
        cut = trigrams(key)
        index.sizes[key] = len(cut)
        for piece in cut:
            pieces[piece].add(key)
    for code in codes:
        index.codes.setdefault(_plain(code.code), []).append(code)
    index.pieces = dict(pieces)
    return index


def resolve(index: Index, text: str, *, scheme: str | None, on: date) -> Resolution:
    """Return the municipality that `text` means on a day, or who may be meant."""
    stripped = text.strip()
    if scheme is not None or (stripped.isascii() and stripped.isdigit()):
        return _by_code(index, stripped, scheme, on)
    return _by_name(index, stripped, on) or _not_found(index, normalise(stripped))


def _by_code(index: Index, text: str, scheme: str | None, on: date) -> Resolution:
    known = [
        code
        for code in index.codes.get(_plain(text), [])
        if code.scheme == scheme or (scheme is None and code.is_verified)
    ]
    slugs = {code.slug for code in known}
    if not known:
        return Resolution(Status.NOT_FOUND, reason=Reason.UNKNOWN_CODE)
    if len(slugs) > 1:
        candidates = tuple(Candidate(code.slug, scheme=code.scheme) for code in known)
        return Resolution(
            Status.AMBIGUOUS, reason=Reason.CODE_WITHOUT_SCHEME, candidates=candidates
        )
    doubts = () if all(code.is_verified for code in known) else (Warned.UNVERIFIED_CODE,)
    return _matched(index, slugs.pop(), doubts, on)


def _by_name(index: Index, text: str, on: date) -> Resolution | None:
    key = normalise(text)
    for prefix in ("", *_PREFIXES):
        if key.startswith(prefix) and (found := index.spellings.get(key.removeprefix(prefix))):
            return _by_spelling(index, found, text, on)
    parts = [normalise(part) for part in text.split("/")]
    found = [one for part in parts for one in index.spellings.get(part, [])]
    if len(parts) > 1 and all(part in index.spellings for part in parts):
        return _by_spelling(index, found, text, on)
    return None


def _by_spelling(index: Index, found: Sequence[Spelling], text: str, on: date) -> Resolution:
    in_use = [one for one in found if one.presence.on(on)] or list(found)
    slugs = list(dict.fromkeys(one.slug for one in in_use))
    if len(slugs) > 1:
        candidates = tuple(Candidate(slug) for slug in slugs)
        return Resolution(Status.AMBIGUOUS, reason=Reason.SHARED_NAME, candidates=candidates)
    as_written = [one for one in in_use if one.text == text] or in_use
    is_damaged = all(one.kind is AliasKind.DAMAGED for one in as_written)
    return _matched(index, slugs[0], (Warned.DAMAGED_SPELLING,) if is_damaged else (), on)


def _matched(index: Index, slug: str, doubts: tuple[Warned, ...], on: date) -> Resolution:
    if index.existence[slug].on(on) is not Certainty.CERTAIN:
        doubts = (*doubts, Warned.NOT_IN_EXISTENCE)
    return Resolution(Status.MATCHED, slug=slug, warnings=doubts)


def _not_found(index: Index, key: str) -> Resolution:
    cut = trigrams(key)
    shared = Counter(near for piece in cut for near in index.pieces.get(piece, ()))
    best: dict[str, float] = {}
    for near, count in shared.items():
        similarity = count / (len(cut) + index.sizes[near] - count)
        if similarity >= _LIKE_ENOUGH:
            for one in index.spellings[near]:
                best[one.slug] = max(similarity, best.get(one.slug, 0.0))
    ranked = sorted(best.items(), key=lambda pair: (-pair[1], pair[0]))[:_CANDIDATES]
    return Resolution(
        Status.NOT_FOUND,
        reason=Reason.UNKNOWN_NAME,
        candidates=tuple(Candidate(slug, similarity=round(like, 2)) for slug, like in ranked),
    )


def _plain(code: str) -> str:
    return code.lstrip("0") or code
