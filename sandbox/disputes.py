"""
Disputes: a buyer's bank wants captured money back, and in the end decides who keeps it.

A dispute is open or under review, maybe several times, until it is won, lost or closed.
"""

import time
from dataclasses import dataclass

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from sandbox import fields, lists, payments
from sandbox.entities import Entity, checked_id, collection, new_id, public
from sandbox.errors import invalid, unknown_id
from sandbox.events import Event, dispute_event
from sandbox.gateway import gateway
from sandbox.store import Books

blueprint = Blueprint("disputes", __name__, url_prefix="/v1/disputes")

PHASES = ("chargeback", "fraud", "retrieval", "pre_arbitration", "arbitration")
TURNS = ("under_review", "action_required", "won", "lost", "closed")
FINAL = frozenset({"won", "lost", "closed"})

# How long a shop has to answer, unless the bank says otherwise.
ANSWER_WITHIN_SECONDS = 7 * 24 * 3600

_PROOFS = (
    *("shipping_proof", "billing_proof", "cancellation_proof", "customer_communication"),
    *("proof_of_service", "explanation_letter", "refund_confirmation", "access_activity_log"),
    *("refund_cancellation_policy", "term_and_conditions", "others"),
)


@dataclass(frozen=True, kw_only=True)
class Claim:
    """What the bank claims; without an amount it is all of the payment."""

    amount: int | None = None
    reason_code: str = "goods_or_services_not_received_or_partially_received"
    phase: str = "chargeback"
    respond_by: int | None = None


def find(books: Books, dispute_id: str) -> Entity:
    """
    Return a dispute.

    Raises:
        ApiError: the id has the wrong shape or is not in the books.
    """
    dispute = books.find("dispute", checked_id("disp", dispute_id))
    if dispute is None:
        raise unknown_id()
    return dispute


def begin(books: Books, payment: Entity, claim: Claim) -> Event:
    """
    Open a dispute of a payment, refunded or not, and tell of it.

    Raises:
        ApiError: the payment was never captured, or is of less than the claim.
    """
    if not payment["captured"]:
        raise invalid(f"The payment is {payment['status']} and cannot be disputed.")
    if claim.amount is not None and claim.amount > payment["amount"]:
        raise invalid("The amount is greater than that of the payment.", field="amount")
    dispute = _dispute(payment, claim)
    books.keep("dispute", dispute)
    return dispute_event("payment.dispute.created", dispute, payment)


def turn(books: Books, dispute_id: str, to: str) -> Event:
    """
    Let a dispute take one of its turns and tell of it.

    Raises:
        ApiError: the dispute has come to its end already.
    """
    dispute = find(books, dispute_id)
    if dispute["status"] in FINAL:
        raise invalid(f"The dispute is {dispute['status']} already.")
    # When the bank asks for more, the dispute waits for the shop as it did at first.
    dispute["status"] = "open" if to == "action_required" else to
    if to == "under_review":
        dispute["evidence"]["submitted_at"] = int(time.time())
    if to == "lost":
        dispute["amount_deducted"] = dispute["amount"]
    books.keep("dispute", dispute)
    payment = payments.find(books, dispute["payment_id"])
    return dispute_event(f"payment.dispute.{to}", dispute, payment)


@blueprint.get("", endpoint="all")
def list_all() -> ResponseReturnValue:
    """List disputes, the newest first."""
    page = lists.fresh_enough(fields.page())
    with gateway().store.transaction() as books:
        found = books.list("dispute", page)
    return jsonify(collection(public(dispute) for dispute in found))


@blueprint.get("/<dispute_id>")
def fetch(dispute_id: str) -> ResponseReturnValue:
    """Show one dispute."""
    with gateway().store.transaction() as books:
        return jsonify(public(find(books, dispute_id)))


def _dispute(payment: Entity, claim: Claim) -> Entity:
    now = int(time.time())
    amount = claim.amount or payment["amount"]
    evidence = {"amount": amount, "summary": None, **dict.fromkeys(_PROOFS), "submitted_at": None}
    return {
        "id": new_id("disp"),
        "entity": "dispute",
        "payment_id": payment["id"],
        "amount": amount,
        "currency": payment["currency"],
        "amount_deducted": 0,
        "reason_code": claim.reason_code,
        "respond_by": claim.respond_by or now + ANSWER_WITHIN_SECONDS,
        "status": "open",
        "phase": claim.phase,
        "created_at": now,
        "evidence": evidence,
    }
