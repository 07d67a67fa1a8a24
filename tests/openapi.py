"""Writes the document of all services to build/openapi.json: python -m tests.openapi."""

import json
import sys
from typing import Any

from komuna_gateway.openapi import merge
from tests import inventory
from tests.lints import ROOT


def merged() -> dict[str, Any]:
    """Merge the documents as the gateway does, with nothing running."""
    own = dict(inventory.document("gateway"))
    return merge(own, {name: dict(inventory.document(name)) for name in inventory.SERVICES})


def main() -> None:
    """Write the document, with its operations counted."""
    document = merged()
    file = ROOT / "build" / "openapi.json"
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    sys.stdout.write(f"{file.relative_to(ROOT)}: {len(document['paths'])} addresses\n")


if __name__ == "__main__":
    main()
