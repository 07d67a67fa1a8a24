"""Who can be played in development: a role, for whom it acts, what its token is good for."""

import csv
import re
from dataclasses import dataclass
from pathlib import Path

from komuna_deploy.errors import UsageError

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,63}")

_EVERYONE = frozenset({"registry.me.read", "registry.delegations.write", "indicators.me.read"})
_FILES = frozenset({"registry.imports.write", "registry.exports.write"})
_FIGURES = frozenset({"indicators.imports.write", "indicators.exports.write"})
_GRANTS = frozenset({"registry.assignments.read", "registry.assignments.write"})
_OPERATION = frozenset({"ops.read", "registry.notices.read", "registry.directory.read"})
_REPORTS = frozenset({"indicators.submissions.read", "indicators.submissions.write"})
_REVIEWS = frozenset(
    {"indicators.submissions.read", "indicators.decisions.write", "indicators.releases.write"}
)
# What a municipality keeps of itself in the register: who holds its offices, how they are reached,
# which letters it was sent, which buildings it surveyed, what it organised.
_KEEPS = frozenset(
    {
        "registry.offices.write",
        "registry.contacts.read",
        "registry.contacts.write",
        "registry.facilities.write",
        "registry.activities.write",
        "registry.notices.read",
        "registry.notices.answer",
    }
)
# What only whoever works for all may change: letters to municipalities, institutions themselves.
_LETTERS = frozenset({"registry.notices.write", "registry.institutions.write"})
_READS = frozenset({"registry.contacts.read", "registry.directory.read", "registry.history.read"})
_CASES = frozenset(
    {
        "referrals.me.read",
        "referrals.cases.read",
        "referrals.cases.write",
        "referrals.people.read",
        "referrals.people.write",
        "referrals.consents.read",
        "referrals.consents.write",
        "referrals.referrals.read",
        "referrals.referrals.write",
        "referrals.disclosures.read",
        "registry.directory.read",
    }
)


@dataclass(frozen=True)
class Role:
    """One role of design/access.md, as development plays it."""

    name: str
    scopes: frozenset[str]
    acts_for: str = ""

    @property
    def place(self) -> str:
        """Which option of `komuna token` names for whom it acts, or nothing."""
        return f"--{self.acts_for}" if self.acts_for else ""


def _roles() -> dict[str, Role]:
    known = [
        Role("frontend", _EVERYONE | _READS, "institution"),
        Role("municipal_officer", _EVERYONE | _REPORTS | _READS | _KEEPS | _FILES, "municipality"),
        Role("municipal_admin", _EVERYONE | _GRANTS | _READS | _KEEPS | _FILES, "municipality"),
        Role(
            "analyst",
            _EVERYONE | _FIGURES | _REVIEWS | _READS | {"registry.exports.write"},
            "institution",
        ),
        Role(
            "coordinator", _EVERYONE | _FILES | _FIGURES | _READS | _KEEPS | _LETTERS, "institution"
        ),
        Role("institution_admin", _EVERYONE | _GRANTS, "institution"),
        Role("institution_reporter", _EVERYONE | _REPORTS, "institution"),
        Role("auditor", _EVERYONE | {"registry.assignments.read"}, "institution"),
        Role("dpo", _EVERYONE, "institution"),
        Role(
            "ops", _EVERYONE | _FILES | _FIGURES | _GRANTS | _OPERATION | _READS | _KEEPS | _LETTERS
        ),
    ]
    known += [Role(name, _EVERYONE | _CASES, "institution") for name in REFERRAL_ROLES]
    return {role.name: role for role in known}


REFERRAL_ROLES = (
    "first_responder",
    "investigator",
    "advocate",
    "social_worker",
    "case_owner",
    "supervisor",
    "shelter_intake",
    "provider",
    "prosecutor_liaison",
)
ROLES = _roles()


def find_role(name: str) -> Role:
    """Return a role by its name, hyphens as good as underscores, or raise with the list."""
    role = ROLES.get(name.strip().lower().replace("-", "_"))
    if role is None:
        raise UsageError("There is no such role.", f"Roles: {', '.join(ROLES)}.")
    return role


def subject(role: Role, *, municipality: str | None, institution: str | None) -> str:
    """Return the subject of a persona, or raise when it lacks or has too much to act for."""
    given = {"municipality": municipality, "institution": institution}
    place = given.pop(role.acts_for, None)
    for option, value in given.items():
        if value:
            raise UsageError(f"{role.name} acts for no {option}.", f"Leave out --{option}.")
    if place is not None and not _NAME.fullmatch(place):
        raise UsageError(
            f"--{role.acts_for} is not a code.", "Codes are letters, digits and hyphens."
        )
    return f"persona:{role.name}:{place}" if place else f"persona:{role.name}"


def check_known(subject: str, role: Role) -> None:
    """Raise unless the demonstration data has an account for this persona."""
    known = _known_subjects()
    if not known or subject in known:
        return
    begins = f"persona:{role.name}:"
    places = sorted(one.removeprefix(begins) for one in known if one.startswith(begins))
    raise UsageError(
        f"There is no {role.name} for that {role.acts_for or 'place'} in the demonstration data.",
        f"Known: {', '.join(places) or 'none'}.",
    )


def _known_subjects() -> frozenset[str]:
    path = Path(__file__).resolve().parent.parent / "loads" / "registry" / "accounts.csv"
    if not path.exists():
        return frozenset()
    with path.open(encoding="utf-8", newline="") as rows:
        return frozenset(row["subject"] for row in csv.DictReader(rows))
