"""The keys of cases: made before the data they lock, held by institutions, destroyed at the end."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from sqlalchemy import BigInteger, bindparam, delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from komuna_referrals.sealing import DataKey, FieldClass
from komuna_shared.database import Database, translated
from komuna_shared.errors import NotFoundError
from komuna_shared.logging import error_of, log

from . import models, queries, wrapping
from .queries import HeldKey

# Each case that is opened runs these, so they are made once.
_LOCK = select(func.pg_advisory_xact_lock(bindparam("number", type_=BigInteger)))
_ADD = (
    insert(models.DataKey)
    .on_conflict_do_nothing()
    .returning(models.DataKey.id, models.DataKey.field_class)
)
_HOLD = insert(models.WrappedKey).on_conflict_do_nothing()


@dataclass(frozen=True)
class Keyring:
    """The way to the keys; what it changes is committed in the keystore when it returns."""

    keystore: Database
    root: bytes = field(repr=False)

    async def create_keys(
        self, case_id: UUID, institution: str, classes: Collection[FieldClass]
    ) -> dict[FieldClass, DataKey]:
        """Return a key of a case for each class, made where there is none.

        Call it before the data is written: who dies in between leaves a key without data, which
        is swept, and never data without its key.
        """
        with translated():
            async with self.keystore.session() as session:
                await alone_with(session, case_id)
                made = await _add(session, case_id, classes)
                await _hold(session, self.root, case_id, institution, made)
                if len(made) == len(classes):
                    return {key.field_class: key for key in made}
                held = await queries.find_held(session, case_id, classes, institution)
        return self._all_of(classes, held)

    async def open_key(self, case_id: UUID, field_class: FieldClass, institution: str) -> DataKey:
        """Return one key; one destroyed, taken back or never given raises `NotFoundError`."""
        return (await self.open_keys(case_id, (field_class,), institution))[field_class]

    async def open_keys(
        self, case_id: UUID, classes: Collection[FieldClass], institution: str
    ) -> dict[FieldClass, DataKey]:
        """Return all of these keys, or raise `NotFoundError`."""
        with translated():
            async with self.keystore.reader() as connection:
                held = await queries.find_held(connection, case_id, classes, institution)
        return self._all_of(classes, held)

    async def share_keys(
        self, case_id: UUID, classes: Collection[FieldClass], giver: str, receiver: str
    ) -> None:
        """Let another institution open keys that the giver holds; the giver keeps them.

        What it held of them is given anew, and is young again to whoever sweeps.
        """
        with translated():
            async with self.keystore.session() as session:
                await alone_with(session, case_id)
                held = await queries.find_held(session, case_id, classes, giver)
                keys = self._all_of(classes, held)
                former = delete(models.WrappedKey).where(
                    models.WrappedKey.institution == receiver,
                    models.WrappedKey.key_id.in_([one.id for one in keys.values()]),
                )
                await session.execute(former)
                await _hold(session, self.root, case_id, receiver, keys.values())

    async def revoke_keys(
        self, case_id: UUID, institution: str, classes: Iterable[FieldClass] = FieldClass
    ) -> None:
        """Take the keys of a case back from one institution; the others keep theirs."""
        of_case = select(models.DataKey.id).where(
            models.DataKey.case_id == case_id, models.DataKey.field_class.in_(sorted(classes))
        )
        with translated():
            async with self.keystore.session() as session:
                await alone_with(session, case_id)
                await session.execute(
                    delete(models.WrappedKey).where(
                        models.WrappedKey.institution == institution,
                        models.WrappedKey.key_id.in_(of_case),
                    )
                )

    async def destroy_keys(self, case_id: UUID) -> None:
        """Destroy every key of a case for everybody: what they locked can never be read again."""
        with translated():
            async with self.keystore.session() as session:
                await alone_with(session, case_id)
                await session.execute(
                    delete(models.DataKey).where(models.DataKey.case_id == case_id)
                )

    def _all_of(
        self, classes: Collection[FieldClass], held: Iterable[HeldKey]
    ) -> dict[FieldClass, DataKey]:
        keys = {key.field_class: key for key in (opened(self.root, one) for one in held)}
        if keys.keys() != set(classes):
            raise NotFoundError
        return keys


async def is_ready(keyring: Keyring) -> bool:
    """Tell whether keys can be read: the server answers, and what is there opens."""
    try:
        async with keyring.keystore.reader() as connection:
            held = await queries.find_any(connection)
        if held is not None:
            opened(keyring.root, held)
    except Exception as failure:  # noqa: BLE001 -- whatever it is, no key can be read.
        log.warning("not_ready", step="keystore", **error_of(failure))
        return False
    return True


def opened(root: bytes, held: HeldKey) -> DataKey:
    """Return the key that a row holds."""
    kek = wrapping.unwrap_institution_key(root, held.kek, held.institution, held.kek_version)
    return wrapping.unwrap_data_key(
        kek,
        held.wrapped,
        held.key_id,
        case_id=held.case_id,
        field_class=held.field_class,
        institution=held.institution,
    )


async def alone_with(session: AsyncSession, case_id: UUID) -> None:
    """Wait until nobody else changes who holds the keys of a case.

    A row that is taken back while it is wrapped anew would otherwise come back as the new one.
    """
    await session.execute(_LOCK, {"number": lock_of(case_id)})


def lock_of(case_id: UUID) -> int:
    """Return the number under which a case is locked; two cases may share one."""
    return int.from_bytes(case_id.bytes[:8], signed=True)


async def current_kek(session: AsyncSession, root: bytes, institution: str) -> tuple[int, bytes]:
    """Return version and bytes of the key that wraps for an institution, made where missing."""
    found = await queries.find_institution_key(session, institution)
    if found is None:
        first = wrapping.wrap_institution_key(root, wrapping.new_key(), institution, 1)
        added = insert(models.InstitutionKey).values(
            institution=institution, version=1, wrapped=first
        )
        await session.execute(added.on_conflict_do_nothing())
        found = await queries.find_institution_key(session, institution)
    if found is None:
        raise NotFoundError
    return found.version, wrapping.unwrap_institution_key(
        root, found.wrapped, institution, found.version
    )


async def _add(
    session: AsyncSession, case_id: UUID, classes: Collection[FieldClass]
) -> list[DataKey]:
    """Return new keys for the classes of a case that have none."""
    wanted = [{"id": uuid4(), "case_id": case_id, "field_class": one} for one in sorted(classes)]
    if not wanted:
        return []
    rows = await session.execute(_ADD, wanted)
    return [DataKey(row.id, FieldClass(row.field_class), wrapping.new_key()) for row in rows]


async def _hold(
    session: AsyncSession, root: bytes, case_id: UUID, institution: str, keys: Collection[DataKey]
) -> None:
    if not keys:
        return
    version, kek = await current_kek(session, root, institution)
    held = [
        {
            "key_id": key.id,
            "institution": institution,
            "kek_version": version,
            "wrapped": wrapping.wrap_data_key(kek, key, case_id, institution),
        }
        for key in keys
    ]
    await session.execute(_HOLD, held)
