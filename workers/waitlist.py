"""Customers who wait are told that a product is back."""

import structlog

from app.core.db import transaction
from app.core.redis_client import redis
from app.inventory import stock
from app.waitlist import waitlist

log = structlog.get_logger(__name__)


def tell_waiting() -> None:
    """Tell those who are next of all products that can be bought again."""
    with transaction() as session:
        products = waitlist.waited_for(session)
    levels = stock.levels(redis(), [product.sku for product in products])
    for product in products:
        with transaction() as session:
            told = waitlist.tell_next(session, product.id, levels[product.sku].available)
        if told:
            log.info("waitlist.told", sku=product.sku, customers=told)
