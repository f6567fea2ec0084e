"""Disputes: a buyer's bank takes a payment back, for a while or for good."""

from sandbox.stripe import objects
from sandbox.stripe.errors import BadParameterError, StripeError
from sandbox.stripe.events import Event, event
from sandbox.stripe.ledger import Ledger, Object

CLOSED = ("won", "lost")
STATUSES = (*CLOSED, "under_review")


def is_charged_back(ledger: Ledger, charge: Object) -> bool:
    """Tell whether money of a charge is away, or may yet have to go."""
    found = ledger.all("dispute", charge=charge["id"]) if charge["disputed"] else []
    return any(dispute["status"] != "won" for dispute in found)


def create(ledger: Ledger, charge: Object, amount: int | None) -> tuple[Object, list[Event]]:
    """
    Dispute a captured charge, in part or all that is not refunded.

    Raises:
        StripeError: the charge has less to dispute, or is charged back already.
    """
    left = charge["amount"] - charge["amount_refunded"] if charge["captured"] else 0
    amount = left if amount is None else amount
    if not 0 < amount <= left:
        raise BadParameterError(
            f"Of this charge {objects.money(left, charge['currency'])} can be disputed.",
            param="amount",
        )
    if is_charged_back(ledger, charge):
        raise StripeError("The charge has a dispute already.", code="charge_disputed")
    dispute = objects.dispute(charge, amount)
    ledger.keep(dispute)
    ledger.keep(charge | {"disputed": True})
    return dispute, [event("charge.dispute.created", dispute)]


def move(ledger: Ledger, dispute: Object, status: str) -> list[Event]:
    """
    Let the bank look at a dispute, or decide it.

    Raises:
        StripeError: the dispute is decided.
    """
    before = dict(dispute)
    if dispute["status"] in CLOSED:
        raise StripeError(f"The dispute is {dispute['status']} already.")
    dispute["status"] = status
    if status == "under_review":
        answered = {"has_evidence": True, "submission_count": 1}
        dispute["evidence_details"] = dispute["evidence_details"] | answered
    ledger.keep(dispute)
    kind = "charge.dispute.closed" if status in CLOSED else "charge.dispute.updated"
    return [event(kind, dispute, before)]
