"""Who can open which key of a case, and until when."""

import asyncio
from dataclasses import replace
from uuid import UUID, uuid4

import pytest

from komuna_referrals.keystore.operations import Keyring
from komuna_referrals.sealing import FieldClass, SealBrokenError
from komuna_shared.database import BusyError, Database
from komuna_shared.errors import NotFoundError
from tests.databases import BLIND_INDEX_KEY, ServiceDatabase
from tests.referrals.conftest import as_owner
from tests.referrals.keystore.conftest import root_of

IDENTITY, CONTACT, ACCOUNT = FieldClass.IDENTITY, FieldClass.CONTACT, FieldClass.ACCOUNT
BOTH = (IDENTITY, CONTACT)
THBD, ISF, VAAO = "thbd", "isf", "vaao"
SWAPPED = """
with there as (select key_id, wrapped from wrapped_key)
update wrapped_key w set wrapped = t.wrapped from there t where t.key_id <> w.key_id
"""


@pytest.fixture
async def case(keyring: Keyring) -> UUID:
    """A case whose owner holds two keys."""
    found = uuid4()
    await keyring.create_keys(found, THBD, BOTH)
    return found


class TestCreate:
    async def test_makes_a_key_for_each_class_and_case(self, keyring: Keyring) -> None:
        one, other = [await keyring.create_keys(uuid4(), THBD, tuple(FieldClass)) for _ in range(2)]

        assert one.keys() == other.keys() == set(FieldClass)
        secrets = [key.secret for key in (*one.values(), *other.values())]
        assert len(set(secrets)) == len(secrets) == 14
        assert {len(secret) for secret in secrets} == {32}

    async def test_is_committed_when_it_returns(
        self, keyring: Keyring, keystore: ServiceDatabase
    ) -> None:
        made = await keyring.create_keys(uuid4(), THBD, BOTH)

        rows = await keystore.fetch("select id from data_key join wrapped_key on key_id = id")
        assert {row["id"] for row in rows} == {key.id for key in made.values()}

    async def test_keeps_a_key_that_is_there(self, keyring: Keyring, case: UUID) -> None:
        before = await keyring.open_keys(case, BOTH, THBD)

        after = await keyring.create_keys(case, THBD, (*BOTH, ACCOUNT))

        assert {one: after[one] for one in BOTH} == before
        assert ACCOUNT in after

    async def test_makes_one_key_when_asked_at_once(self, keyring: Keyring) -> None:
        case = uuid4()
        made = await asyncio.gather(
            *(keyring.create_keys(case, THBD, BOTH) for _ in range(5)),
            *(keyring.create_keys(uuid4(), "new", BOTH) for _ in range(5)),
        )

        assert len({made[0][IDENTITY], *(one[IDENTITY] for one in made[:5])}) == 1

    async def test_takes_no_key_from_who_has_it(self, keyring: Keyring, case: UUID) -> None:
        with pytest.raises(NotFoundError):
            await keyring.create_keys(case, ISF, BOTH)

    async def test_holds_no_bare_key(self, keyring: Keyring, keystore: ServiceDatabase) -> None:
        made = await keyring.create_keys(uuid4(), THBD, BOTH)

        rows = await keystore.fetch(
            "select wrapped from wrapped_key union all select wrapped from institution_key"
        )
        kept = b"|".join(bytes(row["wrapped"]) for row in rows)
        for secret in (keyring.root, *(key.secret for key in made.values())):
            assert secret not in kept
            assert secret[:16] not in kept


class TestOpen:
    async def test_gives_what_was_made(self, keyring: Keyring) -> None:
        case = uuid4()
        made = await keyring.create_keys(case, THBD, BOTH)

        assert await keyring.open_keys(case, BOTH, THBD) == made
        assert await keyring.open_key(case, CONTACT, THBD) == made[CONTACT]

    async def test_refuses_another_institution(self, keyring: Keyring, case: UUID) -> None:
        with pytest.raises(NotFoundError):
            await keyring.open_key(case, IDENTITY, ISF)

    async def test_refuses_a_class_or_case_without_key(self, keyring: Keyring, case: UUID) -> None:
        for asked in ((case, ACCOUNT, THBD), (uuid4(), IDENTITY, THBD)):
            with pytest.raises(NotFoundError):
                await keyring.open_key(*asked)

    async def test_refuses_all_where_one_is_missing(self, keyring: Keyring, case: UUID) -> None:
        with pytest.raises(NotFoundError):
            await keyring.open_keys(case, (*BOTH, ACCOUNT), THBD)

    async def test_needs_the_root_key(self, keyring: Keyring, case: UUID) -> None:
        with pytest.raises(SealBrokenError):
            await replace(keyring, root=root_of(BLIND_INDEX_KEY)).open_key(case, IDENTITY, THBD)

    async def test_is_asked_again_while_the_keystore_is_away(self, keyring: Keyring) -> None:
        nowhere = Database("postgresql+asyncpg://nobody:x@127.0.0.1:1/keystore_referrals")
        away = replace(keyring, keystore=nowhere)

        for asked in (
            away.open_key(uuid4(), IDENTITY, THBD),
            away.create_keys(uuid4(), THBD, BOTH),
            away.share_keys(uuid4(), BOTH, THBD, ISF),
            away.revoke_keys(uuid4(), THBD),
            away.destroy_keys(uuid4()),
        ):
            with pytest.raises(BusyError):
                await asked

    @pytest.mark.parametrize(
        "forged",
        [
            # Another institution's wrap under one's own name.
            "update wrapped_key set institution = 'isf' where institution = 'thbd'",
            # The key of one class under another.
            SWAPPED,
            "update data_key set case_id = '6f1e4c0e-8a3b-4d52-9a35-0e6c8d2b7f11'",
            "update data_key set field_class = case field_class when 'A' then 'C' else 'D' end",
            "update wrapped_key set wrapped = set_byte(wrapped, 0, 2)",
            "update wrapped_key set wrapped = set_byte(wrapped, 20, 0) || '\\x00'",
            "update institution_key set wrapped = set_byte(wrapped, 1, 2)",
        ],
    )
    async def test_refuses_a_row_that_was_moved_or_changed(
        self, keyring: Keyring, keystore: ServiceDatabase, case: UUID, forged: str
    ) -> None:
        await keyring.create_keys(uuid4(), ISF, BOTH)
        async with as_owner(keystore) as owner:
            # The other institution's key stays, its case goes.
            await owner.execute("delete from data_key where case_id <> $1", case)
            await owner.execute(forged)

        other = UUID("6f1e4c0e-8a3b-4d52-9a35-0e6c8d2b7f11")
        opened = 0
        for asked in (case, other):
            for institution in (THBD, ISF):
                for one in FieldClass:
                    with pytest.raises((SealBrokenError, NotFoundError)) as refused:
                        await keyring.open_key(asked, one, institution)
                    opened += refused.type is SealBrokenError
        assert opened > 0


class TestShare:
    async def test_lets_the_receiver_open_the_same_key(self, keyring: Keyring, case: UUID) -> None:
        await keyring.share_keys(case, [IDENTITY], THBD, ISF)

        given = await keyring.open_key(case, IDENTITY, ISF)
        assert given == await keyring.open_key(case, IDENTITY, THBD)
        with pytest.raises(NotFoundError):
            await keyring.open_key(case, CONTACT, ISF)

    async def test_needs_a_giver_who_holds_all(self, keyring: Keyring, case: UUID) -> None:
        for classes, giver in (((*BOTH, ACCOUNT), THBD), (BOTH, VAAO)):
            with pytest.raises(NotFoundError):
                await keyring.share_keys(case, classes, giver, ISF)
        with pytest.raises(NotFoundError):
            await keyring.open_key(case, IDENTITY, ISF)

    async def test_may_be_repeated(self, keyring: Keyring, case: UUID) -> None:
        for _ in range(2):
            await keyring.share_keys(case, BOTH, THBD, ISF)

        assert await keyring.open_keys(case, BOTH, ISF)


class TestRevoke:
    async def test_ends_one_institution_and_no_other(self, keyring: Keyring, case: UUID) -> None:
        for one in (ISF, VAAO):
            await keyring.share_keys(case, BOTH, THBD, one)

        await keyring.revoke_keys(case, ISF)

        with pytest.raises(NotFoundError):
            await keyring.open_key(case, IDENTITY, ISF)
        for one in (THBD, VAAO):
            assert await keyring.open_keys(case, BOTH, one)

    async def test_may_take_back_single_classes(self, keyring: Keyring, case: UUID) -> None:
        await keyring.share_keys(case, BOTH, THBD, ISF)

        await keyring.revoke_keys(case, ISF, [CONTACT])

        assert await keyring.open_key(case, IDENTITY, ISF)
        with pytest.raises(NotFoundError):
            await keyring.open_key(case, CONTACT, ISF)

    async def test_leaves_other_cases_alone(self, keyring: Keyring, case: UUID) -> None:
        other = uuid4()
        await keyring.create_keys(other, THBD, BOTH)

        await keyring.revoke_keys(case, THBD)

        assert await keyring.open_keys(other, BOTH, THBD)


class TestDestroy:
    async def test_takes_every_key_from_everybody(
        self, keyring: Keyring, keystore: ServiceDatabase, case: UUID
    ) -> None:
        await keyring.share_keys(case, BOTH, THBD, ISF)

        await keyring.destroy_keys(case)

        for one in (THBD, ISF):
            with pytest.raises(NotFoundError):
                await keyring.open_key(case, IDENTITY, one)
        assert await keystore.fetch("select key_id from wrapped_key") == []

    async def test_is_not_undone_by_who_shares_at_that_moment(
        self, keyring: Keyring, keystore: ServiceDatabase
    ) -> None:
        cases = [uuid4() for _ in range(20)]
        for case in cases:
            await keyring.create_keys(case, THBD, BOTH)

        async def share(case: UUID) -> None:
            try:
                await keyring.share_keys(case, BOTH, THBD, ISF)
            except NotFoundError:
                return

        for case in cases:
            await asyncio.gather(share(case), keyring.destroy_keys(case))

        assert await keystore.fetch("select key_id from wrapped_key") == []


def test_the_root_is_in_no_text(keyring: Keyring) -> None:
    assert "root" not in repr(keyring)
    assert keyring.root.hex() not in repr(keyring)
