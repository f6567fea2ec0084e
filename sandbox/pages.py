"""Pages for a person: the checkout that a buyer sees, and what a developer wants to know."""

import ipaddress
import json
import re
import secrets
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from sandbox import methods, orders, payments
from sandbox.driver import checkout_error, triple
from sandbox.entities import Entity
from sandbox.errors import ApiError, authentication_failed, invalid
from sandbox.gateway import gateway
from sandbox.money import rupees
from sandbox.payments import Attempt, Outcome
from sandbox.store import Page

blueprint = Blueprint("pages", __name__)
blueprint.add_app_template_filter(rupees)

RECENT = Page(count=20)

# A browser and a parser disagree on where the host ends once one of these is there.
_AMBIGUOUS = re.compile(r"[\\@\s\x00-\x1f\x7f]")


@blueprint.get("/")
def index() -> ResponseReturnValue:
    """List what happened last."""
    with gateway().store.transaction() as books:
        return page(
            "index.html",
            orders=books.list("order", RECENT),
            payments=books.list("payment", RECENT),
            refunds=books.list("refund", RECENT),
            deliveries=books.list("event", RECENT),
            is_enabled=gateway().webhooks.is_enabled,
            webhook_url=gateway().settings.webhook_url,
            faults=gateway().faults.shown(),
        )


@blueprint.get("/v1/checkout/embedded")
def checkout() -> ResponseReturnValue:
    """Let a buyer pay an order that a shop's page names."""
    if request.args.get("key_id") != gateway().settings.key_id:
        raise authentication_failed()
    return _checkout(request.args.get("order_id", ""), request.args.get("callback_url", ""))


@blueprint.get("/pay/<order_id>")
def pay_link(order_id: str) -> ResponseReturnValue:
    """Let a buyer pay an order."""
    return _checkout(order_id, request.args.get("callback_url", ""))


@blueprint.post("/pay/<order_id>")
def pay(order_id: str) -> ResponseReturnValue:
    """Carry out what the buyer chose, and go back to the shop with the result."""
    method = request.form.get("method", "")
    callback_url = checked_callback(request.form.get("callback_url", ""))
    if method not in methods.METHODS:
        raise invalid("Choose how to pay.", field="method")
    outcome: Outcome = "failed" if request.form.get("outcome") == "failed" else "captured"
    with gateway().store.transaction() as books:
        order = orders.find(books, order_id)
        if orders.is_paid(order):
            return page("paid.html", order=order)
        payment = payments.begin(books, order, Attempt(method=method))
        gateway().webhooks.announce(books, payments.conclude(books, payment, outcome))
    return page(
        "result.html",
        payment=payment,
        callback_url=callback_url,
        answer=_answer(payment),
    )


@blueprint.errorhandler(ApiError)
def refuse(error: ApiError) -> ResponseReturnValue:
    """Tell a person what is wrong."""
    return page("refused.html", description=str(error)), error.status


def checked_callback(url: str) -> str:
    """
    Return the address of a shop on this machine, or nothing where none is given.

    Raises:
        ApiError: the signed triple would leave this machine, or go nowhere.
    """
    if not url:
        return ""
    try:
        parts = urlsplit(url)
        is_web = parts.scheme in {"http", "https"} and (parts.port or 1) > 0
        is_ours = is_web and not _AMBIGUOUS.search(url) and _is_loopback(parts.hostname or "")
    except ValueError:
        is_ours = False
    if not is_ours:
        raise invalid("The callback_url must be a web address on this machine.")
    return url


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _checkout(order_id: str, callback_url: str) -> ResponseReturnValue:
    with gateway().store.transaction() as books:
        order = orders.find(books, order_id)
    if orders.is_paid(order):
        return page("paid.html", order=order)
    return page(
        "checkout.html",
        order=order,
        methods=methods.METHODS,
        callback_url=checked_callback(callback_url),
    )


def _answer(payment: Entity) -> dict[str, str]:
    """Return the form fields that the shop's callback receives."""
    if payment["status"] != "failed":
        return triple(gateway(), payment)
    error = checkout_error(payment)
    texts = {name: value for name, value in error.items() if name != "metadata"}
    texts["metadata"] = json.dumps(error["metadata"], separators=(",", ":"))
    return {f"error[{name}]": text for name, text in texts.items()}


def page(template: str, **context: Any) -> Response:
    """Render a page that loads nothing but frames of ours, and runs nothing but its own script."""
    nonce = secrets.token_urlsafe(12)
    response = Response(render_template(template, nonce=nonce, **context))
    response.headers["Content-Security-Policy"] = (
        f"default-src 'none'; frame-src 'self';"
        f" style-src 'nonce-{nonce}'; script-src 'nonce-{nonce}'"
    )
    response.headers["Cache-Control"] = "no-store"
    return response
