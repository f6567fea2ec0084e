"""A streaming replica of a Postgres that runs: the same roles and rows, a moment later."""

import time
from pathlib import Path

import psycopg
from sqlalchemy.engine import make_url

from dev.errors import DevError
from dev.postgres import PostgresServer

_PATIENCE_SECONDS = 60.0
_POLL_SECONDS = 0.05


class PostgresReplica(PostgresServer):
    """One that follows; `url` is the REPLICA_DATABASE_URL, of the app's role."""

    def __init__(self, home: Path, primary_admin_url: str) -> None:
        """Take the URL of the primary's superuser."""
        super().__init__(home, durable=False)
        self._primary = make_url(primary_admin_url)

    def pause(self) -> None:
        """Have it replay nothing any more; what it has it answers."""
        with self._admin() as connection:
            connection.execute("SELECT pg_wal_replay_pause()")
            self._await(connection, "SELECT pg_get_wal_replay_pause_state() = 'paused'")

    def resume(self) -> None:
        """Have it go on."""
        with self._admin() as connection:
            connection.execute("SELECT pg_wal_replay_resume()")

    def catch_up(self) -> None:
        """Wait until it has what the primary has by now; DevError if it does not come."""
        dsn = self._primary.set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(dsn) as primary:
            found = primary.execute("SELECT pg_current_wal_lsn()::text").fetchone()
        with self._admin() as connection:
            self._await(connection, "SELECT pg_last_wal_replay_lsn() >= %s::pg_lsn", str(found[0]))  # type: ignore[index]

    def promote(self) -> None:
        """Make it a primary of its own."""
        with self._admin() as connection:
            connection.execute("SELECT pg_promote()")

    def cut_off(self) -> None:
        """Have it hear nothing of its primary any more, without knowing that there is more."""
        with self._admin() as connection:
            connection.execute("ALTER SYSTEM SET primary_conninfo = 'host=127.0.0.1 port=1'")
            connection.execute("SELECT pg_reload_conf()")
            self._await(connection, "SELECT count(*) = 0 FROM pg_stat_wal_receiver")

    def _await(self, connection: psycopg.Connection, query: str, *values: str) -> None:
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while connection.execute(query.encode(), values).fetchone() != (True,):
            if time.monotonic() > deadline:
                raise DevError(f"Within {_PATIENCE_SECONDS:.0f} s it was not so: {query}")
            time.sleep(_POLL_SECONDS)

    def _admin(self) -> psycopg.Connection:
        return self._connect(str(self._primary.database))

    def _password(self) -> str:
        return str(self._primary.password)

    def _create_cluster(self, binaries: Path, place: Path) -> None:
        unfinished = self._unfinished(place)
        command = [
            *(str(binaries / "pg_basebackup"), "--pgdata", str(unfinished), "--no-sync"),
            *("--checkpoint=fast", "--wal-method=stream", "--write-recovery-conf"),
            *("--host", str(self._primary.host), "--port", str(self._primary.port)),
            *("--username", str(self._primary.username)),
        ]
        why = "pg_basebackup could not copy the primary"
        self._run(command, place, why, PGPASSWORD=self._password())
        unfinished.rename(place / "cluster")

    def _create_database(self) -> None:
        """Ask only whether it answers: what it has is the primary's."""
        self._admin().close()
