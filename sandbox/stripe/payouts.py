"""Payouts: what Stripe holds for the shop goes to the shop's bank."""

from sandbox.stripe import objects
from sandbox.stripe.errors import StripeError
from sandbox.stripe.events import Event, event
from sandbox.stripe.ledger import Ledger, Object


def balance(ledger: Ledger, currency: str) -> int:
    """Return what was captured and neither refunded, nor disputed, nor paid out; no fee is due."""
    taken = sum(
        charge["amount"] - charge["amount_refunded"]
        for charge in ledger.all("charge", currency=currency)
        if charge["captured"]
    )
    disputed = sum(
        dispute["amount"]
        for dispute in ledger.all("dispute", currency=currency)
        if dispute["status"] != "won"
    )
    paid = sum(payout["amount"] for payout in ledger.all("payout", currency=currency))
    total: int = taken - disputed - paid
    return total


def create(ledger: Ledger, amount: int | None, currency: str) -> tuple[Object, list[Event]]:
    """
    Pay out a part of the balance, or all of it.

    Raises:
        StripeError: there is less.
    """
    available = balance(ledger, currency)
    amount = available if amount is None else amount
    if not 0 < amount <= available:
        raise StripeError(
            f"You have {objects.money(max(available, 0), currency)} to pay out.",
            code="balance_insufficient",
            param="amount",
        )
    payout = objects.payout(amount, currency)
    ledger.keep(payout)
    return payout, [event("payout.paid", payout)]
