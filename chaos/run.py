"""A run: traffic, the plan worked step by step, the liveness phase, and everything written down."""

import json
import shutil
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from typing import Any

import psycopg
from redis.exceptions import RedisError

from chaos import evidence, history, liveness, report, sampling
from chaos.faults import CELLS, Fault
from chaos.house import Shop, furnish
from chaos.liveness import Rest
from chaos.plan import CONTROL_SECONDS, REST_SECONDS, Step
from chaos.programs import ROOT

Tell = Callable[[str], None]
# A watch may take a moment to see what happened: a process is started, a connection comes back.
_SEEN_WITHIN_SECONDS = 4.0
_TROUBLE = (psycopg.Error, RedisError, OSError, TimeoutError, ValueError, AssertionError)
# On a busy machine a web process takes many seconds to start.
_READY_WITHIN_SECONDS = 45
# After the last customer came, those who are there pay, get what they bought, and send it back.
_TRAFFIC_ENDS_WITHIN_SECONDS = 90


@dataclass(frozen=True, kw_only=True)
class Crowd:
    """Who comes, how many a second, and what they find."""

    rate: float = 20.0
    customers: int = 300
    plenty: int = 40
    scarce: int = 6
    # Enough for each counter to be worth it, at first.
    scarce_units: int = 80
    # Over how many some of the products are split.
    counters: int = 2
    # Kinds of customers who do not come, by name.
    without: tuple[str, ...] = ()


class Run:
    """One run over a shop; what it finds goes to a folder."""

    def __init__(self, shop: Shop, folder: Path, seed: int, tell: Tell) -> None:
        """Begin to write."""
        self.shop, self.folder, self.seed, self.tell = shop, folder, seed, tell
        self.steps = history.History(folder / "steps.jsonl")
        self.samples = history.History(folder / "samples.jsonl")
        self.sampled = self.injected = self.bitten = 0
        self.is_told_to_end = False

    def end_early(self, *_: object) -> None:
        """Leave the rest of the plan; what was done is checked."""
        self.is_told_to_end = True

    def work(self, steps: list[Step]) -> None:
        """Work the plan."""
        queue = deque(steps)
        while queue and not self.is_told_to_end:
            step = queue.popleft()
            try:
                self._step(step)
            except _TROUBLE as error:
                self.steps.note(step=step.number, cells=step.cells, trouble=repr(error))
                self.tell(f"{step.number} {step.cells}: {error!r}")
                self.clear_up()
            self._sample()

    def clear_up(self) -> None:
        """Switch everything off, whatever is on."""
        self.shop.held.clear()
        self.shop.links.clear()
        for disk in self.shop.disks.values():
            disk.free()
        self.shop.tick()

    def _step(self, step: Step) -> None:
        random = Random(f"{self.seed} {step.number}")
        faults = {name: CELLS[name].make(self.shop, random) for name in step.cells}
        for fault in faults.values():
            fault.watch()
        self.shop.wait(CONTROL_SECONDS)
        alarms = [name for name, fault in faults.items() if fault.has_bitten()]
        begun = time.time()
        try:
            for fault in faults.values():
                fault.inject()
                self.injected += 1
            self.shop.wait(max(fault.hold_seconds for fault in faults.values()))
            # Who comes seldom has not met it yet.
            patience = max(fault.met_within_seconds for fault in faults.values())
            bitten = self._bitten(faults, patience)
        finally:
            ended = time.time()
            self._heal(faults)
        healed = time.time()
        bitten |= self._bitten(faults, _SEEN_WITHIN_SECONDS, bitten)
        self.bitten += len(bitten)
        ready_after = self._until_ready()
        self.steps.note(
            step=step.number, planned=step.at_seconds, cells=step.cells, begun=begun, ended=ended,
            healed=healed, bitten=sorted(bitten), false_alarms=alarms, ready_after=ready_after,
        )  # fmt: skip
        missed = (
            ""
            if len(bitten) == len(faults)
            else "   did not bite: " + ", ".join(name for name in faults if name not in bitten)
        )
        alarm = f"   FALSE ALARM {alarms}" if alarms else ""
        self.tell(f"{step.number:4} {' + '.join(step.cells)}{missed}{alarm}")
        self.shop.wait(REST_SECONDS)

    def _until_ready(self) -> float:
        """Wait until the shop serves again, so that the next fault comes alone; tells how long."""
        begun = time.monotonic()
        while not self.shop.is_ready() and time.monotonic() - begun < _READY_WITHIN_SECONDS:
            self.shop.wait(0.1)
        return round(time.monotonic() - begun, 2)

    def _heal(self, faults: dict[str, Fault]) -> None:
        """Heal all of them, the last one first, whatever goes wrong with one."""
        for name, fault in reversed(faults.items()):
            try:
                fault.heal()
            except _TROUBLE as error:
                self.tell(f"     {name} could not be healed: {error!r}")

    def _bitten(
        self, faults: dict[str, Fault], seconds: float, known: Collection[str] = ()
    ) -> set[str]:
        found = set(known)
        until = time.monotonic() + seconds
        while True:
            found |= {name for name in faults.keys() - found if _says_yes(faults[name])}
            if len(found) == len(faults) or time.monotonic() > until:
                return found
            self.shop.wait(0.1)

    def _sample(self) -> None:
        found = sampling.sample(self.shop)
        self.sampled += found is not None
        for one in found or ():
            self.samples.note(**one)


def _says_yes(fault: Fault) -> bool:
    try:
        return fault.has_bitten()
    except _TROUBLE:
        return False


@contextmanager
def traffic(shop: Shop, folder: Path, seed: int, crowd: Crowd) -> Iterator[dict[str, Any]]:
    """Let customers come for the length of the block, and wait for the last of them."""
    told = furnish(
        shop, customers=crowd.customers, plenty=crowd.plenty, scarce=crowd.scarce,
        scarce_units=crowd.scarce_units, counters=crowd.counters,
    )  # fmt: skip
    settings = told | {
        "seed": seed, "rate": crowd.rate, "without": crowd.without,
        "shop": shop.links["clients"].port, "gateway": shop.ports["gateway"],
        "history": str(folder / "clients.jsonl"),
    }  # fmt: skip
    path = folder / "traffic.json"
    path.write_text(json.dumps(settings))
    with (folder / "traffic.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "chaos.traffic", str(path)],
            cwd=ROOT, env=dict(shop.programs["web"].env), stdin=subprocess.PIPE, stdout=log,
            stderr=log,
        )  # fmt: skip
        try:
            came = folder / "clients.jsonl"
            shop.wait_for("a customer", lambda: came.exists() and came.stat().st_size > 0)
            yield settings
        finally:
            assert process.stdin is not None  # noqa: S101
            process.stdin.close()
            until = time.monotonic() + _TRAFFIC_ENDS_WITHIN_SECONDS
            while process.poll() is None and time.monotonic() < until:
                shop.wait(0.2)
            process.kill()
            process.wait()


def _all_but_logs(_: str, names: list[str]) -> set[str]:
    return {name for name in names if not name.endswith(".log")}


@contextmanager
def _interrupted(instead: Callable[..., None]) -> Iterator[None]:
    """Have Ctrl-C do something else for the length of the block."""
    before = signal.signal(signal.SIGINT, instead)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def finish(run: Run, rest: Rest, **about: Any) -> None:
    """Write down the rest, once all is quiet."""
    run.steps.close()
    run.samples.close()
    # Before anything is read: what comes due meanwhile has not been waiting.
    collected_at = time.time()
    evidence.collect(run.shop, run.folder)
    for name, folder in {
        "programs": run.shop.folder,
        "postgres": run.shop.server("postgres").home,
        "stock-redis": run.shop.server("stock-redis").home,
    }.items():
        shutil.copytree(
            folder, run.folder / "logs" / name, dirs_exist_ok=True, ignore=_all_but_logs
        )
    told = about | {
        "seed": run.seed,
        "injected": run.injected,
        "bitten": run.bitten,
        "sampled": run.sampled,
        "rest": asdict(rest) | {"is_in_time": rest.is_in_time},
        "restarts": run.shop.recoveries,
        "collected_at": collected_at,
        "machine": report.machine(),
    }
    (run.folder / "run.json").write_text(json.dumps(told, indent=1))


def run(shop: Shop, folder: Path, *, seed: int, steps: list[Step], crowd: Crowd, tell: Tell,
        is_patient: bool = False) -> None:  # fmt: skip
    """Let traffic come, break what the plan says, come to rest, and write everything down."""
    made = Run(shop, folder, seed, tell)
    begun = time.time()
    with traffic(shop, folder, seed, crowd), _interrupted(made.end_early):
        shop.wait(2.0)
        made.work(steps)
        faults_ended = time.time()
        made.clear_up()
        # Some more customers come, to whom nothing happens: how soon are they served?
        shop.wait(3.0)
    rest = liveness.come_to_rest(shop, is_patient=is_patient)
    late = "" if rest.is_in_time else f"TOO LATE: {rest.going_on} "
    tell(f"{late}quiet after {rest.seconds} s, money and stock after {rest.money_seconds} s")
    finish(
        made, rest, begun=begun, faults_ended=faults_ended, seconds=time.time() - begun,
        steps=len(steps), rate=crowd.rate,
    )  # fmt: skip
