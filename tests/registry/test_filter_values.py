"""A filter that names what the register does not have is refused, not answered by nothing."""

from collections.abc import Iterator
from typing import Any

import pytest
from httpx import AsyncClient
from sqlalchemy import Engine, event

from komuna_registry.filter_values import UnknownFilterValueError

from .conftest import OPS, Bearer, Headers, Import

UNKNOWN = "atlantis-kingdom"
LISTS = (
    ("offices", "kind"),
    ("offices", "institution"),
    ("offices", "municipality"),
    ("mechanisms", "kind"),
    ("mechanisms", "municipality"),
    ("regions", "scheme"),
    ("settlements", "municipality"),
    ("municipalities", "region"),
    ("languages-owed", "municipality"),
    ("institutions", "parent"),
    ("institutions", "municipality"),
    ("memberships", "body"),
    ("memberships", "institution"),
    ("memberships", "municipality"),
    ("facilities", "municipality"),
    ("facilities", "commission"),
    ("facilities/shares", "municipality"),
    ("activities", "municipality"),
    ("activities", "organiser"),
    ("activities/counts", "municipality"),
    ("activities/counts", "organiser"),
    ("directory/services", "institution"),
    ("popolo", "institution"),
    ("popolo", "municipality"),
    ("offices/counts", "kind"),
    ("mechanisms/coverage", "kind"),
)
GUARDED = (
    ("contacts", "kind"),
    ("contacts", "institution"),
    ("contacts", "municipality"),
    ("notices", "institution"),
    ("notices", "municipality"),
    ("assignments", "institution"),
    ("assignments", "municipality"),
)


@pytest.fixture
def statements() -> Iterator[list[str]]:
    """What the database is asked meanwhile."""
    seen: list[str] = []

    def note(*said: Any) -> None:
        seen.append(said[2])

    event.listen(Engine, "before_cursor_execute", note)
    yield seen
    event.remove(Engine, "before_cursor_execute", note)


def check_refused(answer: Any, name: str) -> None:
    assert answer.status_code == 400, answer.text
    assert answer.json()["code"] == "unknown_filter_value"
    assert [(one["pointer"], one["code"]) for one in answer.json()["errors"]] == [
        (f"/query/{name}", "unknown_filter_value")
    ]
    assert answer.json()["errors"][0]["detail"] == UnknownFilterValueError.detail
    assert UNKNOWN not in answer.text


class TestCheckFilters:
    @pytest.mark.parametrize(("path", "name"), LISTS)
    async def test_refuses_what_the_register_does_not_have(
        self, reads: AsyncClient, path: str, name: str
    ) -> None:
        check_refused(await reads.get(f"/v1/{path}", params={name: UNKNOWN}), name)

    @pytest.mark.parametrize(("path", "name"), GUARDED)
    async def test_refuses_it_where_only_some_may_look(
        self, reads: AsyncClient, bearer: Bearer, path: str, name: str
    ) -> None:
        reading = bearer(OPS, f"registry.{path}.read")

        check_refused(await reads.get(f"/v1/{path}", params={name: UNKNOWN}, headers=reading), name)

    @pytest.mark.parametrize(
        ("path", "params"),
        [
            ("offices", {"kind": "mayor", "held_on": "1950-01-01"}),
            ("offices", {"q": UNKNOWN, "municipality": "prishtine"}),
            ("mechanisms", {"municipality": "mamushe", "kind": "language_link"}),
            ("facilities", {"commission": "naathb", "municipality": "prishtine"}),
            ("activities", {"organiser": "prishtine", "period_to": "1950"}),
            ("directory/services", {"area": "prishtine", "licensed_on": "1950-01-01"}),
            ("municipalities", {"region": "district-gjilan", "q": "zubin"}),
            ("memberships", {"holder": UNKNOWN}),
        ],
    )
    async def test_leaves_a_list_empty_that_only_has_nothing_to_show(
        self, reads: AsyncClient, path: str, params: dict[str, Any]
    ) -> None:
        answer = await reads.get(f"/v1/{path}", params=params)

        assert (answer.status_code, answer.json()["items"]) == (200, [])

    async def test_refuses_an_area_that_not_even_the_whole_country_holds(
        self, reads: AsyncClient
    ) -> None:
        asked = {"area": UNKNOWN, "licensed_on": "1950-01-01"}

        check_refused(await reads.get("/v1/directory/services", params=asked), "area")

    async def test_names_each_parameter_that_is_unknown(self, reads: AsyncClient) -> None:
        asked = {"kind": [UNKNOWN, "mayor"], "municipality": "prishtine", "institution": UNKNOWN}

        answer = await reads.get("/v1/offices", params=asked)

        pointers = [one["pointer"] for one in answer.json()["errors"]]
        assert pointers == ["/query/kind", "/query/institution"]

    async def test_asks_nothing_more_where_something_is_found(
        self, reads: AsyncClient, statements: list[str]
    ) -> None:
        answer = await reads.get("/v1/offices", params={"kind": ["mayor", UNKNOWN]})

        assert answer.json()["items"]
        assert not [one for one in statements if "office_kind" in one]

    async def test_knows_a_region_as_soon_as_it_is_there(
        self, client: AsyncClient, bring_in: Import, ops: Headers
    ) -> None:
        asked = {"region": "district-new"}
        before = await client.get("/v1/municipalities", params=asked)
        head = "code,scheme,name_sq,name_sr_latn,name_en,source,locator\n"
        row = "district-new,district,I ri,Novi,New,districts,x\n"

        done = await bring_in("regions", head + row, ops)

        after = await client.get("/v1/municipalities", params=asked)
        assert (before.status_code, done["state"]) == (400, "succeeded")
        assert (after.status_code, after.json()["items"]) == (200, [])
