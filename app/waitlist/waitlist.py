"""The waitlist: joined, left, and told from the front."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, exists, func, select, true, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.catalog import products
from app.catalog.models import Product
from app.core import jobs
from app.core.redis_client import redis
from app.inventory import stock
from app.waitlist.errors import AvailableNow
from app.waitlist.models import WaitlistEntry

# As long as a reservation lasts: whoever is told has so much time before the next one is.
HEAD_START = timedelta(minutes=15)
# Of a product that everybody wants nobody needs to know more.
MOST_COUNTED = 1_000


def join(session: Session, user_id: UUID, slug: str) -> None:
    """
    Wait for a product; who waits already keeps their place.

    Raises:
        ProductNotFound: there is none on sale.
        AvailableNow: it can be bought.
    """
    product, _ = products.find(session, slug)
    if stock.levels(redis(), [product.sku])[product.sku].available > 0:
        raise AvailableNow
    session.execute(
        insert(WaitlistEntry)
        .values(user_id=user_id, product_id=product.id)
        .on_conflict_do_nothing()
    )


def leave(session: Session, user_id: UUID, slug: str) -> None:
    """Wait for a product no longer."""
    product, _ = products.find(session, slug)
    session.execute(
        delete(WaitlistEntry).where(
            WaitlistEntry.user_id == user_id,
            WaitlistEntry.product_id == product.id,
            WaitlistEntry.told_at.is_(None),
        )
    )


def forget(session: Session, user_id: UUID) -> None:
    """Forget whatever a customer waits for or was told of."""
    session.execute(delete(WaitlistEntry).where(WaitlistEntry.user_id == user_id))


def of(session: Session, user_id: UUID) -> Sequence[tuple[WaitlistEntry, Product]]:
    """List what a customer waits for or was told of, the newest first."""
    query = select(WaitlistEntry, Product).join(Product, Product.id == WaitlistEntry.product_id)
    rows = session.execute(
        query.where(WaitlistEntry.user_id == user_id)
        .order_by(WaitlistEntry.created_at.desc(), WaitlistEntry.id)
        .limit(100)
    )
    return [(entry, product) for entry, product in rows]


def find(session: Session, entry_id: UUID) -> tuple[WaitlistEntry, Product] | None:
    """Find an entry and its product; None where its customer has left."""
    query = select(WaitlistEntry, Product).join(Product, Product.id == WaitlistEntry.product_id)
    row = session.execute(query.where(WaitlistEntry.id == entry_id)).one_or_none()
    return None if row is None else (row[0], row[1])


def waited_for(session: Session) -> Sequence[Product]:
    """List the products on sale that somebody waits for."""
    waiting = select(WaitlistEntry.product_id).where(WaitlistEntry.told_at.is_(None))
    query = select(Product).where(Product.id.in_(waiting), Product.is_active)
    return session.scalars(query.order_by(Product.sku)).all()


def waiting(
    session: Session, *, limit: int, after: str | None
) -> Sequence[tuple[Product, int, datetime]]:
    """
    List the products that somebody waits for, in the order of their SKUs.

    Each with how many wait, counted up to MOST_COUNTED, and since when the first one does.
    """
    of_product = WaitlistEntry.product_id == Product.id, WaitlistEntry.told_at.is_(None)
    counted = select(WaitlistEntry.created_at).where(*of_product).limit(MOST_COUNTED)
    found = counted.order_by(WaitlistEntry.created_at).correlate(Product).subquery()
    facts = select(func.count().label("number"), func.min(found.c.created_at).label("since"))
    each = facts.select_from(found).lateral()
    query = select(Product, each.c.number, each.c.since).join(each, true())
    query = query.where(exists().where(*of_product))
    if after is not None:
        query = query.where(Product.sku > after)
    rows = session.execute(query.order_by(Product.sku).limit(limit))
    return [(product, number, since) for product, number, since in rows]


def tell_next(session: Session, product_id: UUID, units: int) -> int:
    """
    Have as many told as there are ``units``, less those who were told a moment ago.

    Returns how many. Whoever asked first is told first.
    """
    lately = select(func.count()).where(
        WaitlistEntry.product_id == product_id,
        WaitlistEntry.told_at > func.now() - HEAD_START,
    )
    due = units - session.scalars(lately).one()
    if due <= 0:
        return 0
    first = (
        select(WaitlistEntry.id)
        .where(WaitlistEntry.product_id == product_id, WaitlistEntry.told_at.is_(None))
        .order_by(WaitlistEntry.created_at, WaitlistEntry.id)
        .limit(due)
        .with_for_update()
    )
    told = session.scalars(
        update(WaitlistEntry)
        .where(WaitlistEntry.id.in_(first))
        .values(told_at=func.now())
        .returning(WaitlistEntry.id)
    ).all()
    for entry_id in told:
        jobs.stage(session, "mail.send_back_in_stock", entry_id=str(entry_id))
    return len(told)
