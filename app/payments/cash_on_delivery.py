"""Cash on delivery: the buyer's word now, the money at the door, and no network in between."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from app.core.money import CURRENCY, rupees
from app.payments.errors import GatewayNotOffered
from app.payments.terms import AttemptNews, Envelope, News, RefundNews, Speed

NAME = "cash_on_delivery"


class CashOnDelivery:
    """
    Money that the courier brings.

    Opening a payment promises it, staff capture it when it has come in, and a refund is paid out
    by hand: it stays pending until staff say that it was.
    """

    name = NAME
    pays_on_delivery = True
    # It is staff who say that money has come, never a worker.
    is_capture_manual = False

    def __init__(self, *, up_to: int) -> None:
        """Take orders of ``up_to`` paise in this way."""
        self._up_to = up_to

    def close(self) -> None:
        """Have nothing to close."""

    def open(self, *, receipt: str, amount: int, currency: str) -> str:  # noqa: ARG002
        """Take the promise of an amount that is not too large."""
        if amount > self._up_to:
            raise GatewayNotOffered(f"Cash is taken up to {rupees(self._up_to)} an order.")
        return f"cod_{receipt}"

    def for_the_payer(self, gateway_order_id: str) -> dict[str, Any]:  # noqa: ARG002
        """Ask nothing of the browser."""
        return {}

    def is_authentic(self, proof: Mapping[str, str]) -> bool:  # noqa: ARG002
        """Know of nothing that a browser could bring."""
        return False

    def attempts(self, gateway_order_id: str) -> list[AttemptNews]:  # noqa: ARG002
        """Know nothing that the shop does not."""
        return []

    def attempt(self, gateway_payment_id: str) -> AttemptNews | None:  # noqa: ARG002
        """Know nothing that the shop does not."""
        return None

    def capture(self, attempt: AttemptNews) -> AttemptNews:
        """Believe staff that the money has come in."""
        return replace(attempt, status="captured")

    def refund(
        self,
        gateway_payment_id: str,
        *,
        amount: int,
        speed: Speed,  # noqa: ARG002
        key: str,
    ) -> RefundNews:
        """Leave it to staff to pay an amount out."""
        return RefundNews(
            f"codr_{key}", gateway_payment_id, "pending", amount, CURRENCY, receipt=key
        )

    def refunds(self, gateway_payment_id: str) -> list[RefundNews]:  # noqa: ARG002
        """Know nothing that the shop does not."""
        return []

    def attempts_between(self, since: datetime, until: datetime) -> Iterator[AttemptNews]:  # noqa: ARG002
        """Know nothing that the shop does not."""
        return iter(())

    def refunds_between(self, since: datetime, until: datetime) -> Iterator[RefundNews]:  # noqa: ARG002
        """Know nothing that the shop does not."""
        return iter(())

    def open_envelope(self, body: bytes, headers: Mapping[str, str]) -> Envelope | None:  # noqa: ARG002
        """Trust no delivery, since nobody delivers."""
        return None

    def read_event(self, body: bytes) -> Sequence[News]:  # noqa: ARG002
        """Read nothing, since nobody delivers."""
        return ()
