"""
Hosts on one machine: each a network namespace with a cable to the data host, which is ours.

What listens on our 127.0.0.1 is reached from them at its address, by the same port.
"""

import asyncio
import os
import secrets
import shutil
import subprocess
import threading
from collections.abc import Iterable
from contextlib import suppress
from functools import partial
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from dev.ports import HOST

CHUNK = 1 << 16
PORT = 8000
_PATIENCE_SECONDS = 60


def why_not() -> str | None:
    """Tell why there can be no such hosts here; None where there can."""
    if os.geteuid() != 0:
        return "NOT ROOT, no hosts were made and none was killed: run it as root"
    if shutil.which("ip") is None:
        return "NO ip ON THIS MACHINE, no hosts were made and none was killed: apt install iproute2"
    tried = f"ora-{secrets.token_hex(3)}"
    made = subprocess.run(["ip", "netns", "add", tried], capture_output=True, check=False)
    if made.returncode:
        return f"NO NETWORK NAMESPACES HERE, no host was killed: {made.stderr.decode().strip()}"
    ip("netns", "del", tried)
    return None


def ip(*words: str) -> None:
    """Run the command of that name."""
    subprocess.run(["ip", *words], check=True, capture_output=True, timeout=30)


class Host:
    """One host: where it is, and how something is run on it."""

    def __init__(self, tag: str, number: int, network: str) -> None:
        self.name = f"ora-{tag}-{number}"
        self.address = f"{network}.{10 + number}"
        self.url = f"http://{self.address}:{PORT}"
        self.within = ("ip", "netns", "exec", self.name)
        self._ours, self._its = f"o{tag}{number}a", f"o{tag}{number}b"
        self._data = f"{network}.1"

    def plug_in(self) -> None:
        """Make it, and lay its cable."""
        ip("netns", "add", self.name)
        ip("link", "add", self._ours, "type", "veth", "peer", "name", self._its, "netns", self.name)
        ip("addr", "add", self._data, "peer", self.address, "dev", self._ours)
        ip("link", "set", self._ours, "up")
        inside = ("-n", self.name)
        ip(*inside, "addr", "add", self.address, "peer", self._data, "dev", self._its)
        ip(*inside, "link", "set", self._its, "up")
        ip(*inside, "link", "set", "lo", "up")

    def cut(self) -> None:
        """Pull its cable: nothing arrives any more, and nobody is told."""
        ip("-n", self.name, "link", "set", self._its, "down")

    def remove(self) -> None:
        """Take it away."""
        with suppress(subprocess.CalledProcessError):
            ip("link", "del", self._ours)
        with suppress(subprocess.CalledProcessError):
            ip("netns", "del", self.name)


class Network:
    """So many hosts, and doors to what their programs ask of the data host."""

    def __init__(self, hosts: int, urls: Iterable[str]) -> None:
        tag = secrets.token_hex(3)
        network = f"10.213.{secrets.randbelow(250) + 1}"
        self._data = f"{network}.1"
        self.hosts = [Host(tag, number, network) for number in range(hosts)]
        self._ports = sorted({urlsplit(url).port or 0 for url in urls})
        self._doors: list[asyncio.Server] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def seen_from_there(self, url: str) -> str:
        """Say where they find a server of ours."""
        return url.replace(HOST, self._data)

    def __enter__(self) -> Self:
        for host in self.hosts:
            host.plug_in()
        self._thread.start()
        for port in self._ports:
            opening = asyncio.start_server(partial(_pass_on, port), self._data, port)
            door = asyncio.run_coroutine_threadsafe(opening, self._loop)
            self._doors.append(door.result(_PATIENCE_SECONDS))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for host in self.hosts:
            host.remove()
        ending = asyncio.run_coroutine_threadsafe(_end_all(self._doors), self._loop)
        ending.result(_PATIENCE_SECONDS)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_PATIENCE_SECONDS)
        self._loop.close()


async def _pass_on(port: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        inner, outer = await asyncio.open_connection(HOST, port)
    except OSError:
        writer.transport.abort()
        return
    try:
        await asyncio.gather(_pump(reader, outer), _pump(inner, writer))
    finally:
        # Without waiting for what a host that is gone does not take.
        for end in (writer, outer):
            end.transport.abort()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while chunk := await reader.read(CHUNK):
            writer.write(chunk)
            await writer.drain()
    writer.close()


async def _end_all(doors: Iterable[asyncio.Server]) -> None:
    for door in doors:
        door.close()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    # So that what was aborted is closed.
    await asyncio.sleep(0)
