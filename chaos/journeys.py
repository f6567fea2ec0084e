"""
What customers do, each a generator that yields the seconds until its next step.

A step that got no answer, or 503, is repeated as it was: with the same key, as docs/orders.md
asks of clients. What stays unknown after that is left unknown.
"""

from collections.abc import Callable, Generator
from dataclasses import dataclass
from random import Random
from typing import Any
from uuid import uuid4

from bench.house import ADDRESS
from chaos.client import Answer, Client

Journey = Generator[float, None, None]
TRIES = 8
# Longer than a reservation and its extension, so that the money comes too late for it.
_TOO_LATE_SECONDS = 55.0
_NOT_NOW = {0, 425, 429, 502, 503, 504}
_IN_FLIGHT = "request-in-flight"


@dataclass
class Customer:
    """Who asks: a token, and a client that the thread at hand lends."""

    id: str
    token: Callable[[], str]
    staff: Callable[[], str]
    random: Random
    client: Client

    def ask(
        self, op: str, method: str, path: str, body: Any = None, **note: Any
    ) -> Generator[float, None, Answer]:
        """Ask until there is an answer, or the patience is over."""
        token = self.staff if op.startswith("staff") else self.token
        for tried in range(TRIES):
            answer = self.client.shop(
                method, path, body, op=op, who=self.id, tried=tried, token=token(), **note
            )
            if answer.status not in _NOT_NOW and answer.problem != _IN_FLIGHT:
                return answer
            yield min(0.3 * 2**tried, 4.0)
        return answer


@dataclass(frozen=True)
class Shelf:
    """What there is to buy."""

    plenty: list[str]
    scarce: list[str]


def _check_out(one: Customer, shelf: Shelf) -> Generator[float, None, dict[str, Any] | None]:
    random = one.random
    skus = random.sample(shelf.plenty, random.choice((1, 1, 2, 3)))
    if random.random() < 0.1:  # noqa: PLR2004
        skus.append(random.choice(shelf.scarce))
    lines = [{"sku": sku, "quantity": random.choice((1, 1, 1, 2))} for sku in skus]
    body: dict[str, Any] = {"lines": lines, "shipping_address": ADDRESS}
    if random.random() < 0.1:  # noqa: PLR2004
        body["coupon_code"] = random.choice(("FEW-OF-THEM", "FOR-EACH"))
    key = uuid4().hex
    answer = yield from one.ask(
        "checkout", "POST", "/api/v1/checkout", body, key=key,
        lines={line["sku"]: line["quantity"] for line in lines}, coupon=body.get("coupon_code"),
    )  # fmt: skip
    return answer.body if answer.is_yes else None


def _open(one: Customer, order: dict[str, Any]) -> Generator[float, None, dict[str, Any] | None]:
    path = f"/api/v1/orders/{order['id']}/payments"
    answer = yield from one.ask("open", "POST", path, {"gateway": "razorpay"}, order=order["id"])
    return answer.body if answer.is_yes else None


def _pay(one: Customer, opened: dict[str, Any], **wish: Any) -> Generator[float, None, Any]:
    body = {"order_id": opened["razorpay_order_id"], "method": "upi", **wish}
    for _ in range(TRIES):
        answer = one.client.gateway("pay", body)
        if answer.status:
            return answer.body if answer.is_yes else None
        yield 0.5
    return None


def _bought(
    one: Customer, shelf: Shelf, *, verifies: float = 0.8, after: float = 0.0, **wish: Any
) -> Generator[float, None, dict[str, Any] | None]:
    """Buy and pay; returns the order where the payment was made."""
    order = yield from _check_out(one, shelf)
    opened = None if order is None else (yield from _open(one, order))
    if order is None or opened is None:
        return None
    if after:
        yield after
    paid = yield from _pay(one, opened, **wish)
    if paid is None:
        return None
    if one.random.random() < verifies:
        yield from one.ask("verify", "POST", "/api/v1/payments/verify", paid, order=order["id"])
    return order


def _confirmed(one: Customer, order: dict[str, Any]) -> Generator[float, None, bool]:
    path = f"/api/v1/orders/{order['id']}/payment-status"
    for pause in (0.5, 1.0, 2.0, 4.0, 8.0):
        yield pause
        answer = yield from one.ask("look", "GET", path, order=order["id"])
        if answer.is_yes and answer.body["order_status"] == "confirmed":
            return True
    return False


def buyer(one: Customer, shelf: Shelf) -> Journey:
    """Buy, pay, and look whether it is confirmed."""
    deliver = one.random.choice(("normal", "normal", "duplicate", "shuffle"))
    order = yield from _bought(one, shelf, deliver=deliver)
    if order is not None:
        yield from _confirmed(one, order)


def silent(one: Customer, shelf: Shelf) -> Journey:
    """Pay, and close the browser; the event alone tells of it."""
    yield from _bought(one, shelf, verifies=0.0)


def on_delivery(one: Customer, shelf: Shelf) -> Journey:
    """Pay at the door."""
    order = yield from _check_out(one, shelf)
    if order is not None:
        path = f"/api/v1/orders/{order['id']}/payments"
        body = {"gateway": "cash_on_delivery"}
        yield from one.ask("open-cash", "POST", path, body, order=order["id"])


def late(one: Customer, shelf: Shelf) -> Journey:
    """Pay when the reservation has long run out."""
    yield from _bought(one, shelf, after=_TOO_LATE_SECONDS * one.random.uniform(0.3, 1.0))


def slow_bank(one: Customer, shelf: Shelf) -> Journey:
    """Pay by a bank that takes its time."""
    delay_ms = one.random.randrange(1_000, 400_000)
    yield from _bought(one, shelf, delay_ms=delay_ms)


def unlucky(one: Customer, shelf: Shelf) -> Journey:
    """Fail to pay, and then pay, or not."""
    order = yield from _check_out(one, shelf)
    opened = None if order is None else (yield from _open(one, order))
    if opened is not None:
        failed = yield from _pay(one, opened, outcome="failed")
        yield 0.5
        if failed and one.random.random() < 0.7:  # noqa: PLR2004
            yield from _pay(one, opened)


def leaver(one: Customer, shelf: Shelf) -> Journey:
    """Check out, and never come back."""
    yield from _check_out(one, shelf)


def canceller(one: Customer, shelf: Shelf) -> Journey:
    """Give an order up, before it is paid or after, or while it is."""
    order = None
    if one.random.random() < 0.4:  # noqa: PLR2004
        order = yield from _check_out(one, shelf)
    else:
        order = yield from _bought(one, shelf)
        if order is not None and one.random.random() < 0.7:  # noqa: PLR2004
            yield from _confirmed(one, order)
    if order is not None:
        path = f"/api/v1/orders/{order['id']}/cancel"
        yield from one.ask("cancel", "POST", path, {"reason": "chaos"}, order=order["id"])


def returner(one: Customer, shelf: Shelf) -> Journey:
    """Get what was bought, and send it back."""
    order = yield from _bought(one, shelf)
    if order is None or not (yield from _confirmed(one, order)):
        return
    for status in ("processing", "shipped", "delivered"):
        path = f"/api/v1/admin/orders/{order['id']}/status"
        moved = yield from one.ask(
            "staff-move", "POST", path, {"status": status}, order=order["id"], to=status
        )
        if not moved.is_yes:
            return
    lines = [{"sku": line["sku"], "quantity": line["quantity"]} for line in order["lines"]]
    asked = yield from one.ask(
        "return", "POST", f"/api/v1/orders/{order['id']}/returns",
        {"lines": [line | {"reason": "changed_mind"} for line in lines]}, order=order["id"],
    )  # fmt: skip
    if asked.is_yes:
        yield from _received(one, asked.body["id"], lines)


def _received(one: Customer, return_id: str, lines: list[dict[str, Any]]) -> Journey:
    path = f"/api/v1/admin/returns/{return_id}"
    decided = yield from one.ask(
        "staff-decide", "POST", f"{path}/decision", {"decision": "approve"}, of=return_id
    )
    if decided.is_yes:
        what = one.random.choice(("restock", "restock", "write_off"))
        body = {"lines": [line | {"disposition": what} for line in lines]}
        yield from one.ask("staff-receive", "POST", f"{path}/receipt", body, of=return_id)


def stocktaker(one: Customer, shelf: Shelf) -> Journey:
    """Count a product, as staff, and book what is more or less of it."""
    delta = one.random.choice((-2, -1, 1, 2))
    reference = f"count-{one.random.getrandbits(64):x}"
    line = {"sku": one.random.choice(shelf.plenty), "delta": delta, "reason": "counted"}
    body = {"reference": reference, "lines": [line]}
    path = "/api/v1/admin/inventory/adjustments"
    yield from one.ask("staff-adjust", "POST", path, body, reference=reference)


# Who comes how often.
KINDS: dict[Callable[[Customer, Shelf], Journey], int] = {
    buyer: 34, silent: 10, on_delivery: 6, late: 8, slow_bank: 6, unlucky: 6, leaver: 10,
    canceller: 10, returner: 10, stocktaker: 3,
}  # fmt: skip
