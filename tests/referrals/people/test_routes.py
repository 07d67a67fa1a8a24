"""HTTP for people: who is told what, and what is left in the tables."""

from typing import Any
from uuid import UUID

import pytest

from komuna_referrals.keystore.operations import Keyring
from komuna_referrals.sealing import FieldClass
from komuna_referrals.settings import Settings
from komuna_shared.database import Database
from tests.databases import ServiceDatabase
from tests.referrals.casework import PERSON, Hire, nameless
from tests.referrals.conftest import PEJE, PRIZREN, as_owner

ABSENT = "6f0a2c52-6d3e-4a57-9f67-0f2f3f1d5c11"
ISF = "isf"


async def receive(
    database: ServiceDatabase, settings: Settings, case_id: str, classes: list[str]
) -> None:
    """Let the shelter see a case by a consent to these classes, as an acceptance does."""
    async with as_owner(database) as owner:
        which = await owner.fetchval(
            "insert into referral (sender, receiver, service, service_type, priority, state, "
            "needs, age_band, sex, risk, responsible, handover, meet_at, is_shown, sent_at) values "
            "($1, 'isf', 'isf-accommodation', 'emergency_accommodation', 'urgent', 'accepted', "
            "'{}', 'adult', 'F', 'unassessed', 'Head of intake', 'in_person', now(), true, now()) "
            "returning id",
            PRIZREN,
        )
        await owner.execute(
            "insert into referral_case (referral_id, case_id, classes) values ($1, $2, $3)",
            which,
            UUID(case_id),
            classes,
        )
        await owner.execute(
            "insert into case_access (case_id, inst, relation, opened_at, referral_id) "
            "values ($1, 'isf', 'receiver', now(), $2)",
            UUID(case_id),
            which,
        )
        await owner.execute(
            "insert into consent (case_id, institution, recorded_by, purpose, recipient, classes, "
            "basis, state, text_code, text_version, text_hash, language, given_by, method, "
            "given_on) values ($1, 'vaao', 'somebody', 'share_with_named_recipient', 'isf', $2, "
            "'consent', 'given', 'share-1', '1.0.0', '', 'sq', 'person', 'signature', "
            "current_date - 1)",
            UUID(case_id),
            classes,
        )
    opened = Database(settings.keystore_url.get_secret_value())
    keys = {FieldClass(one) for one in classes}
    ring = Keyring(opened, settings.root_key)
    await ring.share_keys(UUID(case_id), keys, PRIZREN, ISF)
    await opened.close()


async def disclosures(database: ServiceDatabase) -> list[Any]:
    async with as_owner(database) as owner:
        return list(
            await owner.fetch(
                "select institution, classes, basis, fields from disclosure order by disclosed_at"
            )
        )


class TestGetPerson:
    async def test_tells_the_owner_what_was_written(self, hire: Hire) -> None:
        owner = await hire("social_worker")
        case = await owner.open_case()
        await owner.write_person(case["id"])

        response = await owner.get(f"/v1/cases/{case['id']}/person")

        told = response.json()
        assert told.items() >= PERSON.items()
        assert (told["classes"], told["version"]) == (["A", "B"], 1)
        assert response.headers["cache-control"] == "no-store"

    async def test_tells_a_partner_the_same(self, hire: Hire) -> None:
        owner, partner = await hire("social_worker"), await hire("advocate", PEJE)
        case = await owner.open_case()
        await owner.write_person(case["id"])
        brought = {"institution": PEJE, "role": "advocacy"}
        await owner.post(f"/v1/cases/{case['id']}/partners", brought)

        response = await partner.get(f"/v1/cases/{case['id']}/person")

        assert response.json().items() >= PERSON.items()

    async def test_hides_what_others_hold(self, hire: Hire) -> None:
        owner, stranger = await hire("social_worker"), await hire("social_worker", PEJE)
        case = await owner.open_case()
        await owner.write_person(case["id"])

        foreign = await stranger.get(f"/v1/cases/{case['id']}/person")
        absent = await stranger.get(f"/v1/cases/{ABSENT}/person")
        malformed = await stranger.get("/v1/cases/17/person")

        assert foreign.status_code == 404
        assert nameless(foreign) == nameless(absent) == nameless(malformed)

    async def test_tells_a_receiver_only_the_classes_consented_to(
        self, hire: Hire, database: ServiceDatabase, settings: Settings
    ) -> None:
        owner, shelter = await hire("social_worker"), await hire("shelter_intake", ISF)
        case = await owner.open_case()
        await owner.write_person(case["id"])
        await receive(database, settings, case["id"], ["B"])

        response = await shelter.get(f"/v1/cases/{case['id']}/person")

        assert response.json() == {
            "case_id": case["id"],
            "classes": ["B"],
            "version": 1,
            "telephone": PERSON["telephone"],
            "address": PERSON["address"],
        }
        last = (await disclosures(database))[-1]
        assert tuple(last) == (ISF, ["B"], "consent", ["address", "telephone"])

    async def test_ends_for_a_receiver_with_the_consent(
        self, hire: Hire, database: ServiceDatabase, settings: Settings
    ) -> None:
        owner, shelter = await hire("social_worker"), await hire("shelter_intake", ISF)
        case = await owner.open_case()
        await owner.write_person(case["id"])
        await receive(database, settings, case["id"], ["A"])
        async with as_owner(database) as connection:
            await connection.execute(
                "update consent set state = 'withdrawn', withdrawn_at = now(), withdrawn_by = '-', "
                "withdrawal_method = 'signature'"
            )

        response = await shelter.get(f"/v1/cases/{case['id']}/person")
        absent = await shelter.get(f"/v1/cases/{ABSENT}/person")

        assert nameless(response) == nameless(absent)

    async def test_is_a_disclosure_each_time(self, hire: Hire, database: ServiceDatabase) -> None:
        owner = await hire("social_worker")
        case = await owner.open_case()
        await owner.write_person(case["id"])
        before = len(await disclosures(database))

        for _ in range(2):
            await owner.get(f"/v1/cases/{case['id']}/person")

        rows = (await disclosures(database))[before:]
        assert [(row["classes"], row["basis"]) for row in rows] == [(["A", "B"], "ownership")] * 2

    async def test_stops_where_the_disclosure_cannot_be_written(
        self, hire: Hire, database: ServiceDatabase
    ) -> None:
        owner = await hire("social_worker")
        case = await owner.open_case()
        await owner.write_person(case["id"])
        async with as_owner(database) as connection:
            await connection.execute("alter table disclosure add check (false) not valid")

        response = await owner.get(f"/v1/cases/{case['id']}/person")

        assert (response.status_code, response.json()["code"]) == (503, "audit_unavailable")
        assert PERSON["last_name"] not in response.text

    @pytest.mark.parametrize(
        "statement",
        [
            "update person set last_name = first_name",
            "update person set first_name = set_byte(first_name, 40, get_byte(first_name, 40) # 1)",
            "update person set version = version + 1",
        ],
    )
    async def test_opens_nothing_that_was_moved_or_changed(
        self, hire: Hire, database: ServiceDatabase, statement: str
    ) -> None:
        owner = await hire("social_worker")
        case = await owner.open_case()
        await owner.write_person(case["id"])
        async with as_owner(database) as connection:
            await connection.execute(statement)

        response = await owner.get(f"/v1/cases/{case['id']}/person")

        assert (response.status_code, response.json()["code"]) == (500, "seal_broken")
        assert "qipe" not in response.text


class TestGetAccount:
    async def test_tells_the_owner_what_was_said_and_seen(self, hire: Hire) -> None:
        owner = await hire("social_worker")
        case = await owner.open_case(account="They kept her passport.")

        response = await owner.get(f"/v1/cases/{case['id']}/account")

        assert response.json() == {
            "case_id": case["id"],
            "account": "They kept her passport.",
            "indicators": ["act.recruitment", "means.deception"],
        }

    async def test_hides_what_others_hold(self, hire: Hire) -> None:
        owner, stranger = await hire("social_worker"), await hire("social_worker", PEJE)
        case = await owner.open_case(account="They kept her passport.")

        foreign = await stranger.get(f"/v1/cases/{case['id']}/account")
        absent = await stranger.get(f"/v1/cases/{ABSENT}/account")

        assert nameless(foreign) == nameless(absent)

    @pytest.mark.parametrize(("classes", "status"), [(["A", "B"], 404), (["C"], 200)])
    async def test_tells_a_receiver_the_account_alone_and_by_consent(
        self,
        hire: Hire,
        database: ServiceDatabase,
        settings: Settings,
        classes: list[str],
        status: int,
    ) -> None:
        owner, shelter = await hire("social_worker"), await hire("shelter_intake", ISF)
        case = await owner.open_case(account="They kept her passport.")
        await receive(database, settings, case["id"], classes)

        response = await shelter.get(f"/v1/cases/{case['id']}/account")

        assert response.status_code == status
        if status == 200:
            told = {"case_id": case["id"], "account": "They kept her passport."}
            assert response.json() == told
            assert (await disclosures(database))[-1]["fields"] == ["account"]
