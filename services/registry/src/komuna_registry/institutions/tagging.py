"""Which version of an institution's page a caller has seen."""

from komuna_shared.etags import etag

from .schemas import InstitutionPageOut


def tag_of(shown: InstitutionPageOut, language: str, *, key: bytes, is_dated: bool = False) -> str:
    """Return the tag of a page; without a day that was asked for it changes with the day too."""
    return etag(
        *("institution", shown.code, shown.version, language, shown.as_of, is_dated), key=key
    )
