"""What gateways tell, however it reaches the shop, and which story it asks for."""

from collections.abc import Callable
from typing import Any, TypeVar

from app.checkout.complete import complete_payment
from app.checkout.follow import follow_attempt
from app.core.db import transaction
from app.payments import downtimes, settlements
from app.payments.errors import AttemptNotFound
from app.payments.gateway import gateway
from app.payments.terms import (
    AttemptNews,
    DisputeNews,
    DowntimeNews,
    News,
    RefundNews,
    SettlementNews,
)
from app.treasury.capture import capture_if_due
from app.treasury.dispute import follow_dispute
from app.treasury.refund import follow_refund

AboutAttempt = TypeVar("AboutAttempt", RefundNews, DisputeNews)


def take(gateway_name: str, news: News) -> None:
    """
    Do what a piece of news asks for; taken again, it changes nothing.

    Raises:
        PaymentNotFound, AttemptNotFound: it is about nothing of this shop's.
    """
    _STORIES[type(news)](gateway_name, news)


def _attempt(gateway_name: str, news: AttemptNews) -> None:
    if news.status == "captured":
        complete_payment(news)
        return
    follow_attempt(news)
    if news.status == "authorized":
        capture_if_due(gateway_name, news)


def _refund(gateway_name: str, news: RefundNews) -> None:
    _of_attempt(gateway_name, news, follow_refund)


def _dispute(gateway_name: str, news: DisputeNews) -> None:
    _of_attempt(gateway_name, news, follow_dispute)


def _of_attempt(
    gateway_name: str, news: AboutAttempt, story: Callable[[AboutAttempt], None]
) -> None:
    """Take news about a capture of which the shop has perhaps not heard yet: then it asks."""
    try:
        story(news)
    except AttemptNotFound:
        told = gateway(gateway_name).attempt(news.gateway_payment_id)
        if told is None:
            raise
        _attempt(gateway_name, told)
        story(news)


def _settlement(gateway_name: str, news: SettlementNews) -> None:
    with transaction() as session:
        settlements.record(session, gateway_name, news)


def _downtime(gateway_name: str, news: DowntimeNews) -> None:
    with transaction() as session:
        downtimes.record(session, gateway_name, news)


_STORIES: dict[type, Callable[[str, Any], None]] = {
    AttemptNews: _attempt,
    RefundNews: _refund,
    DisputeNews: _dispute,
    SettlementNews: _settlement,
    DowntimeNews: _downtime,
}
