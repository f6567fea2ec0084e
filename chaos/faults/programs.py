"""Web processes, workers, the clock and the gateway: killed, paused, asked to stop."""

import signal
from random import Random

from chaos.faults.base import Fault, cell
from chaos.house import Shop
from chaos.programs import Program, has_sockets, is_stopped

# On a busy machine.
_STARTED_WITHIN_SECONDS = 15


class OfProgram(Fault):
    """Something that happens to one program."""

    def __init__(self, shop: Shop, random: Random, *names: str) -> None:
        """Choose one of the programs named, as far as there are such."""
        super().__init__(shop, random)
        there = [name for name in names if name in shop.programs]
        self.program: Program = shop.programs[random.choice(there)]


class Killed(OfProgram):
    """A program dies with all of its processes, kill -9; its supervisor starts it again."""

    def watch(self) -> None:
        """Remember who it is."""
        self.before = self.program.pid

    def inject(self) -> None:
        """Kill."""
        self.program.kill()

    def has_bitten(self) -> bool:
        """Tell whether another process stands in its place."""
        return self.program.pid != self.before and self.program.is_alive


class ChildKilled(OfProgram):
    """One of the web server's processes dies; the server puts another one in its place."""

    def watch(self) -> None:
        """Remember who they are."""
        self.before = set(self.program.pids())

    def inject(self) -> None:
        """Kill one of them, which is not the one that started the others."""
        children = [pid for pid in self.program.pids() if pid != self.program.pid]
        self.program.signal(signal.SIGKILL, [self.random.choice(children)] if children else [])

    def has_bitten(self) -> bool:
        """Tell whether one of them is gone, and another one there."""
        now = set(self.program.pids())
        return bool(self.before - now) and bool(now - self.before)


class Stopped(OfProgram):
    """A program is asked to stop, as a deploy does; it finishes what it is at."""

    def watch(self) -> None:
        """Remember who it is."""
        self.before = self.program.pid

    def inject(self) -> None:
        """Ask."""
        self.program.signal(signal.SIGTERM, [self.program.pid])

    def heal(self) -> None:
        """Wait for it to end, and for another one."""
        self.shop.wait_for(f"{self.program.name} stops", lambda: self.program.pid != self.before)

    def has_bitten(self) -> bool:
        """Tell whether another process stands in its place."""
        return self.program.pid != self.before


class Paused(OfProgram):
    """All processes of a program stand still, and go on later with whatever they were at."""

    def watch(self) -> None:
        """Nothing to remember: who stands still is told by the kernel."""
        self.was_still = False

    def inject(self) -> None:
        """Pause."""
        self.program.signal(signal.SIGSTOP)

    def heal(self) -> None:
        """Let it go on."""
        self.was_still = self._stands_still()
        self.program.signal(signal.SIGCONT)

    def has_bitten(self) -> bool:
        """Tell whether it stood still until it was let go on."""
        return self.was_still or self._stands_still()

    def _stands_still(self) -> bool:
        pids = self.program.pids()
        return bool(pids) and all(map(is_stopped, pids))


class Twice(Fault):
    """A second clock runs beside the first."""

    def watch(self) -> None:
        """Make it, without starting it."""
        self.had_connections = False
        self.met_within_seconds = _STARTED_WITHIN_SECONDS
        clock = self.shop.programs["scheduler"]
        self.second = Program("second-clock", clock.command, clock.env, clock.folder)

    def inject(self) -> None:
        """Start it."""
        self.second.start()

    def heal(self) -> None:
        """End it."""
        self.had_connections = self.has_bitten()
        self.second.kill()

    def has_bitten(self) -> bool:
        """Tell whether it got as far as to speak with the servers."""
        return self.had_connections or has_sockets(self.second.pid)


_WORKERS = {
    "webhooks": ["worker-webhooks"],
    "payments": ["worker-payments"],
    "stock": ["worker-stock"],
    "announcements": ["worker-announcements"],
    "mail": ["worker-mail"],
    "hooks": ["worker-hooks", "worker-hooks-too"],
}
_ANOTHER = "another process id"
cell(
    "web: one process killed", ChildKilled, "web", target="web", hold=1.5, sign=_ANOTHER,
    expected="its requests are cut; the same key gives one order",
)  # fmt: skip
cell(
    "web: all killed", Killed, "web", target="web", hold=2.0, sign=_ANOTHER,
    expected="nothing answers until it is back; every order whole or absent",
)  # fmt: skip
cell(
    "web: paused", Paused, "web", target="web", hold=4.0,
    sign="every process stopped, by the kernel's word",
    expected="clients give up; what goes on later is one effect or none",
)  # fmt: skip
cell(
    "web: SIGTERM", Stopped, "web", target="web", hold=0.5, sign=_ANOTHER,
    expected="what was begun is answered",
)  # fmt: skip
for _queue, _names in _WORKERS.items():
    cell(
        f"worker {_queue}: killed", Killed, *_names, target=f"worker {_queue}", sign=_ANOTHER,
        expected="its jobs run again after their lease; one effect",
    )  # fmt: skip
    cell(
        f"worker {_queue}: paused", Paused, *_names, target=f"worker {_queue}", hold=2.0,
        sign="every process stopped, by the kernel's word", expected="jobs wait; one effect",
    )  # fmt: skip
cell(
    "worker webhooks: SIGTERM", Stopped, "worker-webhooks", target="worker webhooks",
    hold=0.5, sign=_ANOTHER, expected="the job at hand is finished, the others given back",
)  # fmt: skip
cell(
    "clock: killed", Killed, "scheduler", target="clock", hold=1.5, sign=_ANOTHER,
    expected="nothing wrong; what is due runs when it is back",
)  # fmt: skip
cell(
    "clock: paused", Paused, "scheduler", target="clock", hold=3.0,
    sign="every process stopped, by the kernel's word", expected="no burst afterwards",
)  # fmt: skip
cell(
    "clock: two at once", Twice, target="clock", hold=4.0,
    sign="the second one has connections to the servers", expected="nothing runs twice",
)  # fmt: skip
cell(
    "gateway: killed", Killed, "gateway", target="gateway", hold=1.5, sign=_ANOTHER,
    expected="503 for payments alone; holds are kept; the gateway is asked again",
)  # fmt: skip
cell(
    "gateway: paused", Paused, "gateway", target="gateway", hold=2.5,
    sign="every process stopped, by the kernel's word",
    expected="calls end by their time-out; the breaker spares others the wait",
)  # fmt: skip
