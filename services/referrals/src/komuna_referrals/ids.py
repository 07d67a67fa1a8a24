"""Ids as callers write them."""

from uuid import UUID

NO_CASE = UUID(int=0)


def case_id(text: str) -> UUID:
    """Return the id that a text names; one that names none is an id that no case has.

    A malformed id must take the same way as a foreign one, so that nobody can tell them apart.
    """
    try:
        return UUID(text)
    except ValueError:
        return NO_CASE
