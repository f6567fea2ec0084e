from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from dev.child import command_of
from dev.servers import servers
from dev.unprivileged import remove_place

from .conftest import URLS, is_alive

HOMES = ("postgres", "stock-redis", "queue-redis")


def connect(url: str, **changes: object) -> psycopg.Connection:
    return psycopg.connect(url.replace("+psycopg", ""), **changes)


def pids(data_dir: Path) -> list[int]:
    return [int((data_dir / home / "pid").read_text().split()[0]) for home in HOMES]


@pytest.fixture(scope="module")
def kept_dir(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """One folder for the durable servers of this file: a cluster takes a second to make."""
    folder = tmp_path_factory.mktemp("kept")
    yield folder
    remove_place(folder / "postgres")


def test_three_servers_answer_and_leave_no_process_behind(kept_dir: Path):
    with servers(kept_dir, durable=True) as env:
        assert set(env) == {*URLS, "MIGRATION_DATABASE_URL"}
        with connect(env["DATABASE_URL"]) as connection:
            answer = connection.execute("SELECT current_database(), current_setting('fsync')")
            assert answer.fetchone() == ("ora", "on")
        for name in ("STOCK_REDIS_URL", "QUEUE_REDIS_URL"):
            with redis.Redis.from_url(env.admin[name]) as client:
                assert client.ping()
                assert client.config_get("appendonly") == {"appendonly": "yes"}
                assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
        started = pids(kept_dir)
        assert all(is_alive(pid) for pid in started)

    assert not any(is_alive(pid) for pid in started)


def test_an_error_in_the_block_stops_them_too(kept_dir: Path):
    started: list[int] = []

    def fail() -> None:
        with servers(kept_dir, durable=True):
            started.extend(pids(kept_dir))
            raise LookupError

    with pytest.raises(LookupError):
        fail()

    assert len(started) == 3
    assert not any(is_alive(pid) for pid in started)


def test_with_every_url_set_nothing_is_started(data_dir: Path, monkeypatch: pytest.MonkeyPatch):
    for name in URLS:
        monkeypatch.setenv(name, "somewhere://else")

    with servers(data_dir, durable=True) as env:
        assert env == {}

    assert not data_dir.exists()


def test_only_the_server_whose_url_is_missing_is_started(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("DATABASE_URL", "postgresql+psycopg://somewhere/else")
    monkeypatch.setenv("STOCK_REDIS_URL", "redis://somewhere/0")

    with servers(data_dir, durable=True) as env:
        assert list(env) == ["QUEUE_REDIS_URL"]

    assert [path.name for path in data_dir.iterdir()] == ["queue-redis"]


def test_nobody_gets_in_without_the_password_nor_finds_it_on_a_command_line(kept_dir: Path):
    with servers(kept_dir, durable=True) as env:
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            connect(env["DATABASE_URL"], password="guessed")
        with (
            redis.Redis(port=int(env["STOCK_REDIS_URL"].rpartition(":")[2][:-2])) as client,
            pytest.raises(redis.AuthenticationError),
        ):
            client.ping()

        passwords = [url.split("@")[0].rpartition(":")[2] for url in env.values()]
        commands = [command_of(pid) for pid in pids(kept_dir)]
        assert all(commands)
        assert not [p for p in passwords for command in commands if p in command]
        for secret in ("postgres/password", "stock-redis/users.acl", "queue-redis/users.acl"):
            assert (kept_dir / secret).stat().st_mode & 0o777 == 0o600


def test_durable_servers_remember_their_data(kept_dir: Path):
    counts = []
    for _ in range(2):
        with servers(kept_dir, durable=True) as env:
            with connect(env["MIGRATION_DATABASE_URL"]) as connection:
                connection.execute("CREATE TABLE IF NOT EXISTS kept (at timestamptz)")
                connection.execute("INSERT INTO kept VALUES (now())")
                rows = connection.execute("SELECT count(*) FROM kept").fetchone()[0]
            with redis.Redis.from_url(env.admin["STOCK_REDIS_URL"]) as client:
                counts.append((rows, client.incr("kept")))

    assert counts == [(1, 1), (2, 2)]


def test_servers_that_are_not_durable_start_empty_and_leave_nothing(data_dir: Path):
    left_over = data_dir / "stock-redis" / "appendonly.aof"
    left_over.parent.mkdir(parents=True)
    left_over.write_text("left over")

    with servers(data_dir, durable=False) as env:
        with connect(env["DATABASE_URL"]) as connection:
            assert connection.execute("SHOW fsync").fetchone() == ("off",)
        with redis.Redis.from_url(env.admin["STOCK_REDIS_URL"]) as client:
            assert client.config_get("appendonly") == {"appendonly": "no"}
        assert not left_over.exists()

    assert list(data_dir.iterdir()) == []
