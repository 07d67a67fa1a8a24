"""Lists of contacts that come in as a workbook."""

import io
import tempfile
from pathlib import Path
from typing import Any

import pytest
import python_calamine
import xlsxwriter
from httpx import AsyncClient

from komuna_registry.contacts.rows import COLUMNS
from tests.databases import ServiceDatabase
from tests.registry.conftest import Bearer, Headers, Import

from .conftest import FILES, READ, XLSX, read_list

Table = list[dict[str, Any]]
ROWS = 300
KINDS = ("human_rights_coordinator", "Službenik za rodnu ravnopravnost")
# Row of the sheet (its header is row 1), column, what stands there instead, what is said of it.
MISTAKES = (
    (7, "email", "arta.prishtine.example", "invalid_email", "Kjo nuk është adresë e-maili."),
    (
        41,
        "telephone",
        "n/a",
        "invalid_telephone",
        "Shkruani një numër telefoni, si `+383 38 200 300`.",
    ),
    (88, "municipality", "Peja", "not_yours", None),
    (120, "municipality", "Atlantida", "unknown_municipality", "Nuk ka komunë me këtë emër."),
    (199, "kind", "mbret", "unknown_reference", "Kjo përmend diçka që nuk ekziston."),
    (250, "valid_from", "pranverë", "imprecise_date", None),
    (301, "name", "Person 1 Shembull", "duplicate_row", None),
)


def a_list(changes: dict[tuple[int, str], Any] | None = None) -> Table:
    """Return a list of 300 contacts of Prishtinë, written in every way people write them."""
    rows: Table = []
    for number in range(2, ROWS + 2):
        rows.append(
            {
                "municipality": ("Prishtinë", "Pristina", "Приштина", "prishtine")[number % 4],
                "kind": ("human_rights_coordinator", "Službenik za rodnu ravnopravnost")[
                    number % 2
                ],
                "name": f"Person {number // 2} Shembull",
                "email": f"person{number}@prishtine.example",
                "telephone": f"+383 38 {number:03} 000",
                "languages": "sq, en" if number % 3 else "sr-Latn",
                "valid_from": "2026-03",
            }
        )
    for (number, column), value in (changes or {}).items():
        rows[number - 2][column] = value
    return rows


def workbook(rows: Table) -> bytes:
    """Return the rows as somebody's spreadsheet writes them."""
    made = io.BytesIO()
    book = xlsxwriter.Workbook(made, {"in_memory": True, "strings_to_urls": False})
    sheet = book.add_worksheet()
    columns = [name for name in COLUMNS if any(name in row for row in rows)]
    sheet.write_row(0, 0, columns)
    for number, row in enumerate(rows, start=1):
        sheet.write_row(number, 0, [row.get(name) for name in columns])
    book.close()
    return made.getvalue()


def read_workbook(content: bytes) -> Table:
    """Return the first sheet as a person sees it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "contacts.xlsx"
        path.write_bytes(content)
        header, *rows = python_calamine.load_workbook(path).get_sheet_by_index(0).to_python()
    return [dict(zip(map(str, header), row, strict=True)) for row in rows]


async def problems_of(
    client: AsyncClient, done: dict[str, Any], headers: Headers, language: str = "en"
) -> list[dict[str, Any]]:
    answer = await client.get(
        f"/v1/imports/{done['id']}/problems",
        params={"limit": "200", "lang": language},
        headers=headers,
    )
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


async def count(registry: ServiceDatabase) -> int:
    [row] = await registry.fetch(
        "select count(*) from contact where source = 'contacts-prishtine-made-up'"
    )
    return int(row[0])


async def test_a_list_of_300_with_7_mistakes_shows_them_on_their_cells_and_loads_nothing(
    bring_in: Import, client: AsyncClient, officer: Headers, registry: ServiceDatabase
) -> None:
    albanian = {**officer, "Accept-Language": "sq"}
    wrong = a_list({(row, column): value for row, column, value, *_ in MISTAKES})
    wrong[301 - 2] |= {"kind": "human_rights_coordinator", "municipality": "Prishtinë"}

    refused = await bring_in("contacts", workbook(wrong), albanian, media=XLSX)

    listed = await client.get(f"/v1/imports/{refused['id']}/problems", headers=albanian)
    found = listed.json()["items"]
    assert (refused["state"], refused["code"], refused["problem_count"]) == (
        "failed",
        "rows_refused",
        7,
    )
    assert [(one["row"], one["column"], one["code"]) for one in found] == [
        (row, column, code) for row, column, _, code, _ in MISTAKES
    ]
    letters = dict(zip((name for name in COLUMNS if name in wrong[0]), "ABCDEFG", strict=True))
    assert [one["cell"] for one in found] == [
        f"{letters[column]}{row}" for row, column, *_ in MISTAKES
    ]
    assert {one["pointer"] for one in found} >= {"/7/email", "/301/name"}
    for one, (_, _, sent, _, sentence) in zip(found, MISTAKES, strict=True):
        assert sent not in one["detail"]
        assert sentence in {None, one["detail"]}
    said = {one["code"]: one["detail"] for one in found}
    for language in ("sr-Latn", "sr-Cyrl", "en"):
        other = await problems_of(client, refused, officer, language)
        assert len({one["detail"] for one in other} | set(said.values())) == 14, language
    assert await count(registry) == 0


async def test_the_list_shows_what_it_would_change_and_is_loaded_once(
    bring_in: Import, client: AsyncClient, officer: Headers, registry: ServiceDatabase
) -> None:
    tried = await bring_in("contacts", workbook(a_list()), officer, media=XLSX, dry_run=True)
    assert (tried["state"], tried["counts"]["created"]) == ("succeeded", 300), tried
    assert await count(registry) == 0
    loaded = await bring_in("contacts", workbook(a_list()), officer, media=XLSX)
    assert (loaded["state"], loaded["counts"]["created"]) == ("succeeded", 300)
    assert await count(registry) == 300
    again = await bring_in("contacts", workbook(a_list()), officer, media=XLSX)
    assert again["counts"] == {"created": 0, "updated": 0, "unchanged": 300}

    newer = a_list({(5, "telephone"): "+383 38 111 222"})
    newer.append(newer[0] | {"name": "Somebody New"})
    tried = await bring_in("contacts", workbook(newer), officer, media=XLSX, dry_run=True)
    assert tried["counts"] == {"created": 1, "updated": 1, "unchanged": 299}
    diff = (await client.get(f"/v1/imports/{tried['id']}/diff", headers=officer)).json()["items"]
    mine = {one["op"]: one["changes"] for one in diff if one["record_type"] == "contact"}
    told = {one["field"]: (one["from"], one["to"]) for one in mine["update"]}
    assert told["telephone"] == ("+383 38 005 000", "+383 38 111 222")
    assert {"field": "name", "from": None, "to": "Somebody New"} in mine["insert"]
    assert await count(registry) == 300


async def test_the_list_that_was_fetched_can_be_sent_back(
    bring_in: Import, client: AsyncClient, officer: Headers, bearer: Bearer
) -> None:
    fetched = await client.get(
        "/v1/contacts", params={"format": "xlsx", "municipality": "prishtine"}, headers=officer
    )

    same = await bring_in("contacts", fetched.content, officer, media=XLSX)
    rows = read_workbook(fetched.content)
    rows[0] |= {"name": "Arta Tjetra", "telephone": "038 000 777"}
    changed = await bring_in("contacts", workbook(rows), officer, media=XLSX)

    assert same["counts"] == {"created": 0, "updated": 0, "unchanged": 2}
    assert rows[0]["telephone"] == "038 000 777"
    assert changed["counts"] == {"created": 0, "updated": 1, "unchanged": 1}
    named = {one["name"]: one for one in await read_list(client, officer, municipality="prishtine")}
    assert named["Arta Tjetra"]["id"] == rows[0]["id"]
    assert (named["Arta Tjetra"]["telephone"], named["Arta Tjetra"]["version"]) == (
        "038 000 777",
        2,
    )
    other = bearer("persona:municipal_officer:peje", READ, FILES)
    refused = await bring_in("contacts", fetched.content, other, media=XLSX)
    found = await problems_of(client, refused, other)
    assert {(one["column"], one["code"]) for one in found} == {("municipality", "not_yours")}
    rows = [row | {"municipality": "Peja"} for row in rows]
    refused = await bring_in("contacts", workbook(rows), other, media=XLSX)
    found = await problems_of(client, refused, other)
    assert {(one["column"], one["code"]) for one in found} == {("id", "other_owner")}


@pytest.mark.parametrize(
    ("changes", "column", "code"),
    [
        ({"telephone": 38200300}, "telephone", "telephone_as_number"),
        ({"municipality": "Mitrovica"}, "municipality", "ambiguous_municipality"),
        ({"email": None, "telephone": None}, "email", "missing_value"),
        ({"name": None}, "name", "missing_value"),
        ({"languages": "klingon"}, "languages", "unknown_language"),
        ({"municipality": None, "institution": "moj"}, "institution", "not_yours"),
        ({"municipality": None, "institution": "nobody"}, "institution", "unknown_reference"),
        ({"id": "0197a3c0-7d1e-7c6f-a6e6-c69e8470ada1"}, "id", "unknown_reference"),
        ({"is_synthetic": "true", "valid_from": "2025"}, "valid_from", "synthetic_period"),
        ({"is_synthetic": "false"}, "is_synthetic", "made_up_mismatch"),
    ],
)
async def test_rows_are_refused_at_their_cells(
    shared_bring_in: Import,
    reads: AsyncClient,
    officer: Headers,
    changes: dict[str, Any],
    column: str,
    code: str,
) -> None:
    rows = a_list()[:2]
    rows[1] |= changes

    done = await shared_bring_in("contacts", workbook(rows), officer, media=XLSX)

    found = await problems_of(reads, done, officer)
    assert [(one["row"], one["column"], one["code"]) for one in found] == [(3, column, code)]


async def test_the_wrong_caller_sends_no_list(reads: AsyncClient, bearer: Bearer) -> None:
    for who in ("persona:analyst", "nobody"):
        answer = await reads.post(
            "/v1/imports?collection=contacts",
            content=workbook(a_list()[:1]),
            headers={
                **bearer(who, FILES),
                "Content-Type": XLSX,
                "Idempotency-Key": "0197a3c0-7d1e-7c6f-a6e6-c69e8470ada1",
            },
        )
        assert answer.status_code == 403
