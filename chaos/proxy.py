"""
Links: every connection of the shop goes through one, which can be cut, slowed and broken.

A link counts what its weather did to a connection or a chunk of bytes, so that a fault which met
nothing is told from one that did.
"""

import asyncio
import contextlib
import socket
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from dev.ports import HOST, free_port

CHUNK = 1 << 16
# A connection that is closed with this on is reset: the peer loses what it has not read.
_RESET = struct.pack("ii", 1, 0)
_START_SECONDS = 10


@dataclass(frozen=True)
class Weather:
    """
    What happens to bytes on a link; clear unless told otherwise.

    ``held`` ways keep their bytes back until the weather ends, as a partition does: TCP sends
    them again afterwards, to whoever still listens. ``lose_reply`` passes requests on and resets
    the connection instead of the answer, or after ``reply_bytes`` of it.
    """

    held: frozenset[str] = frozenset()
    delay_seconds: float = 0.0
    is_dribbling: bool = False
    refuses: bool = False
    lose_reply: bool = False
    reply_bytes: int = 0
    half_closes: bool = False


CLEAR = Weather()
UP, DOWN = "up", "down"
# One byte each time, so that nobody can count on whole messages; the rest of a long one follows.
_DRIBBLED, _DRIBBLE_SECONDS = 200, 0.001


@dataclass(eq=False)
class _Pair:
    """One connection: the two sockets of it."""

    client: asyncio.StreamWriter
    server: asyncio.StreamWriter

    def reset(self) -> None:
        for writer in (self.client, self.server):
            opened = writer.get_extra_info("socket")
            with contextlib.suppress(OSError):
                opened.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            writer.transport.abort()


@dataclass(eq=False)
class Link:
    """A port of its own, from which everything goes on to a server's."""

    name: str
    server_port: int
    port: int = field(default_factory=free_port)
    # How many chunks and connections the weather did something to.
    bitten: int = 0
    # Connections that the server refused or broke by itself.
    broken: int = 0
    weather: Weather = CLEAR
    _pairs: set[_Pair] = field(default_factory=set)
    _over: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def open(self) -> int:
        """Count the connections."""
        return len(self._pairs)

    async def serve(self) -> asyncio.Server:
        """Listen."""
        return await asyncio.start_server(self._serve, HOST, self.port, backlog=512)

    def change(self, weather: Weather) -> None:
        """Let another weather begin; whatever was held goes on."""
        self.weather = weather
        self._over.set()
        self._over = asyncio.Event()

    def reset_all(self) -> None:
        """Break every connection."""
        pairs = list(self._pairs)
        self.bitten += len(pairs)
        for pair in pairs:
            pair.reset()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.weather.refuses:
            self.bitten += 1
            writer.transport.abort()
            return
        try:
            server_reader, server = await asyncio.open_connection(HOST, self.server_port)
        except OSError:
            self.broken += 1
            writer.transport.abort()
            return
        for one in (writer, server):
            one.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        pair = _Pair(writer, server)
        self._pairs.add(pair)
        ways = [self._pump(reader, server, UP, pair), self._pump(server_reader, writer, DOWN, pair)]
        try:
            await asyncio.gather(*ways)
        finally:
            self._pairs.discard(pair)
            for one in (writer, server):
                one.close()

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, way: str, pair: _Pair
    ) -> None:
        try:
            while chunk := await reader.read(CHUNK):
                await self._pass_on(chunk, writer, way, pair)
            await self._held(way)
            if writer.can_write_eof():
                writer.write_eof()
        except (OSError, RuntimeError):
            # Hung up meanwhile, by the other side or by the weather.
            self.broken += way == DOWN
            pair.reset()

    async def _held(self, way: str) -> None:
        while way in self.weather.held:
            await self._over.wait()

    async def _pass_on(
        self, chunk: bytes, writer: asyncio.StreamWriter, way: str, pair: _Pair
    ) -> None:
        weather = self.weather
        if weather is CLEAR:
            writer.write(chunk)
            await writer.drain()
            return
        if way in weather.held:
            self.bitten += 1
            await self._held(way)
        elif weather.delay_seconds:
            self.bitten += 1
            await asyncio.sleep(weather.delay_seconds)
        elif weather.lose_reply and way == DOWN:
            self.bitten += 1
            writer.write(chunk[: weather.reply_bytes])
            await writer.drain()
            pair.reset()
            return
        elif weather.half_closes and way == UP:
            self.bitten += 1
            pair.client.write_eof()
        elif weather.is_dribbling:
            self.bitten += 1
            chunk = await _dribble(chunk, writer)
        if not writer.is_closing():
            writer.write(chunk)
            await writer.drain()


async def _dribble(chunk: bytes, writer: asyncio.StreamWriter) -> bytes:
    """Write the first bytes one by one; returns the others."""
    for at in range(min(_DRIBBLED, len(chunk))):
        writer.write(chunk[at : at + 1])
        await writer.drain()
        await asyncio.sleep(_DRIBBLE_SECONDS)
    return chunk[_DRIBBLED:]


class Links:
    """All links, served by a thread of their own."""

    def __init__(self) -> None:
        """Start the thread."""
        self._loop = asyncio.new_event_loop()
        self._links: dict[str, Link] = {}
        self._servers: list[asyncio.Server] = []
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def __getitem__(self, name: str) -> Link:
        """Find a link."""
        return self._links[name]

    def add(self, name: str, server_port: int) -> Link:
        """Open a link to a server."""
        link = self._links[name] = Link(name, server_port)
        serving = asyncio.run_coroutine_threadsafe(link.serve(), self._loop)
        self._servers.append(serving.result(_START_SECONDS))
        return link

    def set(self, name: str, weather: Weather) -> None:
        """Change a link's weather, and return once it has changed."""
        self.call(self[name].change, weather)

    def reset(self, name: str) -> None:
        """Break every connection of a link."""
        self.call(self[name].reset_all)

    def clear(self) -> None:
        """Let the sun shine everywhere."""
        for name in self._links:
            self.set(name, CLEAR)

    def call(self, function: Callable[..., None], *arguments: object) -> None:
        """Run something in the links' thread, and return once it has run."""
        is_done = threading.Event()

        def run() -> None:
            function(*arguments)
            is_done.set()

        self._loop.call_soon_threadsafe(run)
        is_done.wait(_START_SECONDS)

    def close(self) -> None:
        """Break all of them, and end the thread."""
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(_START_SECONDS)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_START_SECONDS)
        self._loop.close()

    async def _end(self) -> None:
        for server in self._servers:
            server.close()
        for link in self._links.values():
            link.reset_all()
        under_way = [one for one in asyncio.all_tasks() if one is not asyncio.current_task()]
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)
