"""The files Komuna begins with."""

import json
from pathlib import Path

from komuna_deploy.loader.manifest import read_manifests


def _write(folder: Path, service: str, **more: str) -> Path:
    (folder / service).mkdir()
    file = folder / service / "rows.csv"
    file.write_text("code\none\n")
    entry = {
        "service": service,
        "collection": "rows",
        "file": f"{service}/rows.csv",
        "media": "text/csv",
        "origin": "seed 0",
    } | more
    lines = [f"{name} = {json.dumps(value)}" for name, value in entry.items()]
    (folder / service / "manifest.toml").write_text("\n".join(["[[load]]", *lines]))
    return file


class TestReadManifests:
    def test_begins_with_the_registry(self, tmp_path: Path) -> None:
        for service in ("indicators", "registry"):
            _write(tmp_path, service)
        assert [one.service for one in read_manifests(tmp_path)] == ["registry", "indicators"]

    def test_of_the_project_names_files_that_are_there_with_their_origins(self) -> None:
        loads = read_manifests()
        assert loads
        assert [one.name for one in loads if not one.path.is_file()] == []
        assert [one.name for one in loads if not one.origin] == []

    def test_leaves_no_file_of_the_project_out(self) -> None:
        loads = read_manifests()
        folder = loads[0].path.parents[1]
        beside = {p for p in folder.glob("*/*.*") if p.suffix in {".csv", ".ndjson", ".xlsx"}}
        assert beside - {one.path for one in loads} == set()


class TestDigest:
    def test_changes_with_the_file_and_with_where_it_goes(self, tmp_path: Path) -> None:
        file = _write(tmp_path, "registry")
        (load,) = read_manifests(tmp_path)
        before = load.digest()
        file.write_text("code\ntwo\n")
        assert load.digest() != before

    def test_fits_an_idempotency_key_with_a_suffix(self, tmp_path: Path) -> None:
        _write(tmp_path, "registry")
        (load,) = read_manifests(tmp_path)
        assert len(load.digest()) <= 64
