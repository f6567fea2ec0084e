"""A PgBouncer of our own, in transaction mode before a Postgres; the machine's program."""

import os
import re
import secrets
import shutil
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psycopg
from sqlalchemy.engine import make_url

from dev import child
from dev.errors import DevError
from dev.ports import HOST, free_port
from dev.unprivileged import place_for, remove_place, server_owner

# Where Debian has it, which is not on everybody's PATH.
_DEBIANS = "/usr/sbin/pgbouncer"
_CONSOLE, _OPERATOR = "pgbouncer", "ora_pool"
_START_SECONDS = 60.0
_POLL_SECONDS = 0.05

_CONFIGURATION = """\
[databases]
* = host={host} port={server_port}

[pgbouncer]
listen_addr = {host}
listen_port = {port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = {users}
admin_users = {operator}
pool_mode = transaction
default_pool_size = {pool_size}
max_client_conn = 500
query_wait_timeout = {wait_seconds}
server_connect_timeout = 3
server_login_retry = 1
"""


def find_binary() -> str | None:
    """Find the program; None where there is none."""
    found = shutil.which("pgbouncer")
    return found or (_DEBIANS if os.access(_DEBIANS, os.X_OK) else None)


class PgBouncer:
    """One pooler; a `with` block starts it before the Postgres of a URL, and removes it."""

    def __init__(self, home: Path, url: str, *, pool_size: int, wait_seconds: int = 30) -> None:
        """Take the DATABASE_URL, whose role alone is let in, and how many sessions it may have."""
        self.home = home.absolute()
        self.port = free_port()
        self.pool_size = pool_size
        self._server = make_url(url)
        self._wait_seconds = wait_seconds
        self._password = secrets.token_hex(24)
        self._owner = server_owner()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The DATABASE_URL that leads through it."""
        return self._server.set(host=HOST, port=self.port).render_as_string(hide_password=False)

    def __enter__(self) -> Self:
        """
        Start, and return once it takes connections.

        Raises:
            DevError: it did not.
        """
        binary = find_binary()
        if binary is None:
            raise DevError("There is no PgBouncer on this machine: apt install pgbouncer.")
        place = place_for(self.home, self._owner)
        with (place / "pgbouncer.log").open("ab") as log:
            self._process = child.spawn(
                [binary, str(self._write(place))],
                record=self.home / "pid",
                cwd=place,
                env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
                output=log,
                owner=self._owner,
            )
        deadline = time.monotonic() + _START_SECONDS
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise DevError(f"PgBouncer did not start:\n{(place / 'pgbouncer.log').read_text()}")
            time.sleep(_POLL_SECONDS)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop it and remove what it wrote."""
        if self._process is not None:
            child.stop(self._process)
            self._process = None
        remove_place(self.home)

    def show(self, what: str) -> list[dict[str, Any]]:
        """Ask its console: SHOW POOLS and the like, of the shop's database alone."""
        with psycopg.connect(self._console, autocommit=True) as console:
            # It speaks the simple protocol alone.
            cursor = psycopg.ClientCursor(console)
            cursor.execute(f"SHOW {what}".encode())
            names = [column.name for column in cursor.description or ()]
            rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
        return [row for row in rows if row.get("database") == self._server.database]

    @property
    def _console(self) -> str:
        return (
            f"host={HOST} port={self.port} user={_OPERATOR} password={self._password}"
            f" dbname={_CONSOLE} connect_timeout=5"
        )

    def _answers(self) -> bool:
        try:
            self.show("POOLS")
        except psycopg.OperationalError:
            return False
        return True

    def _write(self, place: Path) -> Path:
        """Write its configuration and who it lets in, for its own user's eyes."""
        users, configuration = place / "users.txt", place / "pgbouncer.ini"
        role, password = self._server.username, self._server.password
        assert role is not None and re.fullmatch(r"[\w-]+", str(password))  # noqa: S101, PT018
        texts = {
            users: f'"{role}" "{password}"\n"{_OPERATOR}" "{self._password}"\n',
            configuration: _CONFIGURATION.format(
                host=HOST, port=self.port, server_port=self._server.port, users=users,
                operator=_OPERATOR, pool_size=self.pool_size, wait_seconds=self._wait_seconds,
            ),
        }  # fmt: skip
        for path, text in texts.items():
            path.unlink(missing_ok=True)
            path.touch(mode=0o600)
            path.write_text(text)
            if self._owner is not None:
                os.chown(path, self._owner.uid, self._owner.gid)
        return configuration
