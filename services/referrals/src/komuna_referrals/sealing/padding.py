"""How long a ciphertext is: a few sizes only, since a shelter can be guessed from its length."""

BUCKETS = (32, 64, 128, 256, 1024, 4096)
_END = b"\x80"


class PaddingError(ValueError):
    """These bytes were not padded here."""


def padded_length(length: int) -> int:
    """Return how many bytes a text of this length takes; one is needed for its end."""
    needed = length + 1
    largest = BUCKETS[-1]
    return next((one for one in BUCKETS if needed <= one), -(-needed // largest) * largest)


def pad(text: bytes) -> bytes:
    """Return a text with its end marked, filled up to the next size."""
    return (text + _END).ljust(padded_length(len(text)), b"\x00")


def unpad(padded: bytes) -> bytes:
    """Return what was padded, or raise `PaddingError`."""
    text, end, rest = padded.rpartition(_END)
    if not end or rest.strip(b"\x00") or padded_length(len(text)) != len(padded):
        raise PaddingError
    return text
