"""A day of a gateway's: accounts that have nothing else, and a clock that the test sets."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import _gateways as gateways_of
from app.core.ids import new_id
from app.payments.gateway import _gateways, gateway
from app.payments.models import Difference, Reconciliation
from app.treasury.reconciliation import INDIA
from tests.builders import Shop, values
from tests.gateway import open_gateway
from tests.payments.stripe_stub import StripeStub, open_stub

DAY = date(2026, 6, 10)
NOON = datetime(2026, 6, 10, 12, tzinfo=INDIA)


class Clock:
    """What the gateways take for the time."""

    def __init__(self) -> None:
        self.at = NOON

    def time(self) -> float:
        """Tell the time, a little later each time it is asked."""
        self.at += timedelta(milliseconds=1)
        return self.at.timestamp()


@dataclass
class Books:
    """Both gateways, with empty books, and what is tried there by others than the shop."""

    shop: Shop
    stripe: StripeStub
    clock: Clock

    def pay_foreign(self, name: str) -> str:
        """Pay another shop's order on the same account; returns the id of the try."""
        order = gateway(name).open(receipt=str(new_id()), amount=50_000, currency="INR")
        if name == "stripe":
            return self.stripe.pay(order)
        return self.shop.gateway.pay(order)["razorpay_payment_id"]


@contextmanager
def open_books(app: Flask) -> Iterator[Books]:
    """Give the shop accounts of its own for one test; their clock stands at noon of the day."""
    with (
        open_gateway() as opened,
        open_stub(opened) as stripe,
        pytest.MonkeyPatch.context() as patch,
    ):
        clock = Clock()
        for module in ("payments", "refunds", "stripe.objects"):
            patch.setattr(f"sandbox.{module}.time", clock)
        urls = {"razorpay_api_url": opened.url, "stripe_api_url": stripe.url}
        for one in gateways_of(app.config["ORA"].model_copy(update=urls)):
            patch.setitem(_gateways, one.name, one)
        yield Books(Shop(app, opened), stripe, clock)


def totals(session: Session, name: str = "razorpay") -> dict[str, int]:
    """What was written down of the day, in paise, but for the payments of others."""
    row = session.get_one(Reconciliation, (name, DAY), populate_existing=True)
    return {
        "captured": row.captured,
        "captured_at_gateway": row.captured_at_gateway,
        "refunded": row.refunded,
        "refunded_at_gateway": row.refunded_at_gateway,
        "foreign_payments": row.foreign_payments,
    }


def sums(captured: tuple[int, int], refunded: tuple[int, int] = (0, 0), foreign: int = 0) -> Any:
    """The totals of a day: here and there, of captures and of refunds."""
    return {
        "captured": captured[0],
        "captured_at_gateway": captured[1],
        "refunded": refunded[0],
        "refunded_at_gateway": refunded[1],
        "foreign_payments": foreign,
    }


def differences(session: Session) -> list[tuple[str, str, str, str, bool]]:
    """Every difference: its kind, what it is about, here, there, and whether it was repaired."""
    columns = (
        Difference.kind, Difference.subject, Difference.ours, Difference.theirs,
        Difference.is_repaired,
    )  # fmt: skip
    return values(session.execute(select(*columns).order_by(Difference.id)))
