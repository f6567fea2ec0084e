"""
The driver: what tests and demos do to the Stripe account that no shop could.

A buyer pays, a bank disputes, a refund ends, a fault appears. Needs no key.
"""

from typing import Any

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from sandbox.errors import ApiError
from sandbox.faults import EVERY_ROUTE, WEBHOOKS
from sandbox.stripe import calls, disputes, intents, payouts, refunds
from sandbox.stripe.account import account
from sandbox.stripe.errors import BadParameterError
from sandbox.stripe.events import Event
from sandbox.stripe.form import Form
from sandbox.stripe.ledger import Ledger
from sandbox.stripe.webhooks import DELIVERIES

blueprint = Blueprint("driver", __name__, url_prefix="/sandbox")

OUTCOMES = ("captured", "authorized", "failed")
BOOKS = ("payment_intent", "charge", "refund", "dispute", "payout")

SWITCHES = (
    *("latency_ms", "hang_ms", "reset_after", "html_502", "json_500", "too_many_requests"),
    *("refund_status", "no_balance", "webhooks_drop", "next_n"),
)
# The other gateway of this sandbox has its own word for a refund that has succeeded.
_SUCCEEDED = "processed"


@blueprint.post("/pay")
def pay() -> ResponseReturnValue:
    """Pay as a buyer would; answer what the shop's page then has, and the charge."""
    form = _form("payment_intent", "outcome")
    outcome = form.choice("outcome", OUTCOMES, OUTCOMES[0])
    with account().transaction() as ledger:
        intent = ledger.get("payment_intent", form.required("payment_intent"), "payment_intent")
        charge, told = intents.pay(ledger, intent, outcome)
        _tell(ledger, told, form)
    return jsonify(
        payment_intent=intent["id"], client_secret=intent["client_secret"], charge=charge["id"]
    )


@blueprint.post("/disputes")
def dispute() -> ResponseReturnValue:
    """Take a charge back, as the buyer's bank would."""
    form = _form("charge", "amount")
    amount = form.whole("amount", least=1)
    with account().transaction() as ledger:
        charge = ledger.get("charge", form.required("charge"), "charge")
        opened, told = disputes.create(ledger, charge, amount)
        _tell(ledger, told, form)
    return jsonify(opened)


@blueprint.post("/disputes/<dispute_id>")
def move_dispute(dispute_id: str) -> ResponseReturnValue:
    """Let the bank look at a dispute, or decide it."""
    form = _form("status")
    form.required("status")
    with account().transaction() as ledger:
        found = ledger.get("dispute", dispute_id)
        told = disputes.move(ledger, found, form.choice("status", disputes.STATUSES))
        _tell(ledger, told, form)
    return jsonify(found)


@blueprint.post("/refunds/<refund_id>")
def end_refund(refund_id: str) -> ResponseReturnValue:
    """End a pending refund, or let one fail that had succeeded."""
    form = _form("status")
    form.required("status")
    with account().transaction() as ledger:
        found = ledger.get("refund", refund_id)
        told = refunds.end(ledger, found, form.choice("status", ("succeeded", "failed")))
        _tell(ledger, told, form)
    return jsonify(found)


@blueprint.post("/payouts")
def pay_out() -> ResponseReturnValue:
    """Pay out the balance of a currency, or a part of it."""
    form = _form("amount", "currency")
    amount = form.whole("amount", least=1)
    currency = form.choice("currency", intents.CURRENCIES, "inr")
    with account().transaction() as ledger:
        paid, told = payouts.create(ledger, amount, currency)
        _tell(ledger, told, form)
    return jsonify(paid)


@blueprint.get("/books")
def books() -> ResponseReturnValue:
    """Show everything that the account has, the oldest first, and what became of each event."""
    with account().transaction() as ledger:
        found = {f"{kind}s": ledger.all(kind)[::-1] for kind in BOOKS}
        told = ledger.all("delivery")[::-1]
    names = ("id", "type", "state", "attempts", "last_status", "last_error", "body")
    return jsonify(found | {"events": [{name: entry[name] for name in names} for entry in told]})


@blueprint.get("/faults")
def faults() -> ResponseReturnValue:
    """Show the switches that are on, and the calls that can have some."""
    return jsonify(faults=_shown(), routes=_routes())


@blueprint.post("/faults")
def set_faults() -> ResponseReturnValue:
    """Set the switches of one call, or of every call."""
    body = _json()
    route = body.pop("route", EVERY_ROUTE)
    if route not in _routes():
        raise BadParameterError(f"There is no such route; there are {', '.join(_routes())}.")
    if unknown := [name for name in body if name not in SWITCHES]:
        raise BadParameterError(f"There is no switch {unknown[0]}; there are {', '.join(SWITCHES)}")
    status = body.get("refund_status")
    if status is not None:
        if status not in refunds.STATUSES:
            raise BadParameterError(f"refund_status is one of {', '.join(refunds.STATUSES)}")
        body["refund_status"] = _SUCCEEDED if status == "succeeded" else status
    try:
        account().faults.set(route, body)
    except ApiError as exc:
        raise BadParameterError(f"{exc}") from exc
    return jsonify(faults=_shown())


@blueprint.delete("/faults")
def clear_faults() -> ResponseReturnValue:
    """Switch every fault off."""
    account().faults.clear()
    return jsonify(faults={})


def _json() -> dict[str, Any]:
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise BadParameterError("The body must be a JSON object.")
    return body


def _form(*fields: str) -> Form:
    return Form(_json(), (*fields, "deliver"))


def _tell(ledger: Ledger, told: list[Event], form: Form) -> None:
    deliver = form.choice("deliver", DELIVERIES, DELIVERIES[0])
    account().webhooks.announce(ledger, told, deliver)


def _routes() -> list[str]:
    return [EVERY_ROUTE, WEBHOOKS, *calls.names]


def _shown() -> dict[str, dict[str, Any]]:
    shown = account().faults.shown()
    for switches in shown.values():
        if switches.get("refund_status") == _SUCCEEDED:
            switches["refund_status"] = "succeeded"
    return shown
