"""What the shop does by itself after a crash, and what has to be true of its stock then."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.redis_client import redis
from app.inventory.models import StockDrift
from tests.builders import Shop, sku_of
from tests.payments.purchase import make_due
from tests.races import books
from workers.stock import start_reconciliation


def reconcile(shop: Shop, session: Session) -> list[str]:
    """Let the reconciler look, and look again later; returns what it has found up to now."""
    start_reconciliation()
    shop.work("stock")
    make_due(session)
    shop.work("stock")
    return list(session.scalars(select(StockDrift.kind).order_by(StockDrift.id)))


def look(session: Session, name: str) -> books.Shelf:
    return books.look(session, redis(), [sku_of(name)])[sku_of(name)]


def check(session: Session, name: str) -> books.Shelf:
    """Check all that has to be true of a product at any moment; returns both sides of it."""
    shelf = look(session, name)
    books.check_ledger(shelf)
    books.check_promises(shelf)
    books.check_holdings(shelf)
    return shelf
