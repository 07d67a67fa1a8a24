"""The gateway's key as Postgres needs it to check a ticket, and how it gets there."""

import hashlib

import asyncpg

from .roles import Room

_BLOCK = 64
# The key in use and the one before it: the gateway is told the new one after the database.
_KEPT = 2
_INSTALL = """
    insert into ctx.keys (kid, ipad, opad) values ($1, $2, $3)
    on conflict (kid) do update set made_at = clock_timestamp()
"""
_FORGET = """
    delete from ctx.keys where kid <> 'self' and kid not in (
        select kid from ctx.keys where kid <> 'self' order by made_at desc limit $1
    )
"""


def kid(key: str) -> str:
    """Return the name of a key, which tells nothing of it; the gateway names it alike."""
    return hashlib.sha256(f"kid of {key}".encode()).hexdigest()[:16]


def pads(key: str) -> tuple[bytes, bytes]:
    """Return the inner and the outer block of HMAC-SHA-256 (RFC 2104)."""
    block = key.encode()
    if len(block) > _BLOCK:
        block = hashlib.sha256(block).digest()
    block = block.ljust(_BLOCK, b"\0")
    return bytes(one ^ 0x36 for one in block), bytes(one ^ 0x5C for one in block)


async def install(address: str, room: Room, key: str) -> None:
    """Let the room believe tickets of this key and of the one before it, and of no other.

    `address` is that of the room's migrations, the one login that may become the wall's owner.
    """
    connection = await asyncpg.connect(address)
    try:
        async with connection.transaction():
            await connection.execute(f"set local role {room.context}")
            await connection.execute(_INSTALL, kid(key), *pads(key))
            await connection.execute(_FORGET, _KEPT)
    finally:
        await connection.close()
