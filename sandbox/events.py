"""The bodies of webhook events, byte for byte as they are signed and sent."""

import hashlib
import hmac
import json
import random
import time
from dataclasses import dataclass
from typing import Any

from sandbox.entities import Entity, public, with_card


@dataclass(frozen=True)
class Event:
    """Something that happened, with the entities as they were at that moment."""

    name: str
    entities: dict[str, Entity]

    @property
    def order_id(self) -> str | None:
        """The order that this is about, where it is about one."""
        return self._of_payment("order_id")

    @property
    def payment_id(self) -> str | None:
        """The payment that this is about, where it is about one."""
        return self._of_payment("id")

    def body(self, account_id: str) -> str:
        """Write the event once; every delivery of it sends these characters."""
        envelope: dict[str, Any] = {
            "entity": "event",
            "account_id": account_id,
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

    def _of_payment(self, name: str) -> str | None:
        found: str | None = self.entities.get("payment", {}).get(name)
        return found


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


def dispute_event(name: str, dispute: Entity, payment: Entity) -> Event:
    """Tell of a dispute and the payment that it is about."""
    shown = public(payment) | {"base_amount": payment["amount"], "amount_transferred": 0}
    return Event(name, {"payment": shown, "dispute": public(dispute)})


def settlement_event(settlement: Entity) -> Event:
    """Tell of money that went to the shop's bank account."""
    return Event("settlement.processed", {"settlement": public(settlement)})


def downtime_event(name: str, downtime: Entity) -> Event:
    """Tell of a method of payment that is out of order; the key of it has a dot."""
    shown = public(downtime) | {"instrument_schema": list(downtime["instrument"])}
    return Event(name, {"payment.downtime": shown})


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
