"""A way to Postgres that can be shut, or cut at the moment that hurts."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from pydantic import SecretStr
from sqlalchemy import make_url

from komuna_shared.settings import ServiceSettings

_READY = b"Z\x00\x00\x00\x05I"
_WORDS = b"SFATAL\0VFATAL\0C57P01\0Mterminating connection due to administrator command\0\0"
_FAREWELL = b"E" + (len(_WORDS) + 4).to_bytes(4, "big") + _WORDS


@dataclass
class Door:
    """Whatever a worker and Postgres say to each other goes through here."""

    host: str
    port: int
    cut_after: bytes | None = None
    """Words of a statement; right behind its answer comes, once, what a cut connection hears."""
    was_cut: asyncio.Event = field(default_factory=asyncio.Event)
    _is_shut: bool = False
    _inside: set[asyncio.StreamWriter] = field(default_factory=set)

    def shut(self) -> None:
        """Cut every connection, and let nobody in until the door is opened."""
        self._is_shut = True
        for writer in self._inside:
            writer.transport.abort()

    def open(self) -> None:
        """Let everybody in again."""
        self._is_shut = False

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry one connection until a side ends it."""
        if self._is_shut:
            writer.transport.abort()
            return
        answers, questions = await asyncio.open_connection(self.host, self.port)
        self._inside |= {writer, questions}
        last = asyncio.Event()
        ways = [
            asyncio.create_task(self._ask(reader, questions, last)),
            asyncio.create_task(self._answer(answers, writer, last)),
        ]
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)
        self._inside -= {writer, questions}
        for one in (writer, questions):
            one.transport.abort()

    async def _ask(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, last: asyncio.Event
    ) -> None:
        while chunk := await reader.read(65536):
            if self.cut_after is not None and self.cut_after in chunk:
                self.cut_after = None
                last.set()
            writer.write(chunk)

    async def _answer(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, last: asyncio.Event
    ) -> None:
        while chunk := await reader.read(65536):
            if not (last.is_set() and chunk.endswith(_READY)):
                writer.write(chunk)
                continue
            writer.write(chunk + _FAREWELL)
            self.was_cut.set()
            # As from a busy server: the words come with the answer, the end of the stream later.
            await asyncio.sleep(0.5)
            return


@asynccontextmanager
async def a_door(settings: ServiceSettings) -> AsyncIterator[tuple[Door, ServiceSettings]]:
    """Put a door before Postgres; give it, and the settings that lead through it."""
    url = make_url(settings.database_url.get_secret_value())
    assert url.host
    assert url.port
    door = Door(url.host, url.port)
    server = await asyncio.start_server(door.serve, "127.0.0.1", 0)
    through = url.set(host="127.0.0.1", port=server.sockets[0].getsockname()[1])
    address = SecretStr(through.render_as_string(hide_password=False))
    try:
        yield door, settings.model_copy(update={"database_url": address})
    finally:
        server.close()
        door.shut()
        await asyncio.sleep(0.01)
