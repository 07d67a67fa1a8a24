"""Every operation of a running API, asked with what its document allows and what it forbids."""

import time
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
import schemathesis
from hypothesis import strategies
from schemathesis.config import SchemathesisConfig
from schemathesis.core.failures import Failure
from schemathesis.core.transport import Response
from schemathesis.engine import from_schema
from schemathesis.engine.events import NonFatalError, ScenarioFinished
from schemathesis.engine.run import PhaseName

from komuna_deploy.issuer.personas import ROLES
from komuna_shared.formats import Media

# What no document can say: a signed cursor and an ETag are not to be guessed, a change needs an
# ETag only where something is already, parameters are longer together than each alone, a body where
# none belongs is refused before its address is looked up.
BEYOND_DOCUMENTS = frozenset(
    {
        "cursor_invalid",
        "precondition_failed",
        "precondition_required",
        "unexpected_body",
        "unknown_filter_value",
        "unknown_group",
        "unknown_period",
        "unknown_sort",
        "uri_too_long",
    }
)
# Of a rule that is broken, only these say that the request does not fit its own document.
MISSHAPEN = frozenset({"invalid_body", "unknown_field"})
ABOUT_VALUES = ("RejectedPositiveData", "AcceptedNegativeData", "UnsupportedMethodResponse")
UNKNOWN = "no_such_parameter"
# Whom Komuna is asked as: what nobody may ask with the first one's token, the next one asks.
PERSONAS = ("ops", "municipal_officer", "analyst", "social_worker")
_METHODS = ("get", "post", "put", "patch", "delete")

schemathesis.openapi.media_type(Media.XLSX.value, strategies.binary(min_size=1, max_size=300))


@dataclass
class Found:
    """What was asked, and what was wrong with the answers."""

    operations: set[str] = field(default_factory=set)
    done: set[str] = field(default_factory=set)
    requests: int = 0
    failures: Counter[str] = field(default_factory=Counter)

    def add(self, other: "Found") -> None:
        """Add what another run found."""
        self.operations |= other.operations
        self.done |= other.done
        self.requests += other.requests
        self.failures += other.failures


def fuzz(  # noqa: PLR0913 -- what a run is made of.
    document: Mapping[str, Any],
    url: str,
    headers: Mapping[str, str],
    *,
    seed: int,
    examples: int,
    asked: Collection[str] = (),
    phases: tuple[str, ...] = ("examples", "coverage", "fuzzing"),
) -> Found:
    """Ask the operations of a document, or some of them, and say what was wrong."""
    settings = _settings(url, headers, seed=seed, examples=examples, phases=phases)
    told = {**document, "servers": [{"url": url}]}
    schema = schemathesis.openapi.from_dict(told, config=SchemathesisConfig.from_dict(settings))
    found = Found()
    for event in from_schema(schema.include(name=list(asked)) if asked else schema).execute():
        if isinstance(event, NonFatalError):
            found.failures[f"{event.label}: {type(event.value).__name__}"] += 1
        elif isinstance(event, ScenarioFinished):
            _judge(event, found)
    return found


def refuse_unknown(asked: Collection[str], client: httpx.Client) -> Iterator[str]:
    """Yield the reads without variables that take a parameter they do not have."""
    for method, path in (one.split(" ") for one in sorted(asked)):
        if method != "GET" or "{" in path:
            continue
        answered = client.get(path, params={UNKNOWN: "1"})
        if _code(answered.content) != "unknown_parameter":
            yield f"{path} took {UNKNOWN}: {answered.status_code}"


def whole_document(url: str) -> dict[str, Any]:
    """Return the document of all services; a gateway shows a part while one is slow."""
    for _ in range(30):
        document: dict[str, Any] = httpx.get(
            f"{url}/openapi.json", trust_env=False, timeout=60
        ).json()
        if "x-missing-services" not in document:
            return document
        time.sleep(1)
    message = "A service never described itself."
    raise TimeoutError(message)


def operations(document: Mapping[str, Any]) -> dict[str, set[str]]:
    """Return every operation as runs name them, with the scopes that it asks for."""
    return {
        f"{method.upper()} {path}": {
            scope for way in told.get("security", ()) for scope in way.get("bearer", ())
        }
        for path, methods in document["paths"].items()
        for method, told in methods.items()
        if method in _METHODS
    }


def shares(document: Mapping[str, Any]) -> dict[str, set[str]]:
    """Return which operations each persona asks, so that as few as can be are only refused."""
    left, shared = operations(document), {}
    for persona in PERSONAS:
        scopes = ROLES[persona].scopes
        shared[persona] = {one for one, needed in left.items() if needed <= scopes}
        left = {one: needed for one, needed in left.items() if one not in shared[persona]}
    shared[PERSONAS[0]] |= left.keys()
    return shared


def _settings(
    url: str, headers: Mapping[str, str], *, seed: int, examples: int, phases: tuple[str, ...]
) -> dict[str, Any]:
    known = ("examples", "coverage", "fuzzing", "stateful")
    return {
        "seed": seed,
        "base-url": url,
        "headers": dict(headers),
        "continue-on-failure": True,
        "suppress-health-check": ["all"],
        "request-timeout": 30,
        "generation": {
            "max-examples": examples,
            "no-shrink": True,
            "database": "none",
            # No text of ours has it, and JSON Schema cannot leave it out everywhere.
            "allow-x00": False,
        },
        "phases": {name: {"enabled": name in phases} for name in known},
        "checks": {
            "missing_required_header": {"expected-statuses": ["4xx"]},
            # Roles are asked for elsewhere; here one persona asks everything.
            "ignored_auth": {"enabled": False},
            "object_level_authorization": {"enabled": False},
        },
    }


def _judge(event: ScenarioFinished, found: Found) -> None:
    recorder = event.recorder
    if recorder.interactions and event.phase is PhaseName.FUZZING:
        found.operations.add(recorder.label)
    found.requests += len(recorder.interactions)
    answers = [one.response for one in recorder.interactions.values() if one.response]
    if any(one.status_code < httpx.codes.BAD_REQUEST for one in answers):
        found.done.add(recorder.label)
    for case, checks in recorder.checks.items():
        response = recorder.interactions[case].response if case in recorder.interactions else None
        for check in checks:
            failure = None if check.failure_info is None else check.failure_info.failure
            if failure is not None and not _is_beyond(failure, response):
                told = (
                    f"{response.status_code} {_code(response.content)}" if response else "nothing"
                )
                found.failures[f"{recorder.label}: {type(failure).__name__} ({told})"] += 1


def _is_beyond(failure: Failure, response: Response | None) -> bool:
    """Tell whether no document could have told the request from a good or a bad one."""
    if response is None or type(failure).__name__ not in ABOUT_VALUES:
        return False
    code = _code(response.content)
    is_rule = response.status_code == httpx.codes.UNPROCESSABLE_ENTITY and code not in MISSHAPEN
    return code in BEYOND_DOCUMENTS or is_rule


def _code(body: bytes | None) -> str:
    try:
        told = httpx.Response(200, content=body or b"").json()
    except ValueError:
        return ""
    return str(told.get("code", "")) if isinstance(told, dict) else ""
