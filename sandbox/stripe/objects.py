"""The objects of the API as they are at their beginning."""

import secrets
import string
import time
from typing import Any

from sandbox.stripe.ledger import Object

_ALPHABET = string.ascii_letters + string.digits
_ID_LENGTH = 24

DECLINED = "Your card was declined."

_CARD = {
    "brand": "visa",
    "country": "IN",
    "exp_month": 12,
    "exp_year": 2034,
    "funding": "credit",
    "last4": "4242",
    "network": "visa",
}


def new_id(prefix: str) -> str:
    """Make an id: the prefix, an underscore and 24 letters and digits."""
    return f"{prefix}_{''.join(secrets.choice(_ALPHABET) for _ in range(_ID_LENGTH))}"


def now() -> int:
    """Return this second."""
    return int(time.time())


def money(amount: int, currency: str) -> str:
    """Write an amount for people to read."""
    return f"{amount // 100}.{amount % 100:02d} {currency.upper()}"


def payment_intent(*, amount: int, currency: str, **chosen: Any) -> Object:
    """Return an intent that waits for its first payment."""
    intent_id = new_id("pi")
    return {
        "id": intent_id,
        "object": "payment_intent",
        "amount": amount,
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": 0,
        "application": None,
        "application_fee_amount": None,
        "canceled_at": None,
        "cancellation_reason": None,
        "client_secret": new_id(f"{intent_id}_secret"),
        "confirmation_method": "automatic",
        "created": now(),
        "currency": currency,
        "customer": None,
        "last_payment_error": None,
        "latest_charge": None,
        "livemode": False,
        "next_action": None,
        "on_behalf_of": None,
        "payment_method": None,
        "payment_method_options": {},
        "processing": None,
        "setup_future_usage": None,
        "source": None,
        "status": "requires_payment_method",
        "transfer_data": None,
        "transfer_group": None,
        **chosen,
    }


def charge(intent: Object, *, is_declined: bool) -> Object:
    """Return one attempt to pay an intent; it is not captured yet."""
    method = intent["payment_method_types"][0]
    failure_code = "card_declined" if method == "card" else "payment_method_provider_decline"
    return {
        "id": new_id("ch"),
        "object": "charge",
        "amount": intent["amount"],
        "amount_captured": 0,
        "amount_refunded": 0,
        "application": None,
        "application_fee": None,
        "balance_transaction": None,
        "billing_details": {"address": None, "email": None, "name": None, "phone": None},
        "captured": False,
        "created": now(),
        "currency": intent["currency"],
        "customer": None,
        "description": intent["description"],
        "disputed": False,
        "failure_balance_transaction": None,
        "failure_code": failure_code if is_declined else None,
        "failure_message": DECLINED if is_declined else None,
        "fraud_details": {},
        "livemode": False,
        # A charge has what its intent had at that moment.
        "metadata": intent["metadata"],
        "outcome": _outcome(is_declined=is_declined),
        "paid": not is_declined,
        "payment_intent": intent["id"],
        "payment_method": new_id("pm"),
        "payment_method_details": {"type": method, method: _CARD if method == "card" else {}},
        "receipt_email": intent["receipt_email"],
        "receipt_number": None,
        "receipt_url": None,
        "refunded": False,
        "review": None,
        "shipping": intent["shipping"],
        "source": None,
        "statement_descriptor": intent["statement_descriptor"],
        "statement_descriptor_suffix": intent["statement_descriptor_suffix"],
        "status": "failed" if is_declined else "succeeded",
        "transfer_data": None,
        "transfer_group": None,
    }


def payment_error(failed: Object) -> Object:
    """Return what an intent tells of its last charge, a failed one."""
    told = {
        "charge": failed["id"],
        "code": failed["failure_code"],
        "message": failed["failure_message"],
        "payment_method": {
            "id": failed["payment_method"],
            "object": "payment_method",
            "type": failed["payment_method_details"]["type"],
        },
        "type": "card_error",
    }
    if failed["failure_code"] == "card_declined":
        told["decline_code"] = "generic_decline"
    return told


def refund(of: Object, amount: int, *, reason: str | None, metadata: dict[str, str]) -> Object:
    """Return a refund that has succeeded."""
    method = of["payment_method_details"]["type"]
    return {
        "id": new_id("re"),
        "object": "refund",
        "amount": amount,
        "balance_transaction": new_id("txn"),
        "charge": of["id"],
        "created": now(),
        "currency": of["currency"],
        "destination_details": {"type": method, method: {}},
        "metadata": metadata,
        "payment_intent": of["payment_intent"],
        "reason": reason,
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": "succeeded",
        "transfer_reversal": None,
    }


def dispute(of: Object, amount: int) -> Object:
    """Return a dispute that waits for the shop's answer."""
    created = now()
    return {
        "id": new_id("dp"),
        "object": "dispute",
        "amount": amount,
        "balance_transactions": [],
        "charge": of["id"],
        "created": created,
        "currency": of["currency"],
        "evidence": {},
        "evidence_details": {
            "due_by": created + 7 * 86_400,
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
        },
        "is_charge_refundable": False,
        "livemode": False,
        "metadata": {},
        "payment_intent": of["payment_intent"],
        "payment_method_details": of["payment_method_details"],
        "reason": "fraudulent",
        "status": "needs_response",
    }


def payout(amount: int, currency: str) -> Object:
    """Return a payout that has reached the shop's bank."""
    created = now()
    return {
        "id": new_id("po"),
        "object": "payout",
        "amount": amount,
        "arrival_date": created,
        "automatic": True,
        "balance_transaction": new_id("txn"),
        "created": created,
        "currency": currency,
        "description": "STRIPE PAYOUT",
        "destination": new_id("ba"),
        "failure_balance_transaction": None,
        "failure_code": None,
        "failure_message": None,
        "livemode": False,
        "metadata": {},
        "method": "standard",
        "original_payout": None,
        "reconciliation_status": "completed",
        "reversed_by": None,
        "source_type": "card",
        "statement_descriptor": None,
        "status": "paid",
        "type": "bank_account",
    }


def _outcome(*, is_declined: bool) -> Object:
    return {
        "network_status": "declined_by_network" if is_declined else "approved_by_network",
        "reason": "generic_decline" if is_declined else None,
        "risk_level": "normal",
        "seller_message": (
            "The bank did not return any further details with this decline."
            if is_declined
            else "Payment complete."
        ),
        "type": "issuer_declined" if is_declined else "authorized",
    }
