"""What gateways tell, however it reaches the shop, and which story it asks for."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from app.checkout.complete import complete_payments
from app.checkout.follow import follow_attempts
from app.core.db import transaction
from app.payments import attempts, downtimes, settlements
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


def is_alone(gateway_name: str, news: AttemptNews) -> bool:
    """Tell whether a try has to be taken alone, since its gateway may be asked for the money."""
    return news.status == "authorized" and gateway(gateway_name).is_capture_manual


def take_together(told: Sequence[AttemptNews]) -> None:
    """
    Take news about tries to pay, of which those of captures are concluded all or none.

    Raises:
        PaymentNotFound: one is about nothing of this shop's.
        StaleEpoch, InsufficientStock: one stands in the way of the others; take each alone.
    """
    news_of_tries = attempts.furthest(told)
    captured = [news for news in news_of_tries if news.status == "captured"]
    others = [news for news in news_of_tries if news.status != "captured"]
    if others:
        follow_attempts(others)
    if captured:
        complete_payments(captured)


def _attempt(gateway_name: str, news: AttemptNews) -> None:
    take_together([news])
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
