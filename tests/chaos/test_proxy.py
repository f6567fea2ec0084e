"""Each weather of a link does what it says, counts it, and counts nothing without it."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest

from chaos.proxy import CLEAR, DOWN, UP, Links, Weather

PATIENCE_SECONDS = 10


@pytest.fixture
def links() -> Iterator[Links]:
    """A link to a server that says everything back in capitals."""
    server = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=_serve, args=[server], daemon=True).start()
    opened = Links()
    opened.add("link", server.getsockname()[1])
    yield opened
    opened.close()
    server.close()


def _serve(server: socket.socket) -> None:
    with suppress(OSError):
        while True:
            threading.Thread(target=_answer, args=[server.accept()[0]], daemon=True).start()


def _answer(client: socket.socket) -> None:
    with client, suppress(OSError):
        while heard := client.recv(1000):
            client.sendall(heard.upper())


@pytest.fixture
def client(links: Links) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", links["link"].port)) as opened:
        opened.settimeout(PATIENCE_SECONDS)
        assert _say(opened) == b"HELLO"
        yield opened


def _say(client: socket.socket) -> bytes:
    client.sendall(b"hello")
    return client.recv(1000)


def test_in_clear_weather_nothing_is_counted(links, client):
    assert _say(client) == b"HELLO"

    assert links["link"].bitten == 0
    assert links["link"].open == 1


@pytest.mark.parametrize("weather", [Weather(lose_reply=True), Weather(half_closes=True)])
def test_answers_can_be_lost(links, client, weather):
    links.set("link", weather)

    with suppress(ConnectionError):
        assert _say(client) == b""
    assert links["link"].bitten > 0


def test_an_answer_can_be_torn(links, client):
    links.set("link", Weather(lose_reply=True, reply_bytes=3))
    client.sendall(b"hello")

    heard = b""
    with suppress(ConnectionError):
        while chunk := client.recv(1000):
            heard += chunk
    assert heard in {b"", b"HEL"}
    assert links["link"].bitten > 0


@pytest.mark.parametrize("way", [UP, DOWN])
def test_what_is_held_back_comes_when_the_weather_clears(links, client, way):
    links.set("link", Weather(held=frozenset({way})))
    client.sendall(b"hello")
    client.settimeout(0.2)
    with pytest.raises(TimeoutError):
        client.recv(1000)

    links.set("link", CLEAR)
    client.settimeout(PATIENCE_SECONDS)
    assert client.recv(1000) == b"HELLO"
    assert links["link"].bitten == 1


def test_whole_messages_may_come_byte_by_byte(links, client):
    links.set("link", Weather(is_dribbling=True))
    client.sendall(b"hello")

    heard = b""
    while len(heard) < 5:
        heard += client.recv(1000)
    assert heard == b"HELLO"
    assert links["link"].bitten >= 2


def test_a_slow_link_is_slow(links, client):
    links.set("link", Weather(delay_seconds=0.1))
    begun = time.monotonic()

    assert _say(client) == b"HELLO"
    assert time.monotonic() - begun >= 0.2


def test_connections_can_be_reset_and_refused(links, client):
    links.set("link", Weather(refuses=True))
    links.reset("link")
    with suppress(ConnectionError):
        assert client.recv(1000) == b""
    with (
        socket.create_connection(("127.0.0.1", links["link"].port)) as another,
        suppress(ConnectionError),
    ):
        another.settimeout(PATIENCE_SECONDS)
        assert another.recv(1000) == b""

    assert links["link"].bitten == 2
    assert links["link"].open == 0


def test_a_server_that_is_gone_is_told_from_weather():
    links = Links()
    links.add("nowhere", 1)
    with (
        socket.create_connection(("127.0.0.1", links["nowhere"].port)) as client,
        suppress(ConnectionError),
    ):
        client.settimeout(PATIENCE_SECONDS)
        assert client.recv(1000) == b""

    assert (links["nowhere"].bitten, links["nowhere"].broken) == (0, 1)
    links.close()
