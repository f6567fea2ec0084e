"""What each method of payment adds to a payment, on its way and on arrival."""

import random
from dataclasses import dataclass
from typing import Any

from sandbox.entities import Entity, new_id


@dataclass(frozen=True)
class Method:
    """
    One way to pay.

    ``reference`` names the fields of the bank's answer; they are null until there is one.
    """

    label: str
    fields: dict[str, Any]
    reference: tuple[str, ...]
    failure_source: str


METHODS = {
    "card": Method("Card", {}, ("auth_code",), "bank"),
    "upi": Method(
        "UPI",
        {
            "vpa": "asha.verma@examplebank",
            "upi": {
                "payer_account_type": "bank_account",
                "vpa": "asha.verma@examplebank",
                "flow": "intent",
            },
        },
        ("rrn", "upi_transaction_id"),
        "issuer",
    ),
    "netbanking": Method("Netbanking", {"bank": "HDFC"}, ("bank_transaction_id",), "bank"),
    "wallet": Method("Wallet", {"wallet": "payzapp"}, ("transaction_id",), "issuer"),
}

# Reasons that a shop may want to tell its buyer, and what Razorpay says with them.
FAILURES = {
    "payment_failed": "Payment failed",
    "payment_cancelled": "Your payment has been cancelled. Try again or complete it later.",
    "payment_timed_out": "Your payment was not completed on time. Try again.",
    "insufficient_funds": "Your payment failed as the account does not have enough balance.",
    "incorrect_otp": "Your payment failed as an incorrect OTP was entered.",
    "authentication_failed": "Your payment failed as the bank could not authenticate you.",
    "card_declined": "Your payment failed as the card was declined by the bank.",
    "bank_technical_error": "Your payment failed due to a technical error at the bank.",
    "invalid_vpa": "Your payment failed as the UPI ID is not valid.",
}


def details(method: str) -> Entity:
    """Return the fields that a new payment of this method has."""
    found: Entity = {"card_id": None, "bank": None, "wallet": None, "vpa": None}
    found.update(METHODS[method].fields)
    if method == "card":
        found |= {"card_id": new_id("card"), "token_id": None}
        found["_card"] = _card(found["card_id"])
    found["acquirer_data"] = dict.fromkeys(METHODS[method].reference)
    return found


def bank_reference(method: str) -> Entity:
    """Return what the bank answers to a payment that it allows."""
    return {name: _reference(name) for name in METHODS[method].reference}


def failure(method: str, reason: str) -> Entity:
    """Return the error fields of a payment that failed."""
    is_customer = reason in {"payment_cancelled", "incorrect_otp", "authentication_failed"}
    return {
        "error_code": "BAD_REQUEST_ERROR",
        "error_description": FAILURES[reason],
        "error_source": "customer" if is_customer else METHODS[method].failure_source,
        "error_step": "payment_authentication" if is_customer else "payment_authorization",
        "error_reason": reason,
    }


NO_FAILURE: Entity = dict.fromkeys(
    ("error_code", "error_description", "error_source", "error_step", "error_reason")
)


def _card(card_id: str) -> Entity:
    return {
        "id": card_id,
        "entity": "card",
        "name": "Asha Verma",
        "last4": "0153",
        "network": "Visa",
        "type": "debit",
        "issuer": None,
        "international": False,
        "emi": False,
        "sub_type": "consumer",
        "token_iin": None,
    }


def _reference(name: str) -> str:
    if name == "upi_transaction_id":
        return f"{random.getrandbits(128):032X}"
    digits = 6 if name == "auth_code" else 12
    return "".join(random.choices("0123456789", k=digits))
