"""Payment intents: how one is made, paid, captured and canceled."""

from typing import Literal

from sandbox.stripe import objects, refunds
from sandbox.stripe.errors import BadParameterError, StripeError, unexpected_state
from sandbox.stripe.events import Event, event
from sandbox.stripe.form import Form
from sandbox.stripe.ledger import Ledger, Object

Outcome = Literal["captured", "authorized", "failed"]

CURRENCIES = ("aed", "aud", "cad", "eur", "gbp", "inr", "sgd", "usd")
CAPTURE_METHODS = ("automatic", "automatic_async", "manual")
CANCELLATION_REASONS = ("duplicate", "fraudulent", "requested_by_customer", "abandoned")

FIELDS = (
    *("amount", "currency", "capture_method", "metadata", "description", "receipt_email"),
    *("payment_method_types", "automatic_payment_methods"),
    *("shipping", "statement_descriptor", "statement_descriptor_suffix"),
)

SMALLEST = 50
LARGEST = {"inr": 999_999_999}
LARGEST_OF_OTHERS = 99_999_999


def create(ledger: Ledger, form: Form) -> Object:
    """Make an intent that waits for its first payment."""
    amount, currency = _price(form)
    methods = form.words("payment_method_types")
    automatic = form.mapping("automatic_payment_methods")
    if methods and automatic:
        raise BadParameterError(
            "You may only specify one of these parameters: "
            "automatic_payment_methods, payment_method_types."
        )
    intent = objects.payment_intent(
        amount=amount,
        currency=currency,
        capture_method=form.choice("capture_method", CAPTURE_METHODS, "automatic_async"),
        automatic_payment_methods=(
            None if methods else {"allow_redirects": "always", "enabled": True}
        ),
        payment_method_types=methods or ["card"],
        metadata=form.metadata(),
        description=form.text("description"),
        receipt_email=form.text("receipt_email"),
        shipping=form.mapping("shipping"),
        statement_descriptor=form.text("statement_descriptor"),
        statement_descriptor_suffix=form.text("statement_descriptor_suffix"),
    )
    ledger.keep(intent)
    return intent


def pay(ledger: Ledger, intent: Object, outcome: Outcome) -> tuple[Object, list[Event]]:
    """
    Try to pay an intent; return the charge, a failed one too, and what happened.

    Raises:
        StripeError: the intent does not wait for a payment, or cannot be only authorized.
    """
    _demand(intent, "paid", ("requires_payment_method",))
    is_manual = intent["capture_method"] == "manual"
    if outcome == "authorized" and not is_manual:
        raise StripeError("Only an intent with capture_method manual can be only authorized.")
    charge = objects.charge(intent, is_declined=outcome == "failed")
    intent["latest_charge"] = charge["id"]
    if outcome == "failed":
        return charge, _fail(ledger, intent, charge)
    intent |= {"payment_method": charge["payment_method"], "last_payment_error": None}
    if not is_manual:
        _take(ledger, intent, charge, intent["amount"])
        told = [event("charge.succeeded", charge), event("payment_intent.succeeded", intent)]
        return charge, told
    intent |= {"status": "requires_capture", "amount_capturable": intent["amount"]}
    _keep(ledger, intent, charge)
    told = [
        event("charge.succeeded", charge),
        event("payment_intent.amount_capturable_updated", intent),
    ]
    if outcome == "captured":
        told += capture(ledger, intent, None)
    return charge, told


def capture(ledger: Ledger, intent: Object, amount: int | None) -> list[Event]:
    """
    Take an authorized amount, or a part of it; the rest goes back, as a refund.

    Raises:
        StripeError: nothing is authorized, or less than this.
    """
    _demand(intent, "captured", ("requires_capture",))
    capturable = intent["amount_capturable"]
    amount = capturable if amount is None else amount
    if amount > capturable:
        raise StripeError(
            f"The amount to capture ({objects.money(amount, intent['currency'])}) is greater than "
            f"the capturable amount ({objects.money(capturable, intent['currency'])}).",
            code="amount_too_large",
            param="amount_to_capture",
        )
    charge = ledger.get("charge", intent["latest_charge"])
    _take(ledger, intent, charge, amount)
    told = [event("charge.captured", charge), event("payment_intent.succeeded", intent)]
    return told + refunds.release(ledger, charge, capturable - amount)


def cancel(ledger: Ledger, intent: Object, reason: str | None) -> list[Event]:
    """
    End an intent without money; what was authorized goes back, as a refund.

    Raises:
        StripeError: the intent has ended already.
    """
    _demand(intent, "canceled", ("requires_payment_method", "requires_capture"))
    released = intent["amount_capturable"]
    intent |= {
        "amount_capturable": 0,
        "canceled_at": objects.now(),
        "cancellation_reason": reason,
        "status": "canceled",
    }
    ledger.keep(intent)
    told = [event("payment_intent.canceled", intent)]
    if released:
        told += refunds.release(ledger, ledger.get("charge", intent["latest_charge"]), released)
    return told


def _price(form: Form) -> tuple[int, str]:
    amount = form.required_whole("amount", least=1)
    currency = form.required("currency").lower()
    if currency not in CURRENCIES:
        raise BadParameterError(
            f"Invalid currency: {currency}. Stripe currently supports these currencies: "
            f"{', '.join(CURRENCIES)}",
            param="currency",
        )
    largest = LARGEST.get(currency, LARGEST_OF_OTHERS)
    if not SMALLEST <= amount <= largest:
        is_small = amount < SMALLEST
        bound = "at least" if is_small else "no more than"
        raise BadParameterError(
            f"Amount must be {bound} {objects.money(SMALLEST if is_small else largest, currency)}",
            code="amount_too_small" if is_small else "amount_too_large",
            param="amount",
        )
    return amount, currency


def _demand(intent: Object, done: str, statuses: tuple[str, ...]) -> None:
    if intent["status"] not in statuses:
        raise unexpected_state(
            f"This PaymentIntent could not be {done} because it has a status of "
            f"{intent['status']}. Only a PaymentIntent with one of the following statuses may "
            f"be {done}: {', '.join(statuses)}.",
            intent,
        )


def _fail(ledger: Ledger, intent: Object, charge: Object) -> list[Event]:
    intent["last_payment_error"] = objects.payment_error(charge)
    _keep(ledger, intent, charge)
    return [event("charge.failed", charge), event("payment_intent.payment_failed", intent)]


def _take(ledger: Ledger, intent: Object, charge: Object, amount: int) -> None:
    """Bring this much from a charge to the shop."""
    charge |= {
        "captured": True,
        "amount_captured": amount,
        "balance_transaction": objects.new_id("txn"),
    }
    intent |= {"status": "succeeded", "amount_capturable": 0, "amount_received": amount}
    _keep(ledger, intent, charge)


def _keep(ledger: Ledger, intent: Object, charge: Object) -> None:
    ledger.keep(charge)
    ledger.keep(intent)
