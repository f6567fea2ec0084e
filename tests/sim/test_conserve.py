import copy

import pytest

from sim.conserve import breaches

PAID = {"id": "pay_1", "payment_id": "p1", "order_id": "o1", "status": "captured",
    "amount": 103, "outcome": "kept", "amount_refunded": 0, "amount_lost": 0}  # fmt: skip


class Shop:
    """A shop that sold one of its two rings, as its books have it at rest."""

    def __init__(self):
        self.now_ms = 1_000
        self.products = [{"id": "ring", "sku": "RING", "on_hand": 1, "epoch": 7, "limit": 1}]
        self.movements = [
            {"product_id": "ring", "kind": "receipt", "units": 2, "balance": 2,
                "reference": "first", "order_id": None},
            {"product_id": "ring", "kind": "sale", "units": -1, "balance": 1,
                "reference": "sale:o1", "order_id": "o1"},
        ]  # fmt: skip
        self.orders = [{"id": "o1", "status": "confirmed", "payment_status": "captured",
            "total": 103, "shipping_fee": 0, "pays_on_delivery": False}]  # fmt: skip
        self.lines = [{"order_id": "o1", "product_id": "ring", "sku": "RING", "quantity": 1,
            "unit_price": 100, "discount": 0, "tax": 3, "total": 103, "cancelled_quantity": 0,
            "returned_quantity": 0}]  # fmt: skip
        self.reservations = [
            {"order_id": "o1", "product_id": "ring", "buyer": "asha", "units": 1, "returned": 0,
                "state": "committed", "deadline_ms": 900},
        ]  # fmt: skip
        self.transitions = [{"order_id": "o1", "from_status": "pending", "to_status": "confirmed"}]
        self.tries = [dict(PAID)]
        self.refunds = []
        self.events = [{"id": "e1", "event": "payment.captured", "status": "processed",
            "note": None}]  # fmt: skip
        self.jobs = []
        self.answers = [{"order_id": "o1"}]
        self.redis = {"RING": {"is_known": True, "on_hand": 1, "reserved": 0, "committed": 0,
            "members": {}, "commits": {}, "buyers": {"asha/paid": 1}}}  # fmt: skip
        self.gateway_payments = [{"id": "pay_1", "captured": True, "amount": 103}]
        self.gateway_refunds = []


def refund(**changes):
    return {"id": "r1", "try_id": "pay_1", "gateway_id": "rfnd_1", "amount": 103,
        "status": "processed", "reference": "r"} | changes  # fmt: skip


# What somebody did to the books, and which invariant tells of it.
HARMS = {
    "a unit is taken by hand": ("I1", lambda b: b.products[0].update(on_hand=0)),
    "a movement is left out": ("I1", lambda b: b.movements.pop()),
    "an order took nothing": ("I2", lambda b: b.movements[1].update(order_id=None)),
    "an order took its unit twice": (
        "I2", lambda b: b.movements.append(b.movements[1] | {"reference": "again", "balance": 0}),
    ),
    "Redis has a unit more": ("I3", lambda b: b.redis["RING"].update(on_hand=2)),
    "a buyer has more than they may": ("I10", lambda b: b.reservations[0].update(units=2)),
    "Redis forgets what a buyer has": ("I10", lambda b: b.redis["RING"].update(buyers={})),
    "Redis keeps a commit": (
        "I3", lambda b: b.redis["RING"].update(committed=1, commits={"o1": 1}),
    ),
    "Redis holds for nobody": (
        "I3", lambda b: b.redis["RING"].update(reserved=1, members={"o9": (1, 2_000)}),
    ),
    "an order's units are held for ever": (
        "I4", lambda b: b.reservations[0].update(state="pending"),
    ),
    "nobody paid": ("I5", lambda b: b.tries[0].update(status="failed", outcome=None)),
    "money is nobody's": ("I5", lambda b: b.tries[0].update(outcome="refunded")),
    "money is kept for a cancelled order": (
        "I5", lambda b: b.orders[0].update(status="cancelled"),
    ),
    "an order is paid with less": (
        "I5", lambda b: (b.tries[0].update(amount=1), b.gateway_payments[0].update(amount=1)),
    ),
    "an order is paid twice": (
        "I5", lambda b: b.tries.append(PAID | {"id": "pay_2"}),
    ),
    "a refund is not counted": ("I5", lambda b: b.refunds.append(refund())),
    "more goes back than came": (
        "I5", lambda b: (b.refunds.append(refund(amount=200)), b.tries[0].update(
            amount_refunded=200)),
    ),
    "a capture is unknown here": (
        "I6", lambda b: b.gateway_payments.append({"id": "pay_3", "captured": True, "amount": 1}),
    ),
    "a capture is unknown there": ("I6", lambda b: b.gateway_payments.clear()),
    "another amount was captured": ("I6", lambda b: b.gateway_payments[0].update(amount=1)),
    "a refund is unknown there": (
        "I6", lambda b: (b.refunds.append(refund()), b.tries[0].update(amount_refunded=103)),
    ),
    "a refund was made twice there": (
        "I6", lambda b: b.gateway_refunds.append(
            {"id": "rfnd_2", "payment_id": "pay_1", "amount": 103, "status": "processed"}),
    ),
    "a movement is there twice": ("I7", lambda b: b.movements.append(dict(b.movements[1]))),
    "an order skips a step": (
        "I8", lambda b: b.transitions[0].update(to_status="shipped"),
    ),
    "an order waits for ever": (
        "I8", lambda b: (b.orders[0].update(status="pending"), b.transitions.clear()),
    ),
    "a job is left": (
        "I9", lambda b: b.jobs.append({"name": "payments.refund", "attempts": 3,
            "last_error": "no"}),
    ),
    "an event was not worked": ("I9", lambda b: b.events[0].update(status="received")),
    "a total does not add up": ("I11", lambda b: b.orders[0].update(total=104)),
}  # fmt: skip


def test_good_books_have_no_breach():
    assert breaches(Shop()) == []


def test_a_product_that_redis_does_not_know_is_no_breach():
    shop = Shop()
    shop.redis["RING"] |= {"is_known": False, "on_hand": 0}

    assert breaches(shop) == []


@pytest.mark.parametrize("harm", HARMS)
def test_each_harm_is_told_by_its_invariant(harm):
    number, do = HARMS[harm]
    shop = copy.deepcopy(Shop())
    do(shop)

    assert number in {breach.partition(":")[0] for breach in breaches(shop)}
