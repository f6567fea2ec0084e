"""Refunds: money that goes back, never more than is there."""

from sandbox.stripe import disputes, objects
from sandbox.stripe.errors import BadParameterError, StripeError
from sandbox.stripe.events import Event, event
from sandbox.stripe.form import Form
from sandbox.stripe.ledger import Ledger, Object

REASONS = ("duplicate", "fraudulent", "requested_by_customer")
STATUSES = ("succeeded", "pending", "failed")

FIELDS = ("charge", "payment_intent", "amount", "metadata", "reason")

FAILURE = "expired_or_canceled_card"


def create(ledger: Ledger, form: Form, status: str) -> tuple[Object, list[Event]]:
    """
    Refund a captured charge, in part or all that is left of it; it ends in this status.

    Raises:
        StripeError: there is no such charge, or not so much of it is left.
    """
    amount, reason = form.whole("amount", least=1), form.choice("reason", REASONS)
    metadata = form.metadata()
    charge = _charge(ledger, form)
    amount = _refundable(ledger, charge, amount)
    refund = objects.refund(charge, amount, reason=reason, metadata=metadata)
    if status != "succeeded":
        refund |= {"status": "pending", "pending_reason": "processing"}
    told = _open(ledger, charge, refund)
    if status == "failed":
        told += end(ledger, refund, "failed")
    return refund, told


def end(ledger: Ledger, refund: Object, status: str) -> list[Event]:
    """
    End a pending refund in either way, or let one fail that had succeeded.

    Raises:
        StripeError: the refund has ended, and not so that it could still fail.
    """
    before = dict(refund)
    if (refund["status"], status) not in {
        ("pending", "succeeded"),
        ("pending", "failed"),
        ("succeeded", "failed"),
    }:
        raise StripeError(f"The refund is {refund['status']} and cannot become {status}.")
    refund |= {"status": status, "pending_reason": None}
    if status == "failed":
        refund["failure_reason"] = FAILURE
        refund["failure_balance_transaction"] = objects.new_id("txn")
        # The money is with the shop again, so that it can be refunded anew.
        _count(ledger, ledger.get("charge", refund["charge"]), -refund["amount"])
    ledger.keep(refund)
    told = [event("refund.updated", refund, _known(before, refund))]
    if status == "failed":
        told.append(event("refund.failed", refund, _known(before, refund)))
    return told


def release(ledger: Ledger, charge: Object, amount: int) -> list[Event]:
    """Give back what was authorized and never captured, which Stripe counts as refunded."""
    if not amount:
        return []
    refund = objects.refund(charge, amount, reason=None, metadata={})
    return _open(ledger, charge, refund)


def _charge(ledger: Ledger, form: Form) -> Object:
    charge_id, intent_id = form.text("charge"), form.text("payment_intent")
    if bool(charge_id) == bool(intent_id):
        which = "You may only specify one" if charge_id else "You must specify one"
        raise BadParameterError(f"{which} of these parameters: payment_intent, charge.")
    if intent_id:
        intent = ledger.get("payment_intent", intent_id, "payment_intent")
        if intent["status"] != "succeeded":
            raise StripeError(
                f"This PaymentIntent ({intent_id}) does not have a successful charge to refund."
            )
        charge_id = intent["latest_charge"]
    return ledger.get("charge", f"{charge_id}", "charge")


def _refundable(ledger: Ledger, charge: Object, amount: int | None) -> int:
    """Return the amount to refund, having made sure that it is there."""
    charge_id, currency = charge["id"], charge["currency"]
    if not charge["captured"]:
        raise StripeError(f"Charge {charge_id} has not been captured and cannot be refunded.")
    if disputes.is_charged_back(ledger, charge):
        raise StripeError(
            f"Charge {charge_id} has been charged back; cannot issue a refund.",
            code="charge_disputed",
        )
    # What was authorized and not captured has been counted as refunded.
    left: int = charge["amount"] - charge["amount_refunded"]
    if not left:
        raise StripeError(
            f"Charge {charge_id} has already been refunded.", code="charge_already_refunded"
        )
    if amount is not None and amount > left:
        raise StripeError(
            f"Refund amount ({objects.money(amount, currency)}) is greater than unrefunded "
            f"amount on charge ({objects.money(left, currency)})",
            param="amount",
        )
    return amount or left


def _open(ledger: Ledger, charge: Object, refund: Object) -> list[Event]:
    before = dict(charge)
    _count(ledger, charge, refund["amount"])
    ledger.keep(refund)
    return [event("refund.created", refund), event("charge.refunded", charge, before)]


def _count(ledger: Ledger, charge: Object, amount: int) -> None:
    """Bring the counters of a charge up to date with its refunds."""
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount"]
    ledger.keep(charge)


def _known(before: Object, after: Object) -> Object:
    """Return an earlier state with every field that there is now."""
    return {name: before.get(name) for name in after}
