"""What a route is given to open, seal and find values with."""

from typing import Annotated, cast

from fastapi import Depends, Request

from komuna_referrals.sealing.blind import BlindIndex

from .operations import Keyring


def _keyring(request: Request) -> Keyring:
    return cast("Keyring", request.app.state.keyring)


def _blind_index(request: Request) -> BlindIndex:
    return cast("BlindIndex", request.app.state.blind_index)


Keys = Annotated[Keyring, Depends(_keyring)]
Blind = Annotated[BlindIndex, Depends(_blind_index)]
