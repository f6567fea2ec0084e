"""Stripe: what the shop asks of it, by its own package, and what its events tell."""

import hashlib
import hmac
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import stripe
import structlog

from app.core.texts import storable
from app.payments import calls, reading
from app.payments.errors import GatewayRefused, GatewayUnavailable, IgnoredEventError
from app.payments.reading import Entity
from app.payments.terms import (
    AttemptNews,
    AttemptStatus,
    DisputeNews,
    Envelope,
    News,
    RefundNews,
    SettlementNews,
    Speed,
)

log = structlog.get_logger(__name__)

NAME = "stripe"
PAGE = 100
# A delivery is signed anew each time, so that an old signature is somebody's copy.
SIGNATURE_LIFETIME_SECONDS = 300
TOO_MANY_REQUESTS = 429
CONFLICT = 409
SERVER_ERROR = 500
LONGEST_KEY = 255
_SIGNATURE = re.compile(r"t=(\d{1,12}),(.{1,1000})")

REFUND_STATUSES = {
    "pending": "pending",
    "requires_action": "pending",
    "succeeded": "processed",
    "failed": "failed",
    "canceled": "failed",
}
DISPUTE_STATUSES = {
    "warning_needs_response": "open",
    "needs_response": "open",
    "warning_under_review": "under_review",
    "under_review": "under_review",
    "won": "won",
    "lost": "lost",
    "warning_closed": "closed",
    "prevented": "closed",
}


class Stripe:
    """Stripe, as far as the shop needs it: its payment intent is our payment, a charge a try."""

    name = NAME
    pays_on_delivery = False

    def __init__(
        self,
        *,
        secret_key: str,
        publishable_key: str,
        base_url: str,
        webhook_secrets: Sequence[str] = (),
        is_capture_manual: bool = False,
    ) -> None:
        """Keep one client for this process."""
        self._publishable_key = publishable_key
        self._webhook_secrets = tuple(webhook_secrets)
        self.is_capture_manual = is_capture_manual
        # It would measure calls, and keep an id of this machine in the home folder.
        stripe.enable_telemetry = False
        self._http = stripe.RequestsClient(timeout=calls.TIMEOUT_SECONDS)
        client = stripe.StripeClient(
            secret_key,
            base_addresses={"api": base_url},
            http_client=self._http,
            # Repeated here, where the breaker sees each try.
            max_network_retries=0,
        )
        self._api = client.v1

    def close(self) -> None:
        """Close the HTTP session."""
        self._http.close()  # type: ignore[no-untyped-call]

    def open(self, *, receipt: str, amount: int, currency: str) -> str:
        """Make a payment intent; the receipt is its idempotency key, so that it is made once."""
        wanted: Any = {
            "amount": amount,
            "currency": currency.lower(),
            "capture_method": "manual" if self.is_capture_manual else "automatic",
            "automatic_payment_methods": {"enabled": True},
            "metadata": {"receipt": receipt},
        }
        intent = self._ask(
            lambda: self._api.payment_intents.create(wanted, {"idempotency_key": f"open-{receipt}"})
        )
        return reading.text(intent, "id")

    def for_the_payer(self, gateway_order_id: str) -> dict[str, Any]:
        """Tell what Stripe.js needs in the browser."""
        intent = self._ask(lambda: self._api.payment_intents.retrieve(gateway_order_id))
        return {
            "publishable_key": self._publishable_key,
            "payment_intent": gateway_order_id,
            "client_secret": reading.text(intent, "client_secret"),
        }

    def is_authentic(self, proof: Mapping[str, str]) -> bool:
        """Ask whether the client secret is the one of this payment intent."""
        intent = self._ask(lambda: self._api.payment_intents.retrieve(proof["payment_intent"]))
        expected = reading.text(intent, "client_secret").encode()
        return hmac.compare_digest(expected, proof["payment_intent_client_secret"].encode())

    def attempts(self, gateway_order_id: str) -> list[AttemptNews]:
        """List the charges of a payment intent."""
        wanted: Any = {"payment_intent": gateway_order_id, "limit": PAGE}
        return list(_tries(self._ask_all(lambda: self._api.charges.list(wanted))))

    def attempt(self, gateway_payment_id: str) -> AttemptNews | None:
        """Tell how a charge stands; None where it is of another account, or without an intent."""
        try:
            return _attempt(self._ask(lambda: self._api.charges.retrieve(gateway_payment_id)))
        except GatewayRefused:
            return None

    def capture(self, attempt: AttemptNews) -> AttemptNews:
        """Take an authorised charge; Stripe refuses a second time, so that it is asked then."""
        key = {"idempotency_key": f"capture-{attempt.gateway_payment_id}"}
        intent_id = attempt.gateway_order_id
        try:
            self._ask(lambda: self._api.payment_intents.capture(intent_id, {}, dict(key)))  # type: ignore[arg-type]
        except GatewayRefused:
            told = self.attempt(attempt.gateway_payment_id)
            if told is None or told.status != "captured":
                raise
            return told
        return self.attempt(attempt.gateway_payment_id) or attempt

    def refund(self, gateway_payment_id: str, *, amount: int, speed: Speed, key: str) -> RefundNews:  # noqa: ARG002
        """Send an amount of a charge back; Stripe knows one speed, and one refund a key."""
        wanted: Any = {"charge": gateway_payment_id, "amount": amount, "metadata": {"receipt": key}}
        # Under its key Stripe repeats a refusal for a day, though it might not refuse any more.
        for again in range(LONGEST_KEY - len(key)):
            try:
                return self._create_refund(wanted, key + "+" * again)
            except GatewayRefused as refused:
                if not refused.error["is_repeated"]:
                    raise
        raise GatewayUnavailable

    def refunds(self, gateway_payment_id: str) -> list[RefundNews]:
        """List the refunds of a charge."""
        wanted: Any = {"charge": gateway_payment_id, "limit": PAGE}
        return [_refund(entity) for entity in self._ask_all(lambda: self._api.refunds.list(wanted))]

    def attempts_between(self, since: datetime, until: datetime) -> Iterator[AttemptNews]:
        """List the charges that were begun in a time."""
        wanted: Any = _begun(since, until)
        return _tries(self._ask_all(lambda: self._api.charges.list(wanted)))

    def refunds_between(self, since: datetime, until: datetime) -> Iterator[RefundNews]:
        """List the refunds that were begun in a time."""
        wanted: Any = _begun(since, until)
        return map(_refund, self._ask_all(lambda: self._api.refunds.list(wanted)))

    def open_envelope(self, body: bytes, headers: Mapping[str, str]) -> Envelope | None:
        """Look at a delivery that was signed with one of the secrets within the last minutes."""
        signature = headers.get("Stripe-Signature", "")
        if not _is_signed(body, signature, self._webhook_secrets):
            return None
        event = reading.parse(body)
        name = (reading.optional(event, "type") or "")[:100]
        intent = reading.optional(reading.find(event, "data", "object"), "payment_intent")
        return Envelope(
            (storable(event.get("id")) or "")[:100] or None,
            name,
            intent,
            is_paying=name.startswith("charge."),
        )

    def read_event(self, body: bytes) -> Sequence[News]:
        """Read an event, whose object is as it was when it happened."""
        event = reading.parse(body)
        name = reading.optional(event, "type") or ""
        reader = _READERS.get(name)
        if reader is None:
            raise IgnoredEventError("no story for this event")
        news = reader(reading.require(event, "data", "object"))
        return [] if news is None else [news]

    def _create_refund(self, wanted: Any, key: str) -> RefundNews:
        return _refund(
            self._ask(lambda: self._api.refunds.create(wanted, {"idempotency_key": key}))
        )

    def _ask(self, call: Callable[[], Any]) -> dict[str, Any]:
        return calls.repeatedly(self.name, lambda: _call(call).to_dict())

    def _ask_all(self, call: Callable[[], Any]) -> list[dict[str, Any]]:
        """Fetch a list, page by page."""
        return calls.repeatedly(
            self.name,
            lambda: _call(lambda: [e.to_dict() for e in call().auto_paging_iter()]),
        )


def _is_signed(body: bytes, header: str, secrets: Iterable[str]) -> bool:
    """Compare signatures as bytes; the package's own check fails on one that is not ASCII."""
    match = _SIGNATURE.fullmatch(header)
    if match is None or int(match[1]) < time.time() - SIGNATURE_LIFETIME_SECONDS:
        return False
    message = match[1].encode() + b"." + body
    expected = [
        b"v1=" + hmac.digest(s.encode(), message, hashlib.sha256).hex().encode() for s in secrets
    ]
    given = [part.encode("utf-8", "surrogatepass") for part in match[2].split(",")]
    matches = [hmac.compare_digest(one, other) for one in expected for other in given]
    return any(matches)


def _call(call: Callable[[], Any]) -> Any:
    """
    Make one call, and tell errors of all kinds in two problems.

    Raises:
        GatewayUnavailable: no answer, a fault of theirs, or a request for patience.
        GatewayRefused: the answer is no.
    """
    try:
        return call()
    except stripe.StripeError as error:
        status = error.http_status
        told = {"code": error.code, "description": error.user_message, "status": status}
        told["is_repeated"] = (error.headers or {}).get("Idempotent-Replayed") == "true"
        log.warning("stripe.refused", **told)
        if status in (TOO_MANY_REQUESTS, CONFLICT):
            raise GatewayUnavailable from error
        if status is None or status >= SERVER_ERROR:
            raise GatewayUnavailable(is_passing=True) from error
        raise GatewayRefused(told) from error


def _begun(since: datetime, until: datetime) -> dict[str, Any]:
    created = {"gte": int(since.timestamp()), "lt": int(until.timestamp())}
    return {"created": created, "limit": PAGE}


def _tries(entities: Iterable[Entity]) -> Iterator[AttemptNews]:
    return (news for entity in entities if (news := _attempt(entity)) is not None)


def _attempt(charge: Entity) -> AttemptNews | None:
    """Read a charge; None for one without a payment intent, which is not of this shop's making."""
    if charge.get("payment_intent") is None:
        return None
    is_captured = bool(charge.get("captured"))
    return AttemptNews(
        gateway_order_id=reading.text(charge, "payment_intent"),
        gateway_payment_id=reading.text(charge, "id"),
        status=_status(charge, is_captured=is_captured),
        amount=reading.amount(charge, "amount"),
        currency=reading.text(charge, "currency").upper(),
        method=reading.optional(reading.find(charge, "payment_method_details"), "type"),
        error_reason=reading.optional(charge, "failure_code"),
        amount_refunded=reading.whole(charge, "amount_refunded") if is_captured else 0,
        created_at=reading.instant(charge, "created"),
    )


def _status(charge: Entity, *, is_captured: bool) -> AttemptStatus:
    """Tell how a charge stands; one that was refunded without a capture has lapsed."""
    succeeded: AttemptStatus = "lapsed" if charge.get("refunded") else "authorized"
    statuses: dict[str, AttemptStatus] = {
        "pending": "created",
        "failed": "failed",
        "succeeded": "captured" if is_captured else succeeded,
    }
    status: AttemptStatus = reading.word(charge, "status", statuses)
    return status


def _refund(refund: Entity) -> RefundNews:
    return RefundNews(
        gateway_refund_id=reading.text(refund, "id"),
        gateway_payment_id=reading.text(refund, "charge"),
        status=reading.word(refund, "status", REFUND_STATUSES),
        amount=reading.amount(refund, "amount"),
        currency=reading.text(refund, "currency").upper(),
        receipt=reading.optional(reading.find(refund, "metadata"), "receipt"),
        # Here a refund may fail weeks after it succeeded.
        is_bounced=refund.get("status") == "failed",
        created_at=reading.instant(refund, "created"),
    )


def _dispute(dispute: Entity) -> DisputeNews:
    status = reading.word(dispute, "status", DISPUTE_STATUSES)
    amount = reading.amount(dispute, "amount")
    return DisputeNews(
        gateway_dispute_id=reading.text(dispute, "id"),
        gateway_payment_id=reading.text(dispute, "charge"),
        status=status,
        amount=amount,
        currency=reading.text(dispute, "currency").upper(),
        amount_deducted=amount if status == "lost" else 0,
        phase="chargeback",
        reason=reading.optional(dispute, "reason"),
        respond_by=reading.instant(reading.find(dispute, "evidence_details"), "due_by"),
        created_at=reading.instant(dispute, "created"),
    )


def _payout(payout: Entity) -> SettlementNews:
    """Read a payout; Stripe takes its fees from each charge, and tells them elsewhere."""
    return SettlementNews(
        gateway_settlement_id=reading.text(payout, "id"),
        status="processed",
        amount=reading.whole(payout, "amount"),
        fees=0,
        tax=0,
        utr=reading.optional(reading.find(payout, "trace_id"), "value"),
        created_at=reading.instant(payout, "created"),
    )


# An intent's own events say nothing that its charges' do not.
_READERS: dict[str, Callable[[Entity], News | None]] = {
    **dict.fromkeys(
        (
            f"charge.{step}"
            for step in ("pending", "succeeded", "captured", "failed", "updated", "expired",
                         "refunded")
        ),
        _attempt,
    ),
    **dict.fromkeys((f"refund.{step}" for step in ("created", "updated", "failed")), _refund),
    **dict.fromkeys(
        (f"charge.dispute.{step}" for step in ("created", "updated", "closed")), _dispute
    ),
    "payout.paid": _payout,
}  # fmt: skip
