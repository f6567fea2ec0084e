"""Everybody finishes what they began, until nothing is due: then every rupee has its place."""

import random
from dataclasses import dataclass
from typing import Any

from hypothesis import note
from sqlalchemy import select

import workers.drain
from app.core import jobs
from app.core.db import transaction
from app.inventory import keys
from app.webhooks.models import WebhookEvent
from tests.builders import values
from tests.payments.purchase import open_jobs, run_out
from tests.races import money_books, money_ledger
from tests.races.money_bank import RAZORPAY, STRIPE
from tests.races.money_ledger import ARefund, Ledger
from workers import payments as payments_worker
from workers import stock as stock_worker
from workers.expiry import expire_orders

# Much more than it takes.
MOST_ROUNDS = 12


@dataclass(frozen=True)
class Ending:
    """What those outside do before the shop comes to rest."""

    is_told: bool = True
    is_outside_done: bool = True
    is_late: bool = False
    seed: int = 0


def come_to_rest(machine: Any, ending: Ending) -> None:
    """Let all faults be over and everybody work, as long as there is work, and look."""
    note(f"comes to rest: {ending}")
    machine.count("come to rest")
    machine.is_resting = True
    machine.bank.clear_faults()
    chance = random.Random(ending.seed)
    look(machine)
    if ending.is_outside_done:
        _finish_outside(machine, chance)
    if ending.is_told:
        _tell_all(machine, chance)
    if ending.is_late:
        for sale in machine.sales:
            run_out(machine.session, sale.order_id)
    _grow_quiet(machine)
    money_books.check(machine)
    while _try_again(machine):
        _grow_quiet(machine)
        money_books.check(machine)
    machine.is_resting = False


def look(machine: Any) -> Ledger:
    """See both books as they are now, and whether anything was undone."""
    machine.nobody_loses_a_rupee()
    return machine.seen


def _finish_outside(machine: Any, chance: random.Random) -> None:
    """The gateways end what is pending, and the banks decide."""
    for back in machine.pending_backs():
        machine.bank.end_refund(back, chance.choice(["processed", "processed", "failed"]))
    for claim in machine.bank.claims():
        if claim.is_open:
            machine.bank.turn(claim, chance.choice(["won", "lost"]))
    look(machine)


def _tell_all(machine: Any, chance: random.Random) -> None:
    untold = machine.untold()
    chance.shuffle(untold)
    for event in untold:
        machine.expect(machine.bring(event), "deliver at rest", 200)


def _grow_quiet(machine: Any) -> None:
    """Let the time go on, and everybody work, until nothing changes any more."""
    for number in range(MOST_ROUNDS):
        before = _everything(machine)
        if not number:
            _compare_days()
        _work_for_a_while(machine)
        look(machine)
        if _everything(machine) == before:
            machine.count(f"quiet after {number} rounds")
            return
    raise AssertionError(f"it never becomes quiet: {before} became {_everything(machine)}")


def _everything(machine: Any) -> tuple[Any, ...]:
    events = select(WebhookEvent.event_id, WebhookEvent.status).order_by(WebhookEvent.event_id)
    return (
        money_ledger.read(machine.session),
        values(machine.session.execute(events)),
        open_jobs(machine.session),
    )


def _work_for_a_while(machine: Any) -> None:
    machine.let_breakers_close()
    machine.let_jobs_be_due()
    _let_the_unwritten_lapse(machine)
    expire_orders()
    machine.let_polls_be_due()
    for queue in jobs.QUEUES:
        workers.drain.drain(queue)
    payments_worker.poll_payments()
    payments_worker.poll_refunds()
    stock_worker.start_reconciliation()
    workers.drain.drain("stock")
    machine.let_jobs_be_due()
    for queue in jobs.QUEUES:
        workers.drain.drain(queue)


def _compare_days() -> None:
    for name in (RAZORPAY, STRIPE):
        for day in money_books.days():
            with transaction() as session:
                jobs.stage(session, "payments.reconcile_day", gateway=name, day=day.isoformat())


def _let_the_unwritten_lapse(machine: Any) -> None:
    """Let the time be over of reservations whose checkout died before it wrote an order."""
    written = {str(order.id) for order in machine.seen.orders}
    seconds, _ = machine.redis.time()
    for sku in machine.skus.values():
        held = machine.redis.zrange(keys.reservations(sku), 0, -1)
        for member in held:
            if member.partition(":")[0] not in written:
                machine.redis.zadd(keys.reservations(sku), {member: seconds * 1000 - 1}, xx=True)


def _try_again(machine: Any) -> bool:
    """Have a person ask anew for what a gateway did not send back; tells whether any was asked."""
    seen = machine.seen
    owed = [one for one in seen.tries if one.outcome == "refunded" and one.left > 0]
    owed = [one for one in owed if not machine.is_claimed(one.id)]
    for one in owed:
        failed = [refund for refund in seen.refunds_of(one.id) if refund.status == "failed"]
        assert any(_is_asked_anew(machine, refund) for refund in failed[::-1]), (
            f"nobody can send back the rest of {one}: {failed}"
        )
    return bool(owed)


def _is_asked_anew(machine: Any, refund: ARefund) -> bool:
    said = machine.staff(f"/refunds/{refund.id}/retry")
    is_taken = machine.expect(said, "retry at rest", 202, 409)
    return is_taken and said.json["status"] == "pending"
