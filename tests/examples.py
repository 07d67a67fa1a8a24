"""Writes what a running Komuna answers into the services' examples.json: python -m tests.examples.

The documents show these answers. Where the loaded data has nothing (a case, a task), the example is
put together from the examples of the fields.
"""

import json
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import jsonschema

from tests import inventory
from tests.deploy.programs import free_port_base
from tests.lints import ROOT
from tests.system.conftest import Stack, started, stopped

Node = dict[str, Any]

FILES = {
    "gateway": ROOT / "gateway/src/komuna_gateway/examples.json",
    **{
        name: ROOT / f"services/{name}/src/komuna_{name}/examples.json"
        for name in inventory.SERVICES
    },
}
_ASKED = {
    "/v1/municipalities/resolve": {"q": "Drenas"},
    "/v1/mechanisms/coverage": {"kind": "language_link", "as_of": "2020-12-31"},
    "/v1/offices": {"q": "Almhofer", "held_on": "2010-06-01"},
    "/v1/offices/counts": {"kind": "mayor", "by": "sex", "as_of": "2020-12-31"},
    "/v1/explanations": {
        "dataflow": "decision-making",
        "key": "women-directors._T._T._T",
        "period": "2020",
    },
}
_ASKED |= {
    path: {"is_synthetic": "true"}
    for path in ("/v1/facilities", "/v1/facilities/shares", "/v1/accessibility-criteria")
}
_ASKED |= {
    f"/v1/hsds/{listed}": {"full": "true"}
    for listed in ("services", "organizations", "service_at_locations")
}
_BROKEN = "slug,valid_from\nprishtine,1999\n"
_PLAIN: Node = {
    "uuid": "0197a3c0-7d1e-7c6f-a6e6-c69e8470ada1",
    "date": "2026-01-05",
    "date-time": "2026-01-05T08:00:00Z",
    "integer": 1,
    "boolean": False,
    "string": "2020",
    "object": {},
}
_PATIENCE = 30.0
DEVELOPMENT = "http://localhost:8080"


class Album:
    """The fullest answer seen for every schema of one document."""

    def __init__(self, document: Node, file: Path) -> None:
        self.schemas: Node = document["components"]["schemas"]
        self.seen: Node = {}
        written = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
        for name in written.keys() & self.schemas.keys():
            del self.schemas[name]["examples"]

    def see(self, schema: Node, value: Any) -> None:
        """Remember a value, and what is in it, under the names of their schemas."""
        if "$ref" in schema:
            name = schema["$ref"].rpartition("/")[2]
            if not self._is_one(name, value):
                return  # Another of the shapes that an answer may have.
            if isinstance(value, dict) and _fullness(value) > _fullness(self.seen.get(name)):
                self.seen[name] = _short(value)
            schema = self.schemas[name]
        for inner, held in _within(schema, value):
            self.see(inner, held)

    def _is_one(self, name: str, value: Any) -> bool:
        checks = {"$ref": f"#/components/schemas/{name}", "components": {"schemas": self.schemas}}
        return jsonschema.Draft202012Validator(checks).is_valid(value)

    def complete(self) -> Node:
        """Return an example of every schema that holds several things."""
        for name, schema in self.schemas.items():
            if name != "Problem" and schema.get("type") == "object" and "examples" not in schema:
                self.seen.setdefault(name, self.compose(schema))
        known = {name: self.seen[name] for name in sorted(self.seen) if name in self.schemas}
        return {name: value for name, value in known.items() if name != "Problem"}

    def compose(self, schema: Node) -> Any:
        """Put an example together from those of the fields."""
        if "$ref" in schema:
            name = schema["$ref"].rpartition("/")[2]
            return self.seen.get(name) or self.compose(self.schemas[name])
        for source in (schema.get("examples"), schema.get("enum"), [schema.get("const")]):
            if source and source[0] is not None:
                return source[0]
        if "anyOf" in schema:
            is_open = any(one.get("type") == "null" for one in schema["anyOf"])
            return None if is_open else self.compose(schema["anyOf"][0])
        if "properties" in schema:
            return {key: self.compose(one) for key, one in schema["properties"].items()}
        if schema.get("type") == "array":
            return [self.compose(schema["items"])]
        return _PLAIN[str(schema.get("format", schema.get("type", "object")))]


def _within(schema: Node, value: Any) -> Iterator[tuple[Node, Any]]:
    if isinstance(value, dict):
        for key, inner in schema.get("properties", {}).items():
            yield inner, value.get(key)
    if isinstance(value, list):
        for one in value:
            yield schema.get("items", {}), one
    if value is not None:
        for choice in schema.get("anyOf", []):
            yield choice, value


def _fullness(value: Any) -> int:
    return sum(one not in (None, [], {}) for one in value.values()) if value else 0


def _short(value: Any) -> Any:
    if isinstance(value, list):
        return [_short(one) for one in value[:2]]
    if isinstance(value, dict):
        return {key: _short(one) for key, one in value.items()}
    return value


def collect(stack: Stack, service: str) -> Node:
    """Ask every operation of a service and return an example of every schema."""
    base = stack.url if service == "gateway" else f"{stack.url}/{service}"
    document = dict(inventory.document(service))
    album = Album(document, FILES[service])
    role = "social_worker" if service == "referrals" else "ops"
    headers = {"Authorization": f"Bearer {stack.token(role)}", "Accept-Language": "en"}
    headers["Processing-Purpose"] = "assistance"
    with httpx.Client(base_url=base, headers=headers, trust_env=False, timeout=30) as client:
        ids = dict(_send_files(client, document, album))
        for path, methods in document["paths"].items():
            if "get" in methods:
                for address in _addresses(path, client, ids):
                    answered = client.get(address, params=_ASKED.get(path))
                    _look(album, methods["get"], answered)
    return album.complete()


def _addresses(path: str, client: httpx.Client, ids: dict[str, str]) -> Iterator[str]:
    """Yield addresses of a template: of what was made, or of the first things of its list."""
    head, brace, rest = path.partition("/{")
    if not brace:
        yield path
    elif head in ids:
        yield f"{head}/{ids[head]}{rest.partition('}')[2].replace('{name}', ids['file'])}"
    else:
        listed = client.get(head, params={"limit": "200"})
        for one in listed.json().get("items", []) if listed.is_success else []:
            found = one.get("code") or one.get("slug") or one.get("id")
            yield f"{head}/{found}{rest.partition('}')[2]}"


def _send_files(client: httpx.Client, document: Node, album: Album) -> Iterator[tuple[str, str]]:
    """Let a broken file be refused and a table be exported, and yield their ids."""
    if "/v1/imports" not in document["paths"]:
        return
    post = document["paths"]["/v1/imports"]["post"]
    collection = post["parameters"][0]["schema"]["enum"][-1]
    key = {"Idempotency-Key": str(uuid4()), "Content-Type": "text/csv"}
    sent = client.post(
        "/v1/imports", params={"collection": collection}, content=_BROKEN, headers=key
    )
    yield "/v1/imports", _wait(client, sent)
    dataset = client.post("/v1/exports", json={"dataset": "?"})
    named = dataset.json()["detail"].rstrip(".").rpartition(" ")[2].strip("`")
    wanted = {"dataset": named, "format": "csv"}
    album.see({"$ref": "#/components/schemas/ExportIn"}, wanted)
    yield "/v1/exports", _wait(client, client.post("/v1/exports", json=wanted))
    yield "file", f"{named}.csv"


def _wait(client: httpx.Client, sent: httpx.Response) -> str:
    sent.raise_for_status()
    deadline = time.monotonic() + _PATIENCE
    place = sent.headers["location"]
    while client.get(place).json()["state"] in {"queued", "running"}:
        if time.monotonic() > deadline:
            raise TimeoutError(place)
        time.sleep(0.2)
    return str(sent.json()["id"])


def _look(album: Album, operation: Node, answered: httpx.Response) -> None:
    if answered.headers.get("content-type", "").startswith("application/json"):
        told = operation["responses"].get(str(answered.status_code), {}).get("content", {})
        album.see(told.get("application/json", {}).get("schema", {}), answered.json())


def write(stack: Stack) -> None:
    """Write the examples of all members."""
    for service, file in FILES.items():
        examples = collect(stack, service)
        text = json.dumps(examples, indent=1, ensure_ascii=False).replace(stack.url, DEVELOPMENT)
        file.write_text(text + "\n", encoding="utf-8")
        sys.stdout.write(f"{file.relative_to(ROOT)}: {len(examples)} schemas\n")


def main() -> None:
    """Start a Komuna of its own, and write down what it answers."""
    with tempfile.TemporaryDirectory(prefix="komuna-examples-") as folder:
        Path(folder).chmod(0o711)
        stack = started(Path(folder) / "home", free_port_base())
        try:
            write(stack)
        finally:
            stopped(stack)


if __name__ == "__main__":
    main()
