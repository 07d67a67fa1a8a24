"""What registry tells its followers, as its feed says it."""

import csv

from komuna_deploy.loader.manifest import FOLDER
from komuna_shared.changes import Change


def told_municipalities() -> list[Change]:
    """Return what registry's feed says of the municipalities, from the files it is made of."""
    names: dict[str, dict[str, str]] = {}
    with (FOLDER / "registry" / "municipality_names.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["form"] == "indefinite":
                names.setdefault(row["municipality"], {})[row["language"]] = row["text"]
    with (FOLDER / "registry" / "municipalities.csv").open(encoding="utf-8") as file:
        begun = {row["slug"]: row["valid_from"] for row in csv.DictReader(file)}
    return [
        Change(
            "municipality",
            slug,
            1,
            {
                "names": names[slug],
                "spellings": [],
                "certain_from": _last_day(since),
                "certain_until": None,
            },
        )
        for slug, since in begun.items()
    ]


def _last_day(written: str) -> str:
    written = written.rpartition("..")[2]
    return {4: f"{written}-12-31", 7: f"{written}-28"}.get(len(written), written)
