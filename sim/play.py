"""One history: the cast plays until all are done, the shop comes to rest, the checkers look."""

import hashlib
import time
import traceback
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

import workers.drain
from sandbox import refunds as bank_refunds
from sandbox.store import Books as BankBooks
from sim import books, conserve, linear
from sim.cast import Cast
from sim.house import House, Product
from sim.record import Record
from sim.stage import Stage
from workers import payments as payments_worker
from workers import stock as stock_worker
from workers.expiry import expire_orders

MOST_BUYERS = 6
# What a product may have of each; without a limit it is 0.
UNITS, LIMITS, COUNTERS = (1, 1, 2, 3, 5), (0, 0, 1, 2), (1, 1, 2, 3)
# Longer than any pause between two tries of a job, of a poll or of a breaker.
REST_MS = 7 * 60 * 60 * 1000
GRACE_MS = 40_000
# Others are taken for at rest once nothing is left to be done; these have to stay so.
THOROUGH_EVERY = 8
# Much more than it takes.
MOST_ROUNDS = 10


@dataclass
class History:
    """What became of one seed."""

    seed: int
    digest: str
    findings: list[str] = field(default_factory=list)
    reached: Counter[str] = field(default_factory=Counter)
    deaths: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    waits: int = 0
    steps: int = 0
    orders: Counter[str] = field(default_factory=Counter)
    operations: int = 0
    undecided: int = 0
    tape: Sequence[str] = ()
    books: Any = None


def play(house: House, seed: int) -> History:
    """Play the history of a seed and check it; the same seed is the same history."""
    chance = Random(f"history {seed}")
    skus = ("RING", "CHAIN", "STUD")[: chance.choice((1, 2, 3))]
    products = [Product(sku, *map(chance.choice, (UNITS, LIMITS, COUNTERS))) for sku in skus]
    house.begin_anew(str(seed), products)
    stage = Stage(
        chance,
        fault_rate=chance.choice((0.0, 0.0, 0.004, 0.02)),
        death_rate=chance.choice((0.0, 0.1, 0.3)),
        tick=house.moment.tick,
    )
    record = Record(house, stage, products)
    cast = Cast(house, stage, record, products, chance)
    cast.enter(chance.randint(1, MOST_BUYERS))
    findings: list[str] = []
    house.wires.stage = stage
    try:
        stage.run()
        findings += _come_to_rest(house, cast, is_thorough=seed % THOROUGH_EVERY == 0)
        found = books.read(house)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is a finding
        at = traceback.extract_tb(error.__traceback__)[-1]
        findings.append(f"broke: {error!r} at {at.filename.rpartition('/')[2]}:{at.lineno}")
        stage.tape += traceback.format_exception(error)
        found = books.Books()
        house.break_off()
        stage.clear()
        house.begin_connections()
    finally:
        house.wires.stage = None
        stage.current = None
    findings += conserve.breaches(found)
    undecided, unlinear = _linearize(products, record)
    findings += unlinear
    return History(
        seed, _digest(stage, found), findings, stage.reached, stage.deaths, stage.faults,
        waits=sum(line.endswith("waits for a row") for line in stage.tape),
        steps=len(stage.tape),
        orders=Counter(one["status"] for one in found.orders),
        operations=sum(map(len, record.ops.values())), undecided=undecided,
        tape=stage.tape, books=found,
    )  # fmt: skip


def _linearize(products: Sequence[Product], record: Record) -> tuple[int, list[str]]:
    undecided, findings = 0, []
    for product in products:
        ops = record.ops[product.sku]
        verdict = linear.check(product.units, ops)
        undecided += not verdict.is_decided
        if not verdict.is_linearizable:
            findings.append(
                f"not linearizable: {product.sku} of {product.units}; explained:"
                + "".join(f"\n    {_shown(op)}" for op in verdict.best)
                + "\n  and then none of:"
                + "".join(f"\n    {_shown(op)}" for op in verdict.stuck)
            )
    return undecided, findings


def _shown(op: linear.Op) -> str:
    end = "?" if op.answered is None else op.answered
    seen = "" if op.seen is None else f" saw {op.seen}"
    return f"[{op.called}..{end}]{'?' * op.may} {op.kind} {op.units} {op.order[-6:]}{seen}"


def _come_to_rest(house: House, cast: Cast, *, is_thorough: bool) -> list[str]:
    """No more deaths and faults: everybody works until nothing changes; that is soon."""
    cast.stage.current = None
    house.bank.faults.clear()
    for event in cast.untold():
        cast.bring(event)
    before: Any = None
    for _ in range(MOST_ROUNDS):
        house.moment.pass_by(REST_MS)
        _end_refunds(house)
        for event in cast.untold():
            cast.bring(event)
        expire_orders()
        for queue in ("webhooks", "payments", "stock"):
            workers.drain.drain(queue)
        payments_worker.poll_payments()
        payments_worker.poll_refunds()
        stock_worker.start_reconciliation()
        workers.drain.drain("stock")
        house.moment.pass_by(GRACE_MS)
        workers.drain.drain("stock")
        now = books.read(house)
        now.now_ms = 0
        is_done = _is_done(now) and not cast.untold()
        if is_done and (now == before or not is_thorough):
            return []
        before = now
    return ["it never comes to rest"]


def _is_done(found: books.Books) -> bool:
    """Tell whether nothing is left to be done."""
    is_over = all(one["status"] in conserve.AT_REST for one in found.orders)
    is_back = all(one["status"] != "pending" for one in found.refunds)
    return not found.jobs and is_over and is_back


def _end_refunds(house: House) -> None:
    with house.bank.store.transaction() as bank:
        for refund in bank.list("refund"):
            if refund["status"] == "pending":
                _end(house, bank, refund["id"])


def _end(house: House, bank: BankBooks, refund_id: str) -> None:
    events = bank_refunds.end(bank, refund_id, "processed")
    house.bank.webhooks.announce(bank, events, "none")


def _digest(stage: Stage, found: books.Books) -> str:
    """Sum up all that happened and all that came of it."""
    summed = hashlib.sha256("\n".join(stage.tape).encode())
    for name, rows in sorted(vars(found).items()):
        if name not in ("redis", "now_ms", "gateway_payments", "gateway_refunds"):
            plain = [{k: v for k, v in row.items() if k != "epoch"} for row in rows]
            summed.update(f"{name} {plain}".encode())
    return summed.hexdigest()[:16]


def now() -> float:
    """Tell the time by which the simulator itself is measured."""
    return time.perf_counter()
