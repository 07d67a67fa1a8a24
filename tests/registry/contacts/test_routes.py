"""HTTP for the work contacts of officers."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest
from httpx import AsyncClient, Response

from komuna_registry.contacts.schemas import ContactOut
from tests.registry.conftest import Bearer, Headers

from .conftest import READ, WRITE, add


async def change(
    client: AsyncClient, headers: Headers, made: Response, tag: str | None = "", **said: Any
) -> Response:
    tag = made.headers["etag"] if tag == "" else tag
    version = {"If-Match": tag} if tag else {}
    address = f"/v1/contacts/{made.json()['id']}"
    return await client.patch(address, json=said, headers={**headers, **version})


class TestCreateContact:
    async def test_keeps_a_contact_of_the_own_municipality_in_any_spelling(
        self, client: AsyncClient, officer: Headers
    ) -> None:
        made = await add(client, officer)

        assert made.status_code == 201, made.text
        assert (made.json()["owner"]["code"], made.json()["kind"]) == (
            "prishtine",
            "gender_equality_officer",
        )
        assert (made.json()["languages"], made.json()["source"]) == (
            ["sq", "sr"],
            "contacts-prishtine-made-up",
        )
        again = await client.get(f"/v1/contacts/{made.json()['id']}", headers=officer)
        assert made.headers["location"].endswith(f"/v1/contacts/{made.json()['id']}")
        assert again.json() == made.json()
        source = (await client.get("/v1/sources/contacts-prishtine-made-up")).json()
        # Whoever is made up makes up: what they say is flagged, and so is the source.
        assert (source["issuer"], source["standing"]) == ("Prishtinë", "synthetic")
        assert made.json()["is_synthetic"] is True

    async def test_makes_one_contact_of_one_key_and_refuses_the_same_person_twice(
        self, client: AsyncClient, officer: Headers
    ) -> None:
        key = {"Idempotency-Key": str(uuid4())}
        first = await add(client, {**officer, **key})
        again = await add(client, {**officer, **key})
        other = await add(client, officer)

        assert again.json() == first.json()
        assert again.headers["idempotent-replayed"] == "true"
        assert (other.status_code, other.json()["code"]) == (409, "contact_taken")

    async def test_refuses_the_wrong_caller(
        self, reads: AsyncClient, officer: Headers, bearer: Bearer
    ) -> None:
        foreign = await add(reads, officer, municipality="Peja")
        institution = await add(reads, officer, municipality=None, institution="moj")
        analyst = await add(reads, bearer("persona:analyst", WRITE))

        for answer in (foreign, institution, analyst):
            assert (answer.status_code, answer.json()["code"]) == (403, "not_yours")
        assert (await add(reads, bearer("nobody", WRITE))).json()["code"] == "forbidden"
        only_reads = bearer("persona:municipal_officer:prishtine", READ)
        assert (await add(reads, only_reads)).status_code == 403
        assert (await add(reads, {})).status_code == 401

    @pytest.mark.parametrize(
        ("said", "pointer", "code"),
        [
            ({"email": "nora at example"}, "/email", "invalid_email"),
            ({"telephone": "12"}, "/telephone", "invalid_telephone"),
            ({"telephone": "٣٨٣٣٨٠٠٠"}, "/telephone", "invalid_telephone"),
            ({"languages": ["tlh"]}, "/languages", "unknown_language"),
            ({"municipality": "Mitrovica"}, "/municipality", "ambiguous_municipality"),
            ({"municipality": "Atlantis"}, "/municipality", "unknown_municipality"),
            ({"kind": "king"}, "/kind", "unknown_reference"),
            ({"kind": None}, "/kind", "missing_value"),
            ({"email": None, "telephone": None}, "/email", "missing_value"),
            ({"valid_from": "soon"}, "/valid_from", "imprecise_date"),
            ({"valid_until": "2025"}, "", "period_order"),
            ({"institution": "moj"}, "/municipality", "one_owner"),
            ({"office": "mayor-peje"}, "/office", "other_owner"),
            ({"source": "nowhere", "locator": "x"}, "/source", "unknown_reference"),
            ({"source": "s0"}, "/locator", "missing_value"),
        ],
    )
    async def test_says_at_which_field_something_is_wrong_and_repeats_nothing(
        self, reads: AsyncClient, officer: Headers, said: dict[str, Any], pointer: str, code: str
    ) -> None:
        answer = await add(reads, {**officer, "Accept-Language": "sq"}, **said)

        assert answer.status_code == 422, answer.text
        [error] = answer.json()["errors"]
        assert error["detail"] != "Kjo nuk pranohet këtu."
        assert (error["pointer"], error["code"]) == (pointer, code)
        assert not {str(one) for one in said.values()} & set(error["detail"].split())

    async def test_keeps_what_is_real_apart_from_what_is_made_up(
        self, client: AsyncClient, officer: Headers, ops: Headers, bearer: Bearer
    ) -> None:
        role = {"role": "municipal_officer", "municipality": "prishtine", "source": "x"}
        person = {"subject": "real", "name": "Somebody Real", "valid_from": "2026-01-01"}
        await client.post("/v1/assignments", json=role | person, headers=ops)
        real = bearer("real", READ, WRITE)

        made = await add(client, real)

        assert (made.json()["is_synthetic"], made.json()["source"]) == (False, "contacts-prishtine")
        answer = await change(client, officer, made, position="x")
        assert (answer.status_code, answer.json()["code"]) == (403, "made_up_mismatch")

    async def test_asks_a_coordinator_for_the_document_that_says_so(
        self, client: AsyncClient, bearer: Bearer
    ) -> None:
        coordinator = bearer("persona:coordinator", READ, WRITE)
        without = await add(client, coordinator)
        cited = await add(client, coordinator, source="s0", locator="L1")

        assert without.json()["errors"][0]["pointer"] == "/source"
        assert (cited.status_code, cited.json()["source"]) == (201, "s0")


class TestGetContact:
    async def test_has_a_version_of_its_own_in_each_language(
        self, client: AsyncClient, officer: Headers
    ) -> None:
        made = await add(client, officer)
        address = f"/v1/contacts/{made.json()['id']}"
        known = {**officer, "If-None-Match": made.headers["etag"]}

        same = await client.get(address, headers=known)
        other = await client.get(address, headers=known | {"Accept-Language": "sq"})

        assert (same.status_code, other.status_code) == (304, 200)
        assert other.json()["kind_label"] != made.json()["kind_label"]


class TestUpdateContact:
    async def test_changes_what_is_said_and_tells_its_history_to_readers_only(
        self, client: AsyncClient, officer: Headers, bearer: Bearer
    ) -> None:
        made = await add(client, officer)
        history = f"/v1/contacts/{made.json()['id']}/history"

        changed = await change(client, officer, made, telephone="+383 38 000 901", email=None)

        assert changed.status_code == 200, changed.text
        assert (changed.json()["telephone"], changed.json()["email"]) == ("+383 38 000 901", None)
        assert changed.json()["version"] == 2
        entries = (await client.get(history, headers=officer)).json()["items"]
        assert [one["op"] for one in entries] == ["update", "insert"]
        assert entries[0]["from"]["telephone"] == "+383 38 000 900"
        assert entries[0]["to"]["telephone"] == "+383 38 000 901"
        assert (await client.get(history)).status_code == 401
        assert (await client.get(history, headers=bearer("nobody", READ))).status_code == 403

    async def test_lets_one_of_two_who_read_the_same_version_win(
        self, client: AsyncClient, officer: Headers
    ) -> None:
        made = await add(client, officer)

        both = await asyncio.gather(
            *(change(client, officer, made, telephone=f"+383 38 000 90{n}") for n in (1, 2))
        )

        assert sorted(one.status_code for one in both) == [200, 412]
        [winner] = [one for one in both if one.status_code == 200]
        now = await client.get(f"/v1/contacts/{made.json()['id']}", headers=officer)
        assert now.json() == winner.json()

    async def test_refuses_the_wrong_caller_and_whoever_did_not_read_it(
        self, client: AsyncClient, officer: Headers, bearer: Bearer
    ) -> None:
        made = await add(client, officer)
        other = bearer("persona:municipal_officer:peje", READ, WRITE)

        foreign = await change(client, other, made, position="x")
        assert (foreign.status_code, foreign.json()["code"]) == (403, "not_yours")
        assert (await change(client, officer, made, None, position="x")).status_code == 428
        assert (await change(client, officer, made, '"old"', position="x")).status_code == 412
        away = await client.patch(
            f"/v1/contacts/{uuid4()}", json={}, headers={**officer, "If-Match": "*"}
        )
        assert away.status_code == 404

    async def test_moves_no_contact_to_another_owner(
        self, client: AsyncClient, officer: Headers
    ) -> None:
        made = await add(client, officer, name="\ufdfa" * 200)

        assert made.status_code == 201
        answer = await change(client, officer, made, municipality="peje")

        assert (answer.status_code, answer.json()["code"]) == (422, "unknown_field")


class TestDeleteContact:
    async def test_takes_a_contact_away_once_for_whoever_read_it(
        self, client: AsyncClient, officer: Headers, bearer: Bearer
    ) -> None:
        made = await add(client, officer)
        address, tag = f"/v1/contacts/{made.json()['id']}", {"If-Match": made.headers["etag"]}
        other = bearer("persona:municipal_officer:peje", READ, WRITE)

        assert (await client.delete(address, headers={**other, **tag})).status_code == 403
        assert (await client.delete(address, headers=officer)).status_code == 428
        assert (await client.delete(address, headers={**officer, **tag})).status_code == 204
        assert (await client.delete(address, headers={**officer, **tag})).status_code == 404
        assert (await client.get(f"{address}/history", headers=officer)).status_code == 404


def test_the_example_is_what_is_shown() -> None:
    for example in ContactOut.model_json_schema()["examples"]:
        assert ContactOut.model_validate(example)
