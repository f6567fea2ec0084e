import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from dev import redis_server
from dev.errors import DevError
from dev.redis_server import RedisServer, find_binary

from .conftest import is_alive


@pytest.fixture
def server(data_dir: Path) -> Iterator[RedisServer]:
    server = RedisServer(data_dir / "redis", durable=True)
    yield server
    server.remove()


def starts(server: RedisServer) -> int:
    with redis.Redis.from_url(server.url) as client:
        return client.incr("starts")


def test_a_killed_server_comes_back_at_its_address_with_its_keys(server: RedisServer):
    server.start()
    url = server.url
    assert starts(server) == 1

    server.kill()
    server.start()

    assert server.url == url
    assert starts(server) == 2


def test_a_server_left_by_a_killed_run_is_stopped_and_its_keys_are_there(server: RedisServer):
    server.start()
    starts(server)
    left_behind = server.pid

    next_run = RedisServer(server.home, durable=True)
    next_run.start()

    try:
        assert not is_alive(left_behind)
        assert starts(next_run) == 2
    finally:
        next_run.stop()
        server.kill()


def test_a_server_that_cannot_start_shows_the_end_of_its_log(data_dir: Path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # not listening: to connect there is refused at once
        server = RedisServer(data_dir / "redis", durable=False, port=taken.getsockname()[1])

        with pytest.raises(DevError, match=r"(?s)redis\.log ends:.*Address already in use"):
            server.start()

        assert server.pid is None


@pytest.mark.parametrize(("version", "is_taken"), [("7.0.15", True), ("6.0.16", False)])
def test_a_server_on_path_is_taken_from_version_7_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str, *, is_taken: bool
):
    on_path = tmp_path / "redis-server"
    on_path.write_text(f"#!/bin/sh\necho Redis server v={version} sha=00000000:0\n")
    on_path.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")

    assert (find_binary() == on_path) is is_taken


def test_without_any_redis_the_message_says_what_to_install(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(redis_server.shutil, "which", lambda _name: None)
    monkeypatch.setattr(redis_server.importlib.util, "find_spec", lambda _name: None)

    with pytest.raises(DevError, match=r"apt install redis-server.*STOCK_REDIS_URL"):
        RedisServer(data_dir / "redis", durable=False).start()
