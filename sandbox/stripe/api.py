"""The calls of the API that a shop makes."""

from functools import partial

from flask import Blueprint, request

from sandbox.stripe import intents, refunds
from sandbox.stripe.calls import call, switch, tell
from sandbox.stripe.errors import StripeError
from sandbox.stripe.form import PAGE_FIELDS, Form
from sandbox.stripe.ledger import Ledger, Object, Page

blueprint = Blueprint("api", __name__, url_prefix="/v1")

route = partial(call, blueprint)


@route("payment_intents.create", "POST", "/payment_intents", intents.FIELDS)
def create_intent(ledger: Ledger, form: Form) -> Object:
    """Make an intent."""
    return intents.create(ledger, form)


@route("payment_intents.list", "GET", "/payment_intents", PAGE_FIELDS)
def list_intents(ledger: Ledger, form: Form) -> Object:
    """List intents, the newest first."""
    return _listed(ledger, "payment_intent", form.page())


@route("payment_intents.retrieve", "GET", "/payment_intents/<intent_id>", ("client_secret",))
def retrieve_intent(ledger: Ledger, form: Form, intent_id: str) -> Object:
    """Show one intent."""
    del form
    return ledger.get("payment_intent", intent_id, "intent")


@route(
    "payment_intents.capture",
    "POST",
    "/payment_intents/<intent_id>/capture",
    ("amount_to_capture",),
)
def capture_intent(ledger: Ledger, form: Form, intent_id: str) -> Object:
    """Take what is authorized."""
    amount = form.whole("amount_to_capture", least=1)
    intent = ledger.get("payment_intent", intent_id, "intent")
    tell(ledger, intents.capture(ledger, intent, amount))
    return intent


@route(
    "payment_intents.cancel",
    "POST",
    "/payment_intents/<intent_id>/cancel",
    ("cancellation_reason",),
)
def cancel_intent(ledger: Ledger, form: Form, intent_id: str) -> Object:
    """End an intent without money."""
    reason = form.choice("cancellation_reason", intents.CANCELLATION_REASONS)
    intent = ledger.get("payment_intent", intent_id, "intent")
    tell(ledger, intents.cancel(ledger, intent, reason))
    return intent


@route("charges.list", "GET", "/charges", (*PAGE_FIELDS, "payment_intent"))
def list_charges(ledger: Ledger, form: Form) -> Object:
    """List charges, the newest first."""
    return _listed(ledger, "charge", form.page("payment_intent"))


@route("charges.retrieve", "GET", "/charges/<charge_id>")
def retrieve_charge(ledger: Ledger, form: Form, charge_id: str) -> Object:
    """Show one charge."""
    del form
    return ledger.get("charge", charge_id)


@route("refunds.create", "POST", "/refunds", refunds.FIELDS)
def create_refund(ledger: Ledger, form: Form) -> Object:
    """Give money back."""
    if switch("no_balance"):
        raise StripeError("Insufficient funds in your Stripe balance.", code="balance_insufficient")
    status = switch("refund_status")
    refund, told = refunds.create(
        ledger, form, status if status in refunds.STATUSES else "succeeded"
    )
    tell(ledger, told)
    return refund


@route("refunds.list", "GET", "/refunds", (*PAGE_FIELDS, "charge", "payment_intent"))
def list_refunds(ledger: Ledger, form: Form) -> Object:
    """List refunds, the newest first."""
    return _listed(ledger, "refund", form.page("charge", "payment_intent"))


@route("refunds.retrieve", "GET", "/refunds/<refund_id>")
def retrieve_refund(ledger: Ledger, form: Form, refund_id: str) -> Object:
    """Show one refund."""
    del form
    return ledger.get("refund", refund_id)


def _listed(ledger: Ledger, kind: str, page: Page) -> Object:
    found, has_more = ledger.page(kind, page)
    url = request.path.removeprefix("/stripe")
    return {"object": "list", "data": found, "has_more": has_more, "url": url}
