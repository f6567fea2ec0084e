"""`make demo`: a purchase from a cold start and a flash sale, printed and checked."""

import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from threading import Barrier

from sqlalchemy import select

from app import connect, disconnect
from app.accounts import accounts, passwords
from app.config import load_settings
from app.core.db import transaction
from app.webhooks.models import WebhookEvent
from dev import books
from dev.buyer import Buyer
from dev.errors import DevError
from dev.ports import free_port
from dev.stack import ROOT, Stack, stack

DATA = Path(".data", "demo")
LOG = "processes.log"

FLASH_SKU = "ORA-RG-FLASH20"
UNITS = 20
BUYERS = 300
PAYERS = 15
# Long enough to pay in, short enough to see the rest run out.
RESERVATION_SECONDS = 20
PATIENCE_SECONDS = 90
PASSWORD = "a long sentence of the clerk"  # noqa: S105 - of a shop that lives for a minute


@dataclass
class Report:
    """What was seen, line by line; it fails where one line does."""

    lines: list[tuple[str, str, bool]] = field(default_factory=list)

    def add(self, what: str, found: str, holds: bool) -> None:  # noqa: FBT001 - a line's last word
        """Add a line."""
        self.lines.append((what, found, holds))

    def print(self) -> bool:
        """Print the table; tells whether every line holds."""
        width = max(len(what) for what, _, _ in self.lines)
        found_width = max(len(found) for _, found, _ in self.lines)
        print()
        for what, found, holds in self.lines:
            print(f"  {what:<{width}}  {found:<{found_width}}  {'ok' if holds else 'FAILED'}")
        print()
        return all(holds for _, _, holds in self.lines)


def main() -> int:
    """Run the demo; 0 where everything that it prints holds."""
    started = time.monotonic()
    print("Starting Postgres, Redis, web, workers, scheduler and the sandbox ...", flush=True)
    try:
        with opened(ROOT / DATA) as shop:
            report = show(shop)
    except DevError as error:
        print(error, file=sys.stderr)
        return 1
    holds = report.print()
    print(f"{time.monotonic() - started:.0f} s in all; what the processes said is in {DATA / LOG}")
    return 0 if holds else 1


@contextmanager
def opened(data: Path) -> Iterator[Stack]:
    """
    Open the demo's shop, empty, for the length of the block.

    Raises:
        DevError: it cannot run, and why.
    """
    data.mkdir(parents=True, exist_ok=True)
    extra = {
        # Not development's, so that a developer's own .env is none of the demo's business.
        "APP_ENV": "test",
        "RESERVATION_TTL_SECONDS": str(RESERVATION_SECONDS),
        "SANDBOX_DATABASE": ":memory:",
        # All its buyers come from one address.
        "RATE_LIMITS": "off",
    }
    with stack(
        data,
        port=free_port(),
        sandbox_port=free_port(),
        durable=False,
        extra_env=extra,
        output=data / LOG,
    ) as shop:
        yield shop


def show(shop: Stack) -> Report:
    """Buy, sell in a rush, move money; what was seen of it."""
    os.environ.update(shop.env)
    connect(load_settings())
    report = Report()
    try:
        _buy_one(shop, report)
        _hold_flash_sale(shop, report)
        _move_money(shop, report)
        _until(books.is_every_job_done)
        for line in books.check(shop.sandbox_url):
            report.add(*line)
    finally:
        disconnect()
    return report


def _buy_one(shop: Stack, report: Report) -> None:
    """Buy a one-of-a-kind piece by way of the cart."""
    print("Buying one piece, from registration to confirmation ...", flush=True)
    buyer = Buyer(shop.base_url)
    buyer.register()
    pieces = buyer.ask("GET", "/api/v1/products?in_stock=true&sort=-price&limit=100")["items"]
    piece = next(p for p in pieces if p["available"] == 1)
    buyer.ask("PUT", f"/api/v1/cart/items/{piece['sku']}", json={"quantity": 1})
    cart = buyer.ask("GET", "/api/v1/cart")
    order = buyer.check_out(expected_total=cart["total"]).json()
    # Pages may be a moment old; a cart tells what is available now.
    left = buyer.ask("GET", "/api/v1/cart")["lines"][0]["available"]
    report.add("Last piece while it is being paid", f"{piece['sku']}: {left} available", left == 0)
    paid = buyer.pay(order["id"], shop.sandbox_url)
    confirmed = _until(lambda: buyer.status(order["id"]) == "confirmed")
    took = _milliseconds_to_deduction(paid["razorpay_payment_id"])
    report.add(
        "First purchase", f"confirmed {took} ms after its webhook", confirmed and took is not None
    )
    emptied = buyer.ask("GET", "/api/v1/cart")["lines"] == []
    mailed = _until(lambda: any(shop.mail_dir.glob(f"order.confirmed.{order['id']}.*.eml")))
    report.add("Cart cleared, mail sent", order["number"], emptied and mailed)


def _hold_flash_sale(shop: Stack, report: Report) -> None:
    """Offer few units to many at one moment; some pay, the others' time runs out."""
    print(f"Registering {BUYERS} buyers ...", flush=True)
    buyers = [Buyer(shop.base_url) for _ in range(BUYERS)]
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(Buyer.register, buyers))
    print(f"Selling {UNITS} units to {BUYERS} buyers at once ...", flush=True)
    started = time.monotonic()
    orders, statuses = _rush(buyers)
    seconds = time.monotonic() - started
    report.add(
        f"Flash sale of {UNITS} units to {BUYERS} buyers",
        f"{statuses[201]} reserved, {statuses[409]} refused, "
        f"{max(statuses[201] - UNITS, 0)} oversold, in {seconds:.1f} s",
        statuses == {201: UNITS, 409: BUYERS - UNITS},
    )
    print(f"{PAYERS} of them pay, the others let {RESERVATION_SECONDS} s pass ...", flush=True)
    with ThreadPoolExecutor(PAYERS) as pool:
        list(pool.map(lambda order: _pay_badly_told(order[0], order[1], shop), orders[:PAYERS]))
    _until(lambda: _count(orders) == {"confirmed": PAYERS, "expired": len(orders) - PAYERS})
    found = _count(orders)
    again = buyers[0].ask("GET", f"/api/v1/inventory?sku={FLASH_SKU}")["items"][0]["available"]
    report.add(
        "After the sale",
        f"{found['confirmed']} paid, {found['expired']} expired, {again} on sale again",
        (found["confirmed"], found["expired"], again) == (PAYERS, UNITS - PAYERS, UNITS - PAYERS),
    )


def _pay_badly_told(buyer: Buyer, order_id: str, shop: Stack) -> None:
    """Pay while the gateway tells of it several times and in any order."""
    buyer.pay(order_id, shop.sandbox_url, deliver="shuffle")


def _move_money(shop: Stack, report: Report) -> None:
    """Pay in the other ways, and send some back; each rupee has to end somewhere."""
    print("Paying by Stripe and on delivery, and refunding ...", flush=True)
    buyer, clerk = Buyer(shop.base_url), Buyer(shop.base_url)
    buyer.register()
    _appoint(clerk)
    pieces = buyer.ask("GET", "/api/v1/products?in_stock=true&sort=price&limit=100")["items"]
    sku = next(piece["sku"] for piece in pieces if piece["available"] > UNITS // 2)
    by_stripe, at_the_door, refunded = (buyer.check_out(sku).json() for _ in range(3))

    buyer.pay_by_stripe(by_stripe["id"], shop.sandbox_url)
    confirmed = _until(lambda: buyer.status(by_stripe["id"]) == "confirmed")
    report.add("Paid by Stripe", by_stripe["number"], confirmed)

    opened = buyer.open_payment(at_the_door["id"], "cash_on_delivery")
    confirmed = buyer.status(at_the_door["id"]) == "confirmed"
    captured = clerk.ask("POST", f"/api/v1/admin/payments/{opened['payment_id']}/capture")
    report.add(
        "Cash on delivery, collected",
        at_the_door["number"],
        confirmed and captured["status"] == "captured",
    )

    buyer.pay(refunded["id"], shop.sandbox_url)
    _until(lambda: buyer.status(refunded["id"]) == "confirmed")
    payment_id = clerk.payment_id(refunded["id"])
    path = f"/api/v1/admin/payments/{payment_id}"
    for name, amount in (("a scratch", 1_000), ("the rest", None)):
        wish = {"amount": amount, "reason": name, "reference": name}
        clerk.ask("POST", f"{path}/refunds", 202, json=wish)
    ended = _until(lambda: clerk.ask("GET", path)["payment"]["status"] == "refunded")
    report.add("Refunded in two parts", refunded["number"], ended)


def _appoint(clerk: Buyer) -> None:
    """Give somebody an admin's account."""
    with transaction() as session:
        accounts.register(
            session, email="clerk@ora.example", password_hash=passwords.hash_password(PASSWORD),
            name="Clerk", role="admin",
        )  # fmt: skip
    clerk.sign_in("clerk@ora.example", PASSWORD)


def _rush(buyers: Sequence[Buyer]) -> tuple[list[tuple[Buyer, str]], Counter[int]]:
    """Let all of them check out at the same moment."""
    gate = Barrier(len(buyers))

    def check_out(buyer: Buyer) -> tuple[Buyer, int, str]:
        gate.wait()
        response = buyer.check_out(FLASH_SKU)
        return buyer, response.status_code, response.json().get("id", "")

    with ThreadPoolExecutor(len(buyers)) as pool:
        answers = list(pool.map(check_out, buyers))
    orders = [(buyer, order_id) for buyer, status, order_id in answers if status == 201]  # noqa: PLR2004
    return orders, Counter(status for _, status, _ in answers)


def _count(orders: Sequence[tuple[Buyer, str]]) -> Counter[str]:
    return Counter(buyer.status(order_id) for buyer, order_id in orders)


def _milliseconds_to_deduction(razorpay_payment_id: str) -> int | None:
    """Tell how long the first event of a capture lay in the inbox until stock was settled."""
    query = (
        select(WebhookEvent.received_at, WebhookEvent.processed_at)
        .where(
            WebhookEvent.event.in_(["payment.captured", "order.paid"]),
            WebhookEvent.body.contains(razorpay_payment_id.encode()),
        )
        .order_by(WebhookEvent.processed_at)
    )
    with transaction() as session:
        first = session.execute(query).first()
    if first is None or first.processed_at is None:
        return None
    took: timedelta = first.processed_at - first.received_at
    return round(took.total_seconds() * 1000)


def _until(holds: Callable[[], bool]) -> bool:
    """Wait until something holds; False where it does not in time."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.2)
    return True


if __name__ == "__main__":
    sys.exit(main())
