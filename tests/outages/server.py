"""A Redis server that a test may kill, freeze, fill and confuse, and the ways to do so."""

import os
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError, ResponseError
from redis.retry import Retry

from dev.ports import free_port
from dev.redis_server import RedisServer

# What a server may take to notice, on a machine that is busy with other tests.
PATIENCE_SECONDS = 60
LOOK_AGAIN_SECONDS = 0.01

# So much to read that a test is through before it is read.
FILLERS = 40_000
SLOW_LOADING_MICROSECONDS = 100


class OwnServer(RedisServer):
    """A server whose keys are there again after a restart, unless it is made to forget them."""

    def __init__(self, home: Path) -> None:
        super().__init__(home, durable=True)
        self.more = ""

    def client(self) -> Redis:
        """A client of the test's own, which waits for as long as it takes, and asks once."""
        return Redis.from_url(
            self.url, decode_responses=True, socket_timeout=None, retry=Retry(NoBackoff(), 0)
        )

    def set(self, **values: object) -> None:
        with self.client() as client:
            for name, value in values.items():
                client.config_set(name.replace("_", "-"), value)

    def freeze(self) -> None:
        """Stop the process where it is; the kernel still takes connections for it."""
        assert self.pid is not None
        os.kill(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        if self.pid is not None:
            os.kill(self.pid, signal.SIGCONT)

    def restart(self, *, forgetful: bool = False) -> None:
        self.kill()
        if forgetful:
            self.forget()
        self.start()

    def forget(self) -> None:
        """Lose what is on disk."""
        for path in self.home.glob("appendonly*"):
            shutil.rmtree(path) if path.is_dir() else path.unlink()

    def refusal(self) -> str:
        """What it answers to a command instead of doing it; empty where it does it."""
        try:
            with self.client() as client:
                client.get("anything")
        except RedisError as error:
            return str(error)
        return ""

    def remove(self) -> None:
        self.thaw()
        super().remove()

    def _write_configuration(self) -> Path:
        path = super()._write_configuration()
        path.write_text(path.read_text() + self.more)
        return path


def wait_until(condition: Callable[[], bool]) -> None:
    give_up_at = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < give_up_at, "it did not come to pass in time"
        time.sleep(LOOK_AGAIN_SECONDS)


@contextmanager
def down(server: OwnServer) -> Iterator[None]:
    """Comes back with its keys."""
    server.kill()
    yield
    server.start()


@contextmanager
def down_and_emptied(server: OwnServer) -> Iterator[None]:
    """Comes back with nothing."""
    server.kill()
    server.forget()
    yield
    server.start()


@contextmanager
def stalled(server: OwnServer) -> Iterator[None]:
    """Takes commands and answers none that might write."""
    with server.client() as client:
        client.client_pause(PATIENCE_SECONDS * 1000, all=False)
        yield
        client.client_unpause()


@contextmanager
def read_only(server: OwnServer) -> Iterator[None]:
    """A replica, as a failover may leave it; its master is nowhere to be found."""
    with server.client() as client:
        client.replicaof("127.0.0.1", str(free_port()))
        yield
        client.replicaof("NO", "ONE")


@contextmanager
def masterless(server: OwnServer) -> Iterator[None]:
    """A replica that tells nothing while it has no master."""
    server.set(replica_serve_stale_data="no")
    with read_only(server):
        assert "MASTER is down" in server.refusal()
        yield


@contextmanager
def full(server: OwnServer) -> Iterator[None]:
    server.set(maxmemory=1)
    yield
    server.set(maxmemory=0)


@contextmanager
def unsaved(server: OwnServer) -> Iterator[None]:
    """Could not write its snapshot, and takes no writes before it can (MISCONF)."""
    taken = server.home / "dump.rdb"
    taken.mkdir()
    with server.client() as client:
        client.config_set("save", "3600 1")
        client.bgsave()
        wait_until(lambda: client.info("persistence")["rdb_last_bgsave_status"] == "err")
        try:
            yield
            taken.rmdir()
            client.bgsave()
            wait_until(lambda: client.info("persistence")["rdb_last_bgsave_status"] == "ok")
        finally:
            client.config_set("save", "")


@contextmanager
def busy(server: OwnServer) -> Iterator[None]:
    """Runs somebody's script that does not end."""
    server.set(lua_time_limit=1)
    with server.client() as killer, server.client() as other, ThreadPoolExecutor(1) as pool:
        killer.ping()
        endless = pool.submit(other.eval, "while true do end", 0)
        try:
            wait_until(lambda: "BUSY" in server.refusal())
            yield
        finally:
            killer.script_kill()
            assert isinstance(endless.exception(), ResponseError)


@contextmanager
def loading(server: OwnServer) -> Iterator[None]:
    """Was restarted, and reads a large file."""
    with server.client() as client, client.pipeline(transaction=False) as pipeline:
        for number in range(FILLERS):
            pipeline.set(f"filler:{number}", "x")
        pipeline.execute()
    server.kill()
    server.more = f"key-load-delay {SLOW_LOADING_MICROSECONDS}\n"
    with ThreadPoolExecutor(1) as pool:
        starting = pool.submit(server.start)
        wait_until(lambda: "loading the dataset" in server.refusal())
        yield
        assert "loading the dataset" in server.refusal()
        starting.result()


Trouble = Callable[[OwnServer], AbstractContextManager[None]]
TROUBLES: list[Trouble] = [
    down,
    down_and_emptied,
    stalled,
    read_only,
    masterless,
    full,
    unsaved,
    busy,
    loading,
]


@contextmanager
def frozen(server: OwnServer) -> Iterator[None]:
    """Is paused with all that it was sent, and goes on with it afterwards."""
    server.freeze()
    try:
        yield
    finally:
        with suppress(ProcessLookupError):
            server.thaw()


@contextmanager
def running(home: Path) -> Iterator[OwnServer]:
    server = OwnServer(home)
    try:
        server.start()
        yield server
    finally:
        server.remove()
