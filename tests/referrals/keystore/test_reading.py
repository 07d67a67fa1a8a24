"""A person whose keys are gone is nobody's to read, over HTTP as in the keyring."""

from uuid import UUID

from komuna_referrals.keystore.operations import Keyring
from tests.referrals.casework import Hire, nameless


class TestDestroyedKeys:
    async def test_leave_the_same_404_as_a_case_that_is_not_there(
        self, hire: Hire, keyring: Keyring
    ) -> None:
        owner = await hire("social_worker")
        case = await owner.open_case(account="They took her passport.")
        await owner.write_person(case["id"])
        person = f"/v1/cases/{case['id']}/person"
        assert (await owner.get(person)).status_code == 200

        await keyring.destroy_keys(UUID(case["id"]))

        absent = await owner.get(f"/v1/cases/{UUID(int=1)}/person")
        for path in (person, f"/v1/cases/{case['id']}/account"):
            assert nameless(await owner.get(path)) == nameless(absent)

    async def test_of_one_institution_leave_the_others_alone(
        self, hire: Hire, keyring: Keyring
    ) -> None:
        owner, partner = await hire("social_worker"), await hire("advocate", "vaao")
        case = await owner.open_case()
        await owner.write_person(case["id"])
        added = {"institution": "vaao", "role": "advocacy"}
        assert (await owner.post(f"/v1/cases/{case['id']}/partners", added)).status_code == 201
        person = f"/v1/cases/{case['id']}/person"
        assert (await partner.get(person)).status_code == 200

        await keyring.revoke_keys(UUID(case["id"]), "vaao")

        assert (await partner.get(person)).status_code == 404
        assert (await owner.get(person)).status_code == 200
