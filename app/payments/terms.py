"""What payment gateways tell, in the shop's own words: news, whichever gateway they come from."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

AttemptStatus = Literal["created", "failed", "authorized", "lapsed", "captured"]
RefundStatus = Literal["pending", "processed", "failed"]
Speed = Literal["normal", "optimum"]


@dataclass(frozen=True, slots=True)
class AttemptNews:
    """One try to pay, as it stands; amounts in whole paise."""

    gateway_order_id: str
    gateway_payment_id: str
    status: AttemptStatus
    amount: int
    currency: str
    method: str | None = None
    error_reason: str | None = None
    # What went back of it so far, whoever asked for that.
    amount_refunded: int = 0
    created_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RefundNews:
    """Money that goes back, as it stands."""

    gateway_refund_id: str
    gateway_payment_id: str
    status: RefundStatus
    amount: int
    currency: str
    # What the shop called it when it asked; None where somebody else did.
    receipt: str | None = None
    speed: str | None = None
    # The bank sent it back, maybe after it had been processed.
    is_bounced: bool = False
    created_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class DisputeNews:
    """A payer's bank wants a capture back."""

    gateway_dispute_id: str
    gateway_payment_id: str
    status: str
    amount: int
    currency: str
    # What the bank took, once the dispute is lost.
    amount_deducted: int = 0
    phase: str | None = None
    reason: str | None = None
    respond_by: datetime | None = None
    created_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SettlementNews:
    """A gateway paid to the shop's bank account what it had captured for it."""

    gateway_settlement_id: str
    status: str
    amount: int
    fees: int
    tax: int
    # The bank's reference of the transfer.
    utr: str | None
    created_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class DowntimeNews:
    """A way to pay that does not work well at the moment, or does again."""

    gateway_downtime_id: str
    method: str
    status: str
    severity: str | None
    # Which bank, network or app it is, as the gateway words it.
    instrument: dict[str, str]
    began_at: datetime | None
    ended_at: datetime | None


News = AttemptNews | RefundNews | DisputeNews | SettlementNews | DowntimeNews


@dataclass(frozen=True, slots=True)
class Envelope:
    """What is known of a signed delivery before anybody reads it closely."""

    # None where the gateway sent none, or one that cannot be stored.
    event_id: str | None
    # Such as payment.captured; empty where the body has none.
    name: str
    # The gateway's order that it is about, where it names one.
    gateway_order_id: str | None
    # Whether a payer is at work on it, so that its units can wait for the worker.
    is_paying: bool
