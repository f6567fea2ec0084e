"""A Redis with its replica and the three sentinels that watch them, all on this machine."""

import secrets
import shutil
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import redis

from dev import child
from dev.errors import DevError
from dev.ports import HOST, free_port
from dev.redis_server import ADMIN, MARK, RedisServer, find_binary, write_users

SENTINELS = 3
# So many have to agree that the master is gone.
QUORUM = 2
# How long the master is silent until a sentinel takes it for dead.
DOWN_AFTER_MS = 1_000
_PATIENCE_SECONDS = 60.0
_POLL_SECONDS = 0.05

_CONFIGURATION = """\
bind {host}
port {port}
dir {dir}
logfile ""
aclfile {users}
sentinel sentinel-user ora_sentinel
sentinel sentinel-pass {password}
sentinel monitor {name} {host} {master} {quorum}
sentinel auth-user {name} ora_sentinel
sentinel auth-pass {name} {password}
sentinel down-after-milliseconds {name} {down_after_ms}
sentinel failover-timeout {name} 4000
"""


class _Sentinel:
    """One process that watches."""

    def __init__(self, home: Path, port: int) -> None:
        self.home = home
        self.port = port
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, name: str, master: int, password: str) -> None:
        self.home.mkdir(mode=0o700, parents=True)
        users, configuration = self.home / "users.acl", self.home / "sentinel.conf"
        write_users(users, password, "sentinel")
        configuration.write_text(
            _CONFIGURATION.format(
                host=HOST, port=self.port, dir=self.home, users=users, name=name, master=master,
                quorum=QUORUM, password=password, down_after_ms=DOWN_AFTER_MS,
            )
        )  # fmt: skip
        with (self.home / "sentinel.log").open("ab") as log:
            self._process = child.spawn(
                [str(find_binary()), str(configuration), "--sentinel"],
                record=self.home / "pid",
                cwd=self.home,
                env={"PATH": "/nowhere", "LC_ALL": "C", "TZ": "UTC"},
                output=log,
            )

    @property
    def is_alive(self) -> bool:
        return self._process is not None

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


class WatchedRedis:
    """Two servers and three sentinels in one folder; a `with` block starts and removes them."""

    def __init__(self, home: Path, *, users: str) -> None:
        """Take the file of ops/redis that has the shop's user of these servers."""
        self.home = home.absolute()
        self.name = users
        self._password = f"{MARK}_{secrets.token_hex(24)}"
        self.servers = [
            RedisServer(
                self.home / f"server-{number}",
                durable=False,
                password=self._password,
                users=users,
                is_watched=True,
            )
            for number in range(2)
        ]
        self.sentinels = [
            _Sentinel(self.home / f"sentinel-{number}", free_port()) for number in range(SENTINELS)
        ]

    @property
    def url(self) -> str:
        """The shop's URL: the sentinels, and the shop's users here and there."""
        addresses = ",".join(f"{HOST}:{sentinel.port}" for sentinel in self.sentinels)
        return (
            f"redis+sentinel://ora_{self.name}:{self._password}@{addresses}/{self.name}"
            f"?sentinel_username=ora_ask&sentinel_password={self._password}"
        )

    def __enter__(self) -> Self:
        """
        Start, and return once the sentinels know one another and the replica follows.

        Raises:
            DevError: it did not come to that.
        """
        master, replica = self.servers
        for server in self.servers:
            server.start()
        _ask(replica.admin_url, "REPLICAOF", HOST, master.port)
        self._await(lambda: self.is_followed(master))
        for sentinel in self.sentinels:
            sentinel.start(self.name, master.port, self._password)
        self._await(self._is_watched)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop all and remove their data."""
        for sentinel in self.sentinels:
            sentinel.kill()
        for server in self.servers:
            server.remove()
        shutil.rmtree(self.home, ignore_errors=True)

    @property
    def master(self) -> RedisServer:
        """The server that the sentinels hold for the master."""
        ports = {self._known_by(sentinel)[0] for sentinel in self._alive()}
        return next(server for server in self.servers if server.port in ports)

    def await_another_than(self, old: RedisServer) -> RedisServer:
        """Wait until all sentinels name another master, and it takes writes; DevError if never."""
        [new] = [server for server in self.servers if server is not old]

        def is_so() -> bool:
            told = [self._known_by(sentinel) for sentinel in self._alive()]
            return all(
                port == new.port and not flags & {"s_down", "o_down"} for port, flags in told
            ) and "role:master" in _ask(new.admin_url, "INFO", "replication")

        self._await(is_so)
        return new

    def change_over(self) -> None:
        """Have the sentinels make the replica the master, though nothing is wrong."""
        old = self.master
        _ask(self._admin(self.sentinels[0]), "SENTINEL", "FAILOVER", self.name)
        new = self.await_another_than(old)
        self._await(lambda: self.is_followed(new))

    def cut_off_replica(self) -> None:
        """Let the replica hear nothing any more, though it may still take over."""
        master = self.master
        [replica] = [server for server in self.servers if server is not master]
        _ask(replica.admin_url, "CONFIG", "SET", "masterauth", "not-the-password")
        _ask(master.admin_url, "CLIENT", "KILL", "TYPE", "replica")
        self._await(lambda: not self.is_followed(master))

    def is_followed(self, master: RedisServer) -> bool:
        """Tell whether the other server has all that a master has."""
        told = _ask(master.admin_url, "INFO", "replication")
        return "connected_slaves:1" in told and "state=online" in told

    def flush(self) -> None:
        """Empty them."""
        _ask(self.master.admin_url, "FLUSHALL")

    def _is_watched(self) -> bool:
        wanted = {
            "num-slaves": "1",
            "num-other-sentinels": str(SENTINELS - 1),
            "flags": "master",
        }
        return all(wanted.items() <= self._facts(sentinel).items() for sentinel in self.sentinels)

    def _known_by(self, sentinel: _Sentinel) -> tuple[int, set[str]]:
        facts = self._facts(sentinel)
        return int(facts["port"]), set(facts["flags"].split(","))

    def _facts(self, sentinel: _Sentinel) -> dict[str, str]:
        """Tell what a sentinel knows, in the words of SENTINEL MASTER."""
        facts: dict[str, str] = _reply(self._admin(sentinel), "SENTINEL", "MASTER", self.name)
        return facts

    def _alive(self) -> Sequence[_Sentinel]:
        return [sentinel for sentinel in self.sentinels if sentinel.is_alive]

    def _admin(self, sentinel: _Sentinel) -> str:
        return f"redis://{ADMIN}:{self._password}@{HOST}:{sentinel.port}"

    def _await(self, is_so: Callable[[], bool]) -> None:
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while True:
            try:
                if is_so():
                    return
            except redis.RedisError:
                pass
            if time.monotonic() > deadline:
                raise DevError(f"Sentinel's Redis was not so within {_PATIENCE_SECONDS:.0f} s.")
            time.sleep(_POLL_SECONDS)


def _ask(url: str, *command: Any) -> str:
    return str(_reply(url, *command))


def _reply(url: str, *command: Any) -> Any:
    with redis.Redis.from_url(url, decode_responses=True, socket_timeout=5) as client:
        # A reply as it comes: redis-py would make each command's something of its own.
        client.response_callbacks.clear()
        return client.execute_command(*command)
