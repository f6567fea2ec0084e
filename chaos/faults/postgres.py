"""Postgres: killed, paused, locked, and with no room for another connection."""

import contextlib
import os
import signal
from pathlib import Path

import psycopg

from chaos.faults.base import Fault, cell
from chaos.programs import descendants

_OURS = "SELECT pid FROM pg_stat_activity WHERE application_name = 'ora'"
_STARTED = "SELECT pg_postmaster_start_time()::text"


class Killed(Fault):
    """The postmaster and all of its processes die."""

    def watch(self) -> None:
        """Remember when it was started."""
        self.before = self.shop.sql(_STARTED)

    def inject(self) -> None:
        """Kill it; its children end by themselves."""
        self.shop.held.add("postgres")
        self.shop.server("postgres").kill()

    def heal(self) -> None:
        """Let it be started, and recover."""
        self.shop.held.discard("postgres")
        self.shop.tick()

    def has_bitten(self) -> bool:
        """Tell whether it was started since, or is down."""
        with contextlib.suppress(psycopg.Error):
            return self.shop.sql(_STARTED) != self.before
        return True


class BackendKilled(Fault):
    """A process of one connection dies; Postgres ends all the others, and recovers."""

    how = signal.SIGKILL

    def watch(self) -> None:
        """Remember the shop's connections."""
        self.before = self._pids()

    def inject(self) -> None:
        """Kill one."""
        pids = sorted(self._pids())
        if pids:
            os.kill(self.random.choice(pids), self.how)

    def heal(self) -> None:
        """Wait for the recovery."""
        self.shop.wait_for("Postgres answers", lambda: bool(self._answers()))

    def has_bitten(self) -> bool:
        """Tell whether none of the connections is left."""
        return bool(self.before) and not self.before & self._pids()

    def _answers(self) -> bool:
        with contextlib.suppress(psycopg.Error):
            return bool(self.shop.sql("SELECT 1", timeout=2))
        return False

    def _pids(self) -> set[int]:
        with contextlib.suppress(psycopg.Error):
            return {pid for (pid,) in self.shop.sql(_OURS)}
        return set()


class Terminated(BackendKilled):
    """All of the shop's connections are ended, as an administrator does."""

    def inject(self) -> None:
        """End them."""
        self.shop.sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'ora'"
        )


class Paused(Fault):
    """All of its processes stand still."""

    def watch(self) -> None:
        """Nothing to remember: it answers, or it does not."""
        self.stopped: list[int] = []
        self.was_silent = False

    def inject(self) -> None:
        """Stop them, the postmaster first."""
        postmaster = self.shop.server("postgres").pid
        self.stopped = [postmaster, *descendants(postmaster)]
        self._signal(signal.SIGSTOP)

    def heal(self) -> None:
        """Let them go on."""
        self.was_silent = not self._answers()
        self._signal(signal.SIGCONT)

    def has_bitten(self) -> bool:
        """Tell whether it did not answer."""
        return self.was_silent or not self._answers()

    def _answers(self) -> bool:
        with contextlib.suppress(psycopg.Error):
            return bool(self.shop.sql("SELECT 1", timeout=2))
        return False

    def _signal(self, number: signal.Signals) -> None:
        for pid in self.stopped:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)


class Locked(Fault):
    """Somebody holds the rows of products for longer than the shop waits for a lock."""

    def watch(self) -> None:
        """Look for who waits, in a connection of its own."""
        self.connection = psycopg.connect(self.shop.plain_url)
        self.pid = self.connection.info.backend_pid
        self.waited = False

    def inject(self) -> None:
        """Lock."""
        self.connection.execute("SELECT 1 FROM products FOR UPDATE")

    def heal(self) -> None:
        """Let go."""
        self.waited = self.has_bitten()
        self.connection.close()

    def has_bitten(self) -> bool:
        """Tell whether somebody waits for the lock."""
        waiting = "SELECT 1 FROM pg_stat_activity WHERE %s = ANY(pg_blocking_pids(pid)) LIMIT 1"
        return self.waited or bool(self.shop.sql(waiting, self.pid))


class Vacuumed(Fault):
    """Somebody rewrites the orders' table in the middle of the day, and locks all others out."""

    def watch(self) -> None:
        """Remember which file the table is in."""
        self.before = self._file()

    def inject(self) -> None:
        """Rewrite it."""
        self.shop.sql("VACUUM FULL orders")

    def has_bitten(self) -> bool:
        """Tell whether it is another one by now."""
        return self._file() != self.before

    def _file(self) -> object:
        return self.shop.sql("SELECT pg_relation_filenode('orders')")


class Crowded(Fault):
    """Others take every connection that there is, and the shop loses its own."""

    def watch(self) -> None:
        """Count who was sent away so far."""
        self.others: list[psycopg.Connection[tuple[object, ...]]] = []
        self.before = self._sent_away()

    def inject(self) -> None:
        """Take what is free, end the shop's, and take those as well."""
        self._take_all()
        with contextlib.suppress(psycopg.Error, IndexError):
            self.others[0].execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE application_name = 'ora'"
            )
        # Until the shop itself has been sent away: our own try is the first.
        self.base = self._sent_away()
        self._take_all()
        self.base = max(self.base, self._sent_away())

    def heal(self) -> None:
        """Let go of them."""
        for one in self.others:
            one.close()

    def has_bitten(self) -> bool:
        """Tell whether anybody but us was sent away since."""
        return self._sent_away() > getattr(self, "base", self.before)

    def _take_all(self) -> None:
        with contextlib.suppress(psycopg.OperationalError):
            for _ in range(200):
                self.others.append(psycopg.connect(self.shop.plain_url, autocommit=True))

    def _sent_away(self) -> int:
        path = Path(self.shop.server("postgres").home) / "postgres.log"
        log = path.read_text(errors="replace")
        return log.count("too many clients") + log.count("remaining connection slots")


cell(
    "postgres: killed", Killed, target="postgres", hold=1.0, sign="another start time, or silence",
    expected="503, units released; nothing acknowledged is lost",
)  # fmt: skip
cell(
    "postgres: backend killed", BackendKilled, target="postgres", hold=0.5,
    sign="all of the shop's connections are gone", expected="503; one effect of what is repeated",
)  # fmt: skip
cell(
    "postgres: connections ended", Terminated, target="postgres", hold=0.5,
    sign="all of the shop's connections are gone", expected="asked again, or 503",
)  # fmt: skip
cell(
    "postgres: paused", Paused, target="postgres", hold=2.5, sign="it does not answer",
    expected="503 in time; what was sent is done once",
)  # fmt: skip
cell(
    "postgres: rows locked for 4 s", Locked, target="postgres", hold=4.0,
    sign="somebody waits for the lock, by pg_blocking_pids",
    expected="503 after 3 s rather than a queue",
)  # fmt: skip
cell(
    "postgres: too many connections", Crowded, target="postgres", hold=1.5,
    sign="its log says that another was sent away", expected="503; the pool is whole afterwards",
)  # fmt: skip
cell(
    "postgres: VACUUM FULL", Vacuumed, target="postgres", sign="the table is another file",
    expected="503 for a moment",
)  # fmt: skip
