"""What this service asks of registry, and what it makes of the answers."""

from datetime import date
from uuid import uuid4

import httpx
import pytest

from komuna_referrals.clients.registry import RegistryClient
from komuna_shared.http import RefusedError, ServiceClient, UpstreamUnavailableError
from tests.referrals.team import Registry

TODAY = date(2026, 11, 22)


class TestFindLicence:
    async def test_reads_what_registry_says_and_no_more(self) -> None:
        found = await Registry().client().find_licence("isf-accommodation", TODAY)

        assert found is not None
        assert (found.institution, found.type) == ("isf", "emergency_accommodation")
        assert found.is_active
        assert found.is_licensed

    async def test_knows_that_there_is_none(self) -> None:
        assert await Registry().client().find_licence("none-such", TODAY) is None

    async def test_tells_silence_from_absence(self) -> None:
        with pytest.raises(UpstreamUnavailableError):
            await Registry(is_down=True).client().find_licence("isf-accommodation", TODAY)

    async def test_does_not_take_a_refusal_for_absence(self) -> None:
        def refuse(_: httpx.Request) -> httpx.Response:
            return httpx.Response(403, json={"code": "forbidden"})

        transport = httpx.MockTransport(refuse)
        client = RegistryClient(ServiceClient("http://registry", transport=transport))
        with pytest.raises(RefusedError):
            await client.find_licence("isf-accommodation", TODAY)


class TestTellWaiting:
    async def test_sends_one_letter_for_a_referral_however_often_it_is_asked(self) -> None:
        registry = Registry()
        referral = str(uuid4())

        for _ in range(2):
            await registry.client().tell_waiting("isf", referral)

        ((key, letter), again) = registry.notices
        assert again == (key, letter)
        assert key == referral
        assert b"referral_waiting" in letter

    async def test_goes_to_providers_where_nobody_takes_people_in(self) -> None:
        registry = Registry(holders=frozenset({"provider"}))
        referral = str(uuid4())

        await registry.client().tell_waiting("isf", referral)

        first, second = registry.notices
        assert first[0] != second[0]
        assert b'"role":"provider"' in second[1].replace(b" ", b"")


class TestHasInstitution:
    async def test_says_what_registry_says(self) -> None:
        client = Registry().client()

        assert [await client.has_institution(one) for one in ("police", "polcie")] == [True, False]

    async def test_tells_silence_from_absence(self) -> None:
        with pytest.raises(UpstreamUnavailableError):
            await Registry(is_down=True).client().has_institution("police")
