"""Text cells that a spreadsheet would run as a formula: how they go out, and come back the same."""

import re

_RUNS = re.compile(r"'*[=+\-@\t\r]")
_NEUTRALISED = re.compile(r"'+[=+\-@\t\r]")
_NUMBER = re.compile(r"[+-]?[\d\s().,/-]*\d[\d\s().,/-]*")


def neutralised(text: str) -> str:
    """Return the text with an apostrophe before what a spreadsheet would run.

    Numbers and telephone numbers are left alone: `+383 38 200 300` is no formula.
    """
    if _RUNS.match(text) and not _NUMBER.fullmatch(text):
        return f"'{text}"
    return text


def restored(text: str) -> str:
    """Return what `neutralised` was given."""
    return text[1:] if _NEUTRALISED.match(text) else text
