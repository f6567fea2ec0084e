"""Everything we know about Razorpay's API: its SDK with the traps closed, and its signatures."""

import hashlib
import hmac
from collections.abc import Callable, Sequence
from typing import Any

import certifi
import razorpay
import requests
import structlog
from razorpay.errors import BadRequestError, GatewayError, ServerError
from requests.exceptions import RequestException

from app.core.problems import Problem
from app.payments.errors import GatewayRefused, GatewayUnavailable

log = structlog.get_logger(__name__)

# Connect and read; the SDK itself would wait for ever.
TIMEOUT_SECONDS = (3.05, 10)
# Razorpay asks for the speed each time, or takes the dashboard's, which may cost a fee.
REFUND_SPEED = "normal"
TOO_MANY_REQUESTS = 429


class Gateway:
    """Razorpay, as far as the shop needs it; every call ends within its time-out."""

    def __init__(self, *, key_id: str, key_secret: str, base_url: str) -> None:
        """Keep one HTTP session for this process."""
        self.key_id = key_id
        self._key_secret = key_secret
        session = requests.Session()
        session.hooks["response"].append(_keep_error)
        self._client = razorpay.Client(session, auth=(key_id, key_secret), base_url=base_url)
        # The SDK brings authorities of 2015; requests' own list is kept up to date.
        self._client.cert_path = certifi.where()
        self._session = session

    def close(self) -> None:
        """Close the HTTP session."""
        self._session.close()

    def create_order(self, *, receipt: str, amount: int, currency: str) -> str:
        """
        Have Razorpay ask for ``amount`` paise; returns its order id.

        Raises:
            GatewayUnavailable: no answer; the order may exist, find it by its receipt.
            GatewayRefused: Razorpay will not have it.
        """
        data = {"amount": amount, "currency": currency, "receipt": receipt}
        order = _call(lambda: self._client.order.create(data, timeout=TIMEOUT_SECONDS))
        return str(order["id"])

    def find_order(self, *, receipt: str) -> str | None:
        """Find the order of a receipt, whose answer may have been lost."""
        query = {"receipt": receipt}
        found = _call(lambda: self._client.order.all(query, timeout=TIMEOUT_SECONDS))
        return next((str(order["id"]) for order in found["items"]), None)

    def payments_of(self, razorpay_order_id: str) -> list[dict[str, Any]]:
        """
        List every try to pay an order, as Razorpay has it now.

        By the order, since Razorpay's own lists lag behind by minutes.

        Raises:
            GatewayUnavailable: no answer; ask again later.
        """
        found = _call(
            lambda: self._client.order.payments(razorpay_order_id, timeout=TIMEOUT_SECONDS)
        )
        return [item for item in found["items"] if isinstance(item, dict)]

    def refund(self, razorpay_payment_id: str, *, amount: int, key: str) -> dict[str, Any]:
        """
        Send ``amount`` paise of a captured payment back; the same ``key`` refunds once.

        Raises:
            GatewayUnavailable: no answer, or the first request with this key still runs.
            GatewayRefused: Razorpay will not, for lack of balance for example.
        """
        entity: dict[str, Any] = _call(
            lambda: self._client.payment.refund(
                razorpay_payment_id,
                {"amount": amount, "speed": REFUND_SPEED, "receipt": key},
                headers={"X-Refund-Idempotency": key},
                timeout=TIMEOUT_SECONDS,
            )
        )
        return entity

    def is_signed_payment(
        self, *, razorpay_order_id: str, razorpay_payment_id: str, signature: str
    ) -> bool:
        """Tell whether Razorpay signed that this payment belongs to this order."""
        return _is_signed(
            f"{razorpay_order_id}|{razorpay_payment_id}".encode(), signature, self._key_secret
        )


def is_signed_webhook(body: bytes, signature: str, secrets: Sequence[str]) -> bool:
    """
    Tell whether one of ``secrets`` signed these very bytes, in constant time.

    Over the bytes as they came: a body that was parsed and written again differs.
    """
    matches = [_is_signed(body, signature, secret) for secret in secrets]
    return any(matches)


_gateway: Gateway | None = None


def connect(*, key_id: str, key_secret: str, base_url: str) -> None:
    """Give this process its gateway; a second call replaces the first."""
    global _gateway  # noqa: PLW0603 - one of the process-wide things, reached by gateway()
    disconnect()
    _gateway = Gateway(key_id=key_id, key_secret=key_secret, base_url=base_url)


def disconnect() -> None:
    """Close this process' connections."""
    if _gateway is not None:
        _gateway.close()


def gateway() -> Gateway:
    """Return this process' gateway."""
    assert _gateway is not None, "razorpay.connect() was not called"  # noqa: S101
    return _gateway


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
    error = body.get("error") if isinstance(body, dict) else None
    raise _RefusedError(response.status_code, error if isinstance(error, dict) else {})


def _call(ask: Callable[[], Any]) -> Any:
    try:
        return ask()
    except _RefusedError as refused:
        raise _problem(refused) from refused
    except (RequestException, BadRequestError, GatewayError, ServerError) as error:
        log.warning("razorpay.unavailable", error=str(error))
        raise GatewayUnavailable(retry_after=5) from error


def _problem(refused: _RefusedError) -> Problem:
    error = {k: refused.error.get(k) for k in ("code", "description", "reason", "field")}
    log.warning("razorpay.refused", status=refused.status, **error)
    passing = refused.status >= requests.codes.server_error or refused.status in (
        TOO_MANY_REQUESTS,
        requests.codes.conflict,
    )
    if passing:
        return GatewayUnavailable(retry_after=5)
    return GatewayRefused(str(error["description"] or "no reason given"), gateway_error=error)
