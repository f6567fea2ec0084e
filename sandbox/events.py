"""The bodies of webhook events, byte for byte as they are signed and sent."""

import hashlib
import hmac
import json
import random
import time
from dataclasses import dataclass
from typing import Any

from sandbox.entities import Entity, public, with_card

ACCOUNT_ID = "acc_OraSandbox0001"


@dataclass(frozen=True)
class Event:
    """Something that happened, with the entities as they were at that moment."""

    name: str
    entities: dict[str, Entity]

    @property
    def order_id(self) -> str | None:
        """The order that this is about."""
        order_id: str | None = self.entities["payment"].get("order_id")
        return order_id

    def body(self) -> str:
        """Write the event once; every delivery of it sends these characters."""
        envelope: dict[str, Any] = {
            "entity": "event",
            "account_id": ACCOUNT_ID,
            "event": self.name,
            "contains": list(self.entities),
            "payload": {name: {"entity": entity} for name, entity in self.entities.items()},
            "created_at": int(time.time()),
        }
        return serialize(
            envelope,
            sort_keys=self.name.startswith("refund."),
            is_escaped=random.random() < 0.5,  # noqa: PLR2004 - as often as not
        )


SUCCESSES = frozenset({"payment.authorized", "payment.captured", "order.paid"})


def payment_event(name: str, payment: Entity) -> Event:
    """Tell of a payment."""
    shown = with_card(payment)
    if name == "payment.captured":
        shown |= {"base_amount": shown["amount"], "amount_transferred": 0, "reward": None}
    return Event(name, {"payment": shown})


def order_paid(payment: Entity, order: Entity) -> Event:
    """Tell of an order that has all its money."""
    shown = public(order) | {"description": None, "checkout": None}
    return Event("order.paid", {"payment": with_card(payment), "order": shown})


def refund_event(name: str, refund: Entity, payment: Entity) -> Event:
    """Tell of a refund, the payment's counters including it."""
    shown = with_card(payment) | {"base_amount": payment["amount"], "amount_transferred": 0}
    return Event(name, {"refund": public(refund), "payment": shown})


def serialize(envelope: dict[str, Any], *, sort_keys: bool, is_escaped: bool) -> str:
    r"""
    Write compact JSON, with ``\/`` and ``\uXXXX`` where it is escaped.

    Parsing an escaped body and writing it again gives other bytes, which is how a
    shop finds out that it checked the signature over the wrong ones.
    """
    text = json.dumps(envelope, separators=(",", ":"), sort_keys=sort_keys, ensure_ascii=is_escaped)
    # A slash can only stand inside a string, where its escape means the same.
    return text.replace("/", "\\/") if is_escaped else text


def sign(message: str, secret: str) -> str:
    """Return the lower-case hex HMAC-SHA256 of a message."""
    return hmac.new(secret.encode(), message.encode(), hashlib.sha256).hexdigest()
