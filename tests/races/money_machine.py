"""Every step that moves money, in any order, with deaths in between and lost answers."""

import random
from collections import Counter
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule
from redis import Redis
from sqlalchemy import func, update
from sqlalchemy.orm import Session

import workers.drain
from app.core import jobs
from app.core.db import transaction
from app.payments.gateway import gateway
from app.payments.models import Payment
from tests import owners
from tests.builders import Shop
from tests.payments.purchase import run_out
from tests.races import money_books, money_ledger, money_rest
from tests.races.money_bank import (
    CASH,
    RAZORPAY,
    STRIPE,
    Back,
    Bank,
    Claim,
    Told,
    Try,
    read_switch,
)
from tests.races.money_choices import (
    baskets,
    endings,
    faults,
    first_payments,
    mishaps,
    openings,
    outcomes,
    parts,
    refund_statuses,
    seeds,
)
from tests.races.money_ledger import APayment, ARefund, ATry
from tests.races.money_rest import Ending
from tests.races.money_steps import step, take
from tests.races.money_watch import NUMBERS, Mishap, Sale, Watched
from workers import payments as payments_worker
from workers import stock as stock_worker
from workers.expiry import expire_orders

MOST_SALES = 5
MOST_OPENED = 3


class WholeMoney(Watched):
    """The steps."""

    def __init__(
        self, shop: Shop, bank: Bank, redis: Redis, session: Session, counts: Counter[str]
    ) -> None:
        super().__init__(shop, bank, redis, session, counts)
        self.ending = Ending()

    @initialize(
        opens=openings,
        paid=first_payments,
        is_manual=st.sampled_from([False, False, True]),
        ending=endings,
    )
    def begin(
        self, opens: tuple[str, ...], paid: int | None, ending: Ending, *, is_manual: bool
    ) -> None:
        """One order is there already, opened at these gateways, and mostly paid at the first."""
        with self.noticing():
            self.ending = ending
            for name in (RAZORPAY, STRIPE):
                gateway(name).is_capture_manual = is_manual
            self.check_out(0, {"ring": 1}, None)
            for name in opens:
                self.open(self.sales[0], name, None)
            if paid is not None:
                self.nobody_loses_a_rupee()
                self.pay((self.sales[0], opens[0]), ("captured", paid))
                self.poll_payments(None)

    @rule(data=st.data())
    def go_on(self, data: st.DataObject) -> None:
        with self.noticing():
            take(self, data)

    def teardown(self) -> None:
        if not self.is_broken:
            money_rest.come_to_rest(self, self.ending)

    # What buyers do.

    def open_sales(self) -> list[Sale]:
        return [sale for sale in self.sales if len(sale.opened) < MOST_OPENED]

    def opened(self) -> list[tuple[Sale, str]]:
        return [(sale, name) for sale in self.sales for name in sale.opened if name != CASH]

    def unended(self) -> list[Try]:
        is_open = ("created", "failed", "authorized")
        return [t for t in self.of_the_shop() if t.gateway == RAZORPAY and t.status in is_open]

    @step(
        2,
        when=lambda self: len(self.sales) < MOST_SALES,
        buyer=st.integers(0, 1),
        basket=baskets,
        mishap=mishaps,
    )
    def check_out(self, buyer: int, basket: dict[str, int], mishap: Mishap) -> None:
        who = self.buyers[buyer]
        said = self.at_risk("checkout", mishap, lambda: who.check_out(**basket))
        if self.expect(said, "checkout", 201, 409):
            self.sales.append(Sale(who, said.json["id"]))

    @step(
        6,
        which=open_sales,
        name=st.sampled_from([RAZORPAY, RAZORPAY, RAZORPAY, STRIPE, STRIPE, CASH]),
        mishap=mishaps,
    )
    def open(self, sale: Sale, name: str, mishap: Mishap) -> None:
        path = f"/api/v1/orders/{sale.order_id}/payments"
        said = self.at_risk("opening", mishap, lambda: sale.buyer.post(path, {"gateway": name}))
        if self.expect(said, f"open {name}", 200, 409, 502, 503):
            known = sale.opened.setdefault(name, said.json)
            assert known["payment_id"] == said.json["payment_id"], "a second payment was opened"

    @step(10, which=opened, outcome=outcomes)
    def pay(self, opened: tuple[Sale, str], outcome: tuple[str, int]) -> None:
        (sale, name), (end, delta) = opened, outcome
        is_other = delta and name == RAZORPAY
        options = {"amount": sale.opened[name]["amount"] + delta} if is_other else {}
        said = self.bank.pay(name, sale.gateway_order_id(name), end, **options)
        what = f"{end}, other amount" if is_other else end
        self.count(f"pay: {name} {what}: {said.status_code}")
        if said.ok:
            sale.proofs.append(said.json())

    @step(5, which=unended, outcome=st.sampled_from(["captured", "authorized", "failed"]))
    def go_on_paying(self, one: Try, outcome: str) -> None:
        """Such as a failed try that is captured after all, under its own id."""
        said = self.bank.pay(RAZORPAY, one.order_id, outcome, payment_id=one.id)
        self.count(f"go on: {one.status} to {outcome}: {said.status_code}")

    @step(2, which=lambda self: [t for t in self.captured() if t.gateway == RAZORPAY])
    def pay_though_paid(self, one: Try) -> None:
        said = self.bank.pay_though_paid(one.order_id)
        self.count(f"pay though paid: {said.status_code}")

    @step(1, which=lambda self: [t for t in self.unended() if t.status == "authorized"])
    def lapse(self, one: Try) -> None:
        self.bank.lapse(one)

    @step(
        2,
        which=lambda self: [sale for sale in self.sales if sale.proofs],
        is_forged=st.sampled_from([False, False, True]),
        mishap=mishaps,
    )
    def verify(self, sale: Sale, mishap: Mishap, *, is_forged: bool) -> None:
        wanted = ("razorpay_", "payment_intent", "client_secret")
        proof = {k: v for k, v in sale.proofs[-1].items() if k.startswith(wanted)}
        if "client_secret" in proof:
            proof["payment_intent_client_secret"] = proof.pop("client_secret")
        if is_forged:
            last = max(proof)
            proof[last] = proof[last][:-1] + ("0" if proof[last][-1] != "0" else "1")
        path = "/api/v1/payments/verify"
        said = self.at_risk("door", mishap, lambda: sale.buyer.post(path, proof))
        if self.expect(said, "verify", 200, 400, 502, 503):
            assert not is_forged, "a forged proof was taken"

    @step(2, which=lambda self: self.sales, mishap=mishaps)
    def cancel(self, sale: Sale, mishap: Mishap) -> None:
        path = f"/api/v1/orders/{sale.order_id}/cancel"
        self.expect(
            self.at_risk("ending", mishap, lambda: sale.buyer.post(path, {})), "cancel", 200, 409
        )

    @step(2, which=lambda self: self.sales, name=st.integers(1, 3), mishap=mishaps)
    def cancel_a_unit(self, sale: Sale, name: int, mishap: Mishap) -> None:
        path = f"/api/v1/orders/{sale.order_id}/cancel-units"
        body = {"reference": f"wish-{name}", "lines": [{"sku": "RING", "quantity": 1}]}
        said = self.at_risk("ending", mishap, lambda: sale.buyer.post(path, body))
        self.expect(said, "cancel a unit", 200, 409)

    @step(2, which=lambda self: self.sales)
    def run_out(self, sale: Sale) -> None:
        run_out(self.session, sale.order_id)

    @step(3, mishap=mishaps)
    def expire(self, mishap: Mishap) -> None:
        self.at_risk("ending", mishap, expire_orders)

    # What gateways and banks do.

    @step(4, fault=faults, times=st.integers(1, 3))
    def fault(self, fault: tuple[str, str, str], times: int) -> None:
        name, route, switch = fault
        word, value = read_switch(switch)
        self.bank.fault(name, route, **{word: value}, next_n=times)

    @step(2, when=lambda self: self.bank.has_faults())
    def clear_faults(self) -> None:
        self.bank.clear_faults()
        self.let_breakers_close()

    @step(8, which=Watched.untold, mishap=mishaps)
    def deliver(self, event: Told, mishap: Mishap) -> None:
        said = self.at_risk("door", mishap, lambda: self.bring(event))
        if said is not None:
            self.expect(said, "deliver", 200)
        else:
            # Whoever got no answer delivers again, with what is untold or by itself.
            self.told[event.id] = 0

    @step(2, which=lambda self: [e for e in self.events if self.told[e.id]])
    def deliver_again(self, event: Told) -> None:
        self.expect(self.bring(event), "deliver again", 200)

    @step(2, when=Watched.untold, seed=seeds)
    def deliver_all(self, seed: int) -> None:
        events = self.untold()
        random.Random(seed).shuffle(events)
        for event in events:
            self.expect(self.bring(event), "deliver all", 200)

    def bring(self, event: Told) -> Any:
        self.told[event.id] += 1
        self.count(f"told: {event.gateway} {event.name}")
        return self.shop.app.test_client().post(
            f"/webhooks/{event.gateway}", data=event.body.encode(), headers=event.headers()
        )

    @step(3, which=Watched.captured, amount=parts, status=refund_statuses)
    def refund_by_hand(self, one: Try, amount: int | None, status: str) -> None:
        said = self.bank.refund_by_hand(one, amount, status)
        self.count(f"by hand: {one.gateway} {status}: {said.status_code}")

    @step(4, which=Watched.pending_backs, status=st.sampled_from(["processed", "failed"]))
    def end_refund(self, back: Back, status: str) -> None:
        self.bank.end_refund(back, status)

    @step(1, which=lambda self: [b for b in self.backs if b.can_fail_late])
    def fail_late(self, back: Back) -> None:
        """Let a refund fail that had succeeded, as Stripe's can."""
        self.bank.end_refund(back, "failed")

    @step(1, which=Watched.captured, part=st.sampled_from([1, 2]))
    def dispute(self, one: Try, part: int) -> None:
        said = self.bank.dispute(one, one.amount // part)
        self.count(f"dispute: {one.gateway}: {said.status_code}")

    @step(
        3,
        which=lambda self: [claim for claim in self.bank.claims() if claim.is_open],
        status=st.sampled_from(["under_review", "action_required", "won", "lost", "lost"]),
    )
    def turn(self, claim: Claim, status: str) -> None:
        self.bank.turn(claim, status)

    @step(1, when=Watched.captured)
    def settle(self) -> None:
        self.bank.settle()

    # What staff do.

    def kept(self) -> list[ATry]:
        return [one for one in self.seen.tries if one.outcome == "kept"]

    @step(6, which=kept, amount=parts)
    def refund(self, one: ATry, amount: int | None) -> None:
        body = {"amount": amount, "reason": "worn", "reference": f"r{next(NUMBERS)}"}
        path = f"/payments/{one.payment_id}/refunds"
        if self.expect(self.staff(path, body), "refund", 202, 409):
            self.references.append((path, body))

    @step(1, which=lambda self: self.references)
    def refund_again(self, asked: tuple[str, dict[str, Any]]) -> None:
        self.expect(self.staff(*asked), "refund again", 202)
        now = money_ledger.read(self.session).refunds
        assert now == self.seen.refunds, f"refunded once more: {now}"

    @step(2, which=lambda self: self.seen.refunds)
    def retry(self, refund: ARefund) -> None:
        self.expect(self.staff(f"/refunds/{refund.id}/retry"), f"retry {refund.status}", 202, 409)

    @step(2, which=lambda self: self.cash_refunds())
    def pay_out(self, refund: ARefund) -> None:
        self.expect(self.staff(f"/refunds/{refund.id}/paid-out"), "pay out", 200, 409)

    def cash_refunds(self) -> list[ARefund]:
        of_cash = {one.id for one in self.seen.tries if one.gateway == CASH}
        return [refund for refund in self.seen.refunds if refund.payment_id in of_cash]

    def authorized(self) -> list[APayment]:
        return [payment for payment in self.seen.payments if payment.status == "authorized"]

    @step(3, which=authorized, mishap=mishaps)
    def capture(self, payment: APayment, mishap: Mishap) -> None:
        path = f"/payments/{payment.id}/capture"
        said = self.at_risk("cash", mishap, lambda: self.staff(path))
        self.expect(said, f"capture {payment.gateway}", 200, 409, 502, 503)

    @step(1, when=lambda self: self.told, seed=seeds)
    def replay(self, seed: int) -> None:
        told = [e.id for e in self.events if self.told[e.id] and self.told[e.id] > 0]
        if told:
            body = {"event_ids": [random.Random(seed).choice(told)]}
            self.expect(self.staff("/webhooks/replay", body), "replay", 202)

    # What workers and clocks do.

    @step(6, mishap=mishaps)
    def work_webhooks(self, mishap: Mishap) -> None:
        self.at_risk("webhooks", mishap, lambda: workers.drain.drain("webhooks"))

    @step(5, mishap=mishaps)
    def work_payments(self, mishap: Mishap) -> None:
        self.at_risk("payments", mishap, lambda: workers.drain.drain("payments"))

    @step(3, mishap=mishaps)
    def poll_payments(self, mishap: Mishap) -> None:
        self.let_polls_be_due()
        self.at_risk("polling", mishap, payments_worker.poll_payments)

    @step(3, mishap=mishaps)
    def poll_refunds(self, mishap: Mishap) -> None:
        self.let_polls_be_due()
        self.at_risk("payments", mishap, payments_worker.poll_refunds)

    @step(1, name=st.sampled_from([RAZORPAY, STRIPE]), mishap=mishaps)
    def compare_day(self, name: str, mishap: Mishap) -> None:
        for day in money_books.days():
            with transaction() as session:
                jobs.stage(session, "payments.reconcile_day", gateway=name, day=day.isoformat())
        self.at_risk("polling", mishap, lambda: workers.drain.drain("payments"))

    @step(4, is_long=st.booleans())
    def jump(self, *, is_long: bool) -> None:
        """Let the time come at which what waits is tried again."""
        if is_long:
            # How long gateways remember what they were asked for is told nowhere.
            self.bank.forget_keys()
        self.let_jobs_be_due()
        self.let_polls_be_due()
        self.let_breakers_close()

    @step(1, which=lambda self: self.seen.payments)
    def age(self, payment: APayment) -> None:
        """Let the days go by after which nobody asks about a payment any more."""
        older = Payment.created_at - func.make_interval(0, 0, 0, 6)
        change = update(Payment).where(Payment.id == payment.id).values(created_at=older)
        self.session.execute(change)

    @step(1)
    def flush(self) -> None:
        self.redis.flushall()

    @step(1)
    def flush_queue(self) -> None:
        owners.flush_queue()

    @step(1)
    def reconcile_stock(self) -> None:
        stock_worker.start_reconciliation()
        workers.drain.drain("stock")

    @step(1, rest=10)
    def come_to_rest(self) -> None:
        money_rest.come_to_rest(self, self.ending)
