"""What the transport tests send and read."""

from collections.abc import AsyncIterator

from komuna_gateway.transport import Answer, Outgoing


def get(target: str = "/v1/a", *, method: str = "GET", seconds: float = 5.0) -> Outgoing:
    return Outgoing(method, target, [], seconds)


def post(body: AsyncIterator[bytes], *headers: tuple[str, str], seconds: float = 5.0) -> Outgoing:
    return Outgoing("POST", "/v1/a", list(headers), seconds, body)


async def read_all(answered: Answer) -> bytes:
    body = b""
    while piece := await answered.read():
        body += piece
    await answered.close()
    return body


async def pieces(*given: bytes) -> AsyncIterator[bytes]:
    for piece in given:
        yield piece
