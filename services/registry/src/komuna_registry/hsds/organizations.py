"""How an institution is shown in HSDS: as an organization with its public channels."""

from collections.abc import Sequence

from komuna_registry.directory.rules import ChannelKind
from komuna_shared.database import Record
from komuna_shared.languages import label

from .identifiers import identify
from .schemas import HsdsIdentifierOut, HsdsOrganizationOut, HsdsPhoneOut

_TYPES = {ChannelKind.TELEPHONE: "voice", ChannelKind.TEXT_MESSAGE: "sms"}


def show_organization(
    row: Record, channels: Sequence[Record], language: str, *, is_full: bool = False
) -> HsdsOrganizationOut:
    """Return an institution; in full with its numbers and its code."""
    own = identify("institution", row.code)
    shown = HsdsOrganizationOut(
        id=own,
        name=label(row.names, language)[0],
        # HSDS asks for words about it: the register has its names.
        description=" / ".join(dict.fromkeys(row.names.values())),
        email=value_of(channels, ChannelKind.EMAIL),
        website=value_of(channels, ChannelKind.WEBSITE),
    )
    if is_full:
        shown.phones = show_phones(channels)
        shown.organization_identifiers = [
            HsdsIdentifierOut(
                id=identify("identifier", row.code),
                organization_id=own,
                identifier_type="code of this register",
                identifier=row.code,
            )
        ]
    return shown


def show_phones(channels: Sequence[Record]) -> list[HsdsPhoneOut]:
    """Return the numbers among some channels."""
    return [
        HsdsPhoneOut(
            id=identify("phone", f"{one.kind.value}:{one.value}"),
            number=one.value,
            type=_TYPES[one.kind],
        )
        for one in channels
        if one.kind in _TYPES
    ]


def value_of(channels: Sequence[Record], kind: ChannelKind) -> str | None:
    """Return the first of some channels of a kind, if there is one."""
    return next((str(one.value) for one in channels if one.kind is kind), None)
