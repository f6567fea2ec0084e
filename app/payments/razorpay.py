"""Razorpay: its SDK with the traps closed, and what the shop asks of it."""

import hashlib
import hmac
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

import certifi
import razorpay
import requests
import structlog
from razorpay.errors import BadRequestError, GatewayError, ServerError
from requests.exceptions import RequestException

from app.payments import calls, razorpay_events, reading
from app.payments.calls import TIMEOUT_SECONDS
from app.payments.errors import GatewayRefused, GatewayUnavailable, MalformedEventError
from app.payments.terms import AttemptNews, Envelope, News, RefundNews, Speed

log = structlog.get_logger(__name__)
Told = TypeVar("Told")

NAME = "razorpay"
# Where Razorpay has a say about when captured money is taken: five days, its longest, so that a
# payment which a bank authorises late is captured too, and ends here rather than nowhere.
CAPTURE_WITHIN_MINUTES = 7_200
PAGE = 100
# Answers that say nothing about what was asked: ask again later.
NOT_NOW = (requests.codes.conflict, requests.codes.too_many_requests)
# Razorpay's own are 14 characters; anything else is a forwarder's, and is kept within bounds.
_EVENT_ID = re.compile(r"[\x21-\x7e]{1,100}")


class Razorpay:
    """Razorpay, as far as the shop needs it; every call ends within its time-out."""

    name = NAME
    pays_on_delivery = False

    def __init__(
        self,
        *,
        key_id: str,
        key_secret: str,
        base_url: str,
        webhook_secrets: Sequence[str] = (),
        account_id: str | None = None,
        is_capture_manual: bool = False,
    ) -> None:
        """Keep one HTTP session for this process."""
        self._key_id = key_id
        self._key_secret = key_secret
        self._webhook_secrets = tuple(webhook_secrets)
        self._account_id = account_id
        self.is_capture_manual = is_capture_manual
        self._session = requests.Session()
        self._session.hooks["response"].append(_keep_error)
        self._client = razorpay.Client(self._session, auth=(key_id, key_secret), base_url=base_url)
        # The SDK brings authorities of 2015; requests' own list is kept up to date.
        self._client.cert_path = certifi.where()

    def close(self) -> None:
        """Close the HTTP session."""
        self._session.close()

    def open(self, *, receipt: str, amount: int, currency: str) -> str:
        """Have Razorpay ask for ``amount`` paise; one order a receipt, as far as it tells."""
        return calls.repeatedly(
            self.name,
            lambda: self._find_order(receipt, amount) or self._create_order(
                receipt, amount=amount, currency=currency
            ),
        )  # fmt: skip

    def for_the_payer(self, gateway_order_id: str) -> dict[str, Any]:
        """Tell what Razorpay's checkout needs in the browser."""
        return {"key_id": self._key_id, "razorpay_order_id": gateway_order_id}

    def is_authentic(self, proof: Mapping[str, str]) -> bool:
        """Check Razorpay's signature that this payment belongs to this order."""
        signed = f"{proof['razorpay_order_id']}|{proof['razorpay_payment_id']}".encode()
        return _is_signed(signed, proof["razorpay_signature"], self._key_secret)

    def attempts(self, gateway_order_id: str) -> list[AttemptNews]:
        """List the tries to pay an order; by the order, since Razorpay's lists lag by minutes."""
        found = self._ask(lambda **how: self._client.order.payments(gateway_order_id, **how), _list)
        return list(razorpay_events.attempts([found]))

    def attempt(self, gateway_payment_id: str) -> AttemptNews | None:
        """Tell how a payment stands; None where it is of another account, or without an order."""
        try:
            return self._ask(
                lambda **how: self._client.payment.fetch(gateway_payment_id, **how),
                razorpay_events.attempt,
            )
        except GatewayRefused:
            return None

    def capture(self, attempt: AttemptNews) -> AttemptNews:
        """Take an authorised payment; Razorpay refuses a second time, so that it is asked then."""
        # A dictionary of this call's own: the SDK's default one is shared by all threads.
        currency = {"currency": attempt.currency}
        try:
            captured = self._ask(
                lambda **how: self._client.payment.capture(
                    attempt.gateway_payment_id, attempt.amount, dict(currency), **how
                ),
                razorpay_events.attempt,
            )
        except GatewayRefused:
            told = self.attempt(attempt.gateway_payment_id)
            if told is None or told.status != "captured":
                raise
            return told
        return captured or attempt

    def refund(self, gateway_payment_id: str, *, amount: int, speed: Speed, key: str) -> RefundNews:
        """Send ``amount`` paise back; the same ``key``, of 10 characters at least, refunds once."""
        return self._ask(
            lambda **how: self._client.payment.refund(
                gateway_payment_id,
                # Without an amount everything goes back; without a speed the dashboard's is taken.
                {"amount": amount, "speed": speed, "receipt": key},
                headers={"X-Refund-Idempotency": key},
                **how,
            ),
            razorpay_events.refund,
        )

    def refunds(self, gateway_payment_id: str) -> list[RefundNews]:
        """List the refunds of a payment."""
        found = self._pages(
            lambda page, **how: self._client.payment.fetch_multiple_refund(
                gateway_payment_id, page, **how
            )
        )
        return list(razorpay_events.refunds(found))

    def attempts_between(self, since: datetime, until: datetime) -> Iterator[AttemptNews]:
        """List the payments that were begun in a time; what is newer than minutes may lack."""
        found = self._pages(self._client.payment.all, since, until)
        return razorpay_events.attempts(found)

    def refunds_between(self, since: datetime, until: datetime) -> Iterator[RefundNews]:
        """List the refunds that were begun in a time; what is newer than minutes may lack."""
        found = self._pages(self._client.refund.all, since, until)
        return razorpay_events.refunds(found)

    def open_envelope(self, body: bytes, headers: Mapping[str, str]) -> Envelope | None:
        """Look at a delivery that one of the webhook secrets signed, the present or the last."""
        signature = headers.get("X-Razorpay-Signature", "")
        if not is_signed_webhook(body, signature, self._webhook_secrets):
            return None
        event_id = headers.get("X-Razorpay-Event-Id", "")
        name, gateway_order_id = razorpay_events.outline(reading.parse(body))
        return Envelope(
            event_id if _EVENT_ID.fullmatch(event_id) else None,
            name,
            gateway_order_id,
            is_paying=name.startswith("payment."),
        )

    def read_event(self, body: bytes) -> Sequence[News]:
        """Read an event, whose entities are as they were when it happened."""
        return razorpay_events.read(reading.parse(body), account_id=self._account_id)

    def _find_order(self, receipt: str, amount: int) -> str | None:
        """Find the order of a receipt, whose answer may have been lost."""
        found = _list(_call(lambda **how: self._client.order.all({"receipt": receipt}, **how)))
        orders = map(reading.find, found["items"])
        fitting = (order for order in orders if order.get("amount") == amount)
        return next((reading.text(order, "id") for order in fitting), None)

    def _create_order(self, receipt: str, *, amount: int, currency: str) -> str:
        capture = {
            "capture": "manual" if self.is_capture_manual else "automatic",
            "capture_options": {
                "automatic_expiry_period": CAPTURE_WITHIN_MINUTES,
                "manual_expiry_period": CAPTURE_WITHIN_MINUTES,
                "refund_speed": "normal",
            },
        }
        data = {"amount": amount, "currency": currency, "receipt": receipt, "payment": capture}
        try:
            order = _call(lambda **how: self._client.order.create(data, **how))
        except GatewayRefused as refused:
            # Some accounts take a receipt once, and name the order that has it.
            known = reading.find(refused.error, "metadata").get("order_id")
            if known is None:
                raise
            return str(known)
        return reading.text(order, "id")

    def _ask(self, call: Callable[..., Any], read: Callable[[dict[str, Any]], Told]) -> Told:
        return calls.repeatedly(self.name, lambda: read(_call(call)))

    def _pages(
        self,
        fetch: Callable[..., Any],
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> Iterator[dict[str, Any]]:
        """Fetch a list page by page; the last one is the first that is not full."""
        period = {"from": int(since.timestamp()), "to": int(until.timestamp()) - 1} if (
            since and until
        ) else {}  # fmt: skip
        skip = 0
        while True:
            page = period | {"count": PAGE, "skip": skip}
            found = self._ask(lambda page=page, **how: fetch(page, **how), _list)
            yield found
            if len(found["items"]) < PAGE:
                return
            skip += PAGE


def is_signed_webhook(body: bytes, signature: str, secrets: Sequence[str]) -> bool:
    """
    Tell whether one of ``secrets`` signed these very bytes, in constant time.

    Over the bytes as they came: a body that was parsed and written again differs.
    """
    matches = [_is_signed(body, signature, secret) for secret in secrets]
    return any(matches)


def _is_signed(message: bytes, signature: str, secret: str) -> bool:
    """Compare signatures as bytes; the SDK's own check fails on one that is not ASCII."""
    expected = hmac.digest(secret.encode(), message, hashlib.sha256).hex()
    return hmac.compare_digest(expected.encode(), signature.encode("utf-8", "surrogatepass"))


class _RefusedError(Exception):
    """An error answer of Razorpay, with what the SDK would drop."""

    def __init__(self, status: int, error: dict[str, Any]) -> None:
        self.status = status
        self.error = error


def _keep_error(response: requests.Response, *_: Any, **__: Any) -> None:
    """Raise a JSON error with its status and all of its fields, before the SDK drops them."""
    if response.status_code < requests.codes.bad_request:
        return
    try:
        body = response.json()
    except ValueError:
        body = None
    raise _RefusedError(response.status_code, reading.find(body, "error"))


def _list(answer: dict[str, Any]) -> dict[str, Any]:
    if not isinstance(answer.get("items"), list):
        raise MalformedEventError("no list of items")
    return answer


def _call(call: Callable[..., Any]) -> dict[str, Any]:
    """
    Make one call with a time-out, and tell errors of all kinds in two problems.

    Raises:
        GatewayUnavailable: no answer, an answer that cannot be read, a fault of theirs, or a
            request for patience.
        GatewayRefused: the answer is no.
    """
    try:
        answer = call(timeout=TIMEOUT_SECONDS)
    except _RefusedError as refused:
        raise _problem(refused) from refused
    except (RequestException, BadRequestError, GatewayError, ServerError) as error:
        log.warning("razorpay.unavailable", error=error)
        raise GatewayUnavailable(is_passing=True) from error
    if not isinstance(answer, dict):
        log.warning("razorpay.unreadable", answer=type(answer).__name__)
        raise GatewayUnavailable(is_passing=True)
    return answer


def _problem(refused: _RefusedError) -> GatewayUnavailable | GatewayRefused:
    names = ("code", "description", "reason", "field")
    error = {name: refused.error.get(name) for name in names}
    log.warning("razorpay.refused", status=refused.status, **error)
    if refused.status >= requests.codes.server_error or refused.status in NOT_NOW:
        # Who asks for patience gets it: only faults are tried again at once.
        return GatewayUnavailable(is_passing=refused.status not in NOT_NOW)
    return GatewayRefused(error | {"metadata": refused.error.get("metadata")})
