"""What a route is given to open, seal and find values with."""

from typing import Annotated, cast

from fastapi import Depends, Request

from komuna_referrals.sealing.blind import BlindIndex

from .operations import Keyring


async def read_keyring(request: Request) -> Keyring:
    """Return the way to the keys."""
    return cast("Keyring", request.app.state.keyring)


async def read_blind_index(request: Request) -> BlindIndex:
    """Return what people are found by."""
    return cast("BlindIndex", request.app.state.blind_index)


Keys = Annotated[Keyring, Depends(read_keyring)]
Blind = Annotated[BlindIndex, Depends(read_blind_index)]
