"""Refunds: money that goes back, once for each idempotency key."""

import hashlib
import json
import random
import re
import time
from typing import Any

from flask import Blueprint, g, jsonify, request
from flask.typing import ResponseReturnValue

from sandbox import fields, lists
from sandbox.entities import Entity, checked_id, collection, new_id, public
from sandbox.errors import CONFLICT, invalid, refused, unknown_id
from sandbox.events import Event, refund_event
from sandbox.gateway import gateway
from sandbox.mishaps import switch
from sandbox.store import Books

blueprint = Blueprint("refunds", __name__, url_prefix="/v1")

KEY_HEADER = "X-Refund-Idempotency"
SHORTEST_KEY = 10
_KEY = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)

SPEEDS = ("normal", "optimum")
_FIELDS = ("amount", "speed", "notes", "receipt")


def find(books: Books, refund_id: str) -> Entity:
    """
    Return a refund.

    Raises:
        ApiError: the id has the wrong shape or is not in the books.
    """
    refund = books.find("refund", checked_id("rfnd", refund_id))
    if refund is None:
        raise unknown_id()
    return refund


def refund_automatically(books: Books, payment: Entity) -> list[Event]:
    """Give back an authorized payment that nobody may capture; it was never captured."""
    refund = _refund(payment, payment["amount"], status="processed")
    return _open(books, refund, payment)


def end(books: Books, refund_id: str, status: str) -> list[Event]:
    """
    End a pending refund, in either way.

    Raises:
        ApiError: the refund has ended already.
    """
    refund = find(books, refund_id)
    if refund["status"] != "pending":
        raise invalid(f"The refund is {refund['status']} already.")
    if status == "processed":
        refund["acquirer_data"] = {"arn": f"{random.randrange(10**14):014d}"}
    payment = _payment(books, refund["payment_id"])
    return _finish(books, refund, payment, status)


@blueprint.post("/payments/<payment_id>/refund")
def create(payment_id: str) -> ResponseReturnValue:
    """Refund a captured payment, in part or all that is left of it."""
    body = fields.json_body(_FIELDS)
    key = request.headers.get(KEY_HEADER)
    with gateway().store.transaction() as books:
        payment = _payment(books, payment_id)
        earlier = _earlier(books, key, _fingerprint(payment_id, body))
        if earlier is not None:
            return jsonify(public(earlier))
        refund = _checked_refund(body, payment)
        events = _open(books, refund, payment, is_slowed=bool(switch("speed_falls_back")))
        gateway().webhooks.announce(books, events)
        if key is not None:
            _remember(books, key, _fingerprint(payment_id, body), refund)
    return jsonify(public(refund))


@blueprint.before_request
def claim_key() -> None:
    """Let one request at a time use an idempotency key, for as long as it takes."""
    key = request.headers.get(KEY_HEADER)
    if key is None or request.endpoint != "refunds.create":
        return
    if len(key) < SHORTEST_KEY:
        raise refused(f"The idempotency key must be at least {SHORTEST_KEY} characters long.")
    if not _KEY.fullmatch(key):
        raise refused(
            "The idempotency key must only contain alphanumeric characters, "
            "underscores, and hyphens"
        )
    if not gateway().keys_in_progress.claim(key):
        raise refused(
            "Another request with the same idempotency key is still in progress.", CONFLICT
        )
    g.claimed_key = key


@blueprint.teardown_request
def release_key(_: BaseException | None) -> None:
    """Give the key back, however the request ended."""
    if "claimed_key" in g:
        gateway().keys_in_progress.release(g.pop("claimed_key"))


@blueprint.get("/payments/<payment_id>/refunds")
def of_payment(payment_id: str) -> ResponseReturnValue:
    """List the refunds of a payment, the first one first."""
    with gateway().store.transaction() as books:
        _payment(books, payment_id)
        refunds = books.list("refund", fields.page(parent_id=payment_id))
    return jsonify(collection(public(refund) for refund in refunds))


@blueprint.get("/payments/<payment_id>/refunds/<refund_id>")
def fetch_of_payment(payment_id: str, refund_id: str) -> ResponseReturnValue:
    """Show one refund, provided that it is of this payment."""
    with gateway().store.transaction() as books:
        _payment(books, payment_id)
        refund = find(books, refund_id)
    if refund["payment_id"] != payment_id:
        raise unknown_id()
    return jsonify(public(refund))


@blueprint.get("/refunds", endpoint="all")
def list_all() -> ResponseReturnValue:
    """List refunds, the newest first."""
    page = lists.fresh_enough(fields.page())
    with gateway().store.transaction() as books:
        refunds = books.list("refund", page)
    return jsonify(collection(public(refund) for refund in refunds))


@blueprint.get("/refunds/<refund_id>")
def fetch(refund_id: str) -> ResponseReturnValue:
    """Show one refund."""
    with gateway().store.transaction() as books:
        return jsonify(public(find(books, refund_id)))


@blueprint.patch("/refunds/<refund_id>")
def edit(refund_id: str) -> ResponseReturnValue:
    """Replace the notes of a refund."""
    with gateway().store.transaction() as books:
        return jsonify(lists.with_new_notes(books, "refund", find(books, refund_id)))


def _payment(books: Books, payment_id: str) -> Entity:
    payment = books.find("payment", checked_id("pay", payment_id))
    if payment is None:
        raise unknown_id()
    return payment


def _fingerprint(payment_id: str, body: dict[str, Any]) -> str:
    """Tell requests apart by what they ask for, not by how their JSON is written."""
    request_text = json.dumps([payment_id, body], sort_keys=True)
    return hashlib.sha256(request_text.encode()).hexdigest()


def _earlier(books: Books, key: str | None, fingerprint: str) -> Entity | None:
    """Return the refund that this key made before."""
    used = books.find("key", f"key_{key}") if key is not None else None
    if used is None:
        return None
    if used["fingerprint"] != fingerprint:
        raise refused(
            "Different request with the same idempotency key has already been processed.",
            CONFLICT,
        )
    return find(books, used["refund_id"])


def _remember(books: Books, key: str, fingerprint: str, refund: Entity) -> None:
    used = {
        "id": f"key_{key}",
        "fingerprint": fingerprint,
        "refund_id": refund["id"],
        "created_at": refund["created_at"],
    }
    books.keep("key", used)


def _checked_refund(body: dict[str, Any], payment: Entity) -> Entity:
    """Build the refund that a request asks for, if it may have it."""
    left = payment["amount"] - payment["amount_refunded"]
    amount = left if body.get("amount") is None else fields.amount(body)
    speed = body.get("speed") or "normal"
    if speed not in SPEEDS:
        raise invalid("The selected speed is invalid.", field="speed")
    notes = fields.notes(body)
    receipt = fields.text(body, "receipt")
    _check_refundable(payment, amount, left)
    status = switch("refund_status") or "processed"
    refund = _refund(payment, amount, status=status, speed=speed)
    return refund | {"notes": notes, "receipt": receipt}


def _check_refundable(payment: Entity, amount: int, left: int) -> None:
    if not payment["captured"]:
        raise refused("The payment status should be captured for action to be taken")
    if not left:
        raise invalid("The payment has been fully refunded already")
    if amount > left:
        raise invalid("The refund amount provided is greater than amount captured")
    if switch("opaque_refusal"):
        raise refused("invalid request sent")
    if switch("no_balance"):
        raise refused(
            "Your account does not have enough balance to carry out the refund operation. "
            "You can add funds to your account from your Razorpay dashboard or capture "
            "new payments."
        )


def _refund(payment: Entity, amount: int, *, status: str, speed: str = "normal") -> Entity:
    return {
        "id": new_id("rfnd"),
        "entity": "refund",
        "amount": amount,
        "currency": payment["currency"],
        "payment_id": payment["id"],
        "notes": [],
        "receipt": None,
        # The bank's reference follows later, even where the refund is processed at once.
        "acquirer_data": {"arn": None},
        "created_at": int(time.time()),
        "batch_id": None,
        "status": status,
        "speed_processed": "instant" if speed == "optimum" else "normal",
        "speed_requested": speed,
    }


def _open(books: Books, refund: Entity, payment: Entity, *, is_slowed: bool = False) -> list[Event]:
    """
    Book a new refund and tell of it, and of its end where it has ended already.

    An instant refund that is slowed goes the normal way after all, and the shop is told.
    """
    _count(books, payment, refund["amount"])
    events = [refund_event("refund.created", refund, payment)]
    if is_slowed and refund["speed_processed"] == "instant":
        refund["speed_processed"] = "normal"
        events.append(refund_event("refund.speed_changed", refund, payment))
    books.keep("refund", refund)
    if refund["status"] != "pending":
        events += _finish(books, refund, payment, refund["status"])
    return events


def _finish(books: Books, refund: Entity, payment: Entity, status: str) -> list[Event]:
    refund["status"] = status
    if status == "failed":
        # The money is with the shop again, so that it can be refunded anew.
        _count(books, payment, -refund["amount"])
    books.keep("refund", refund)
    return [refund_event(f"refund.{status}", refund, payment)]


def _count(books: Books, payment: Entity, amount: int) -> None:
    """Bring the counters of a payment up to date with its refunds."""
    refunded = payment["amount_refunded"] + amount
    is_full = refunded == payment["amount"]
    payment["amount_refunded"] = refunded
    payment["refund_status"] = "full" if is_full else "partial" if refunded else None
    unrefunded = "captured" if payment["captured"] else "authorized"
    payment["status"] = "refunded" if is_full else unrefunded
    books.keep("payment", payment)
