"""Stock: every product's numbers side by side, and why a unit is not on sale."""

from typing import Any, ClassVar
from uuid import uuid4

from flask import request
from flask_admin import expose
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.backoffice import actors, forms
from app.backoffice.page import EVERYBODY, Page, done, person
from app.catalog.models import Product
from app.core import sheets
from app.core.db import transaction
from app.core.problems import invalid
from app.core.redis_client import redis
from app.core.texts import storable
from app.inventory import adjustments, stock
from app.inventory.adjustments import KINDS, Change
from app.inventory.models import Reservation, StockDrift, StockMovement
from app.inventory.schemas import ChangeSchema
from app.merchandising import products
from app.orders.models import Order
from app.transfers import exports
from app.waiting_room import scripts

AT_ONCE = 50
LATEST = 30


class Shelf(Page):
    """Stock."""

    GROUP = "Selling"
    ALLOWED: ClassVar = {
        "index": EVERYBODY, "show": EVERYBODY, "adjust": EVERYBODY, "export": EVERYBODY,
    }  # fmt: skip

    @expose("/")
    def index(self) -> Any:
        """List the stock of all products in the order of their SKUs, or of the low ones."""
        is_low, after = "low" in request.args, storable(request.args.get("after"))
        term = request.args.get("q", "").strip()
        with transaction() as session:
            if term:
                skus = _called(session, term)
            else:
                skus = list(stock.page(session, is_low=is_low, limit=AT_ONCE + 1, after=after))
        more = skus[AT_ONCE - 1] if len(skus) > AT_ONCE else None
        rows = stock.statuses(redis(), skus[:AT_ONCE])
        return self.render("backoffice/shelf.html", rows=rows, more=more, is_low=is_low, term=term)

    @expose("/export/<any(products, stock):kind>")
    def export(self, kind: str) -> Any:
        """Give all products, or the stock of all, as a file; that it was taken is written down."""
        return sheets.file(f"{kind}.csv", exports.export(kind))

    @expose("/<sku:sku>")
    def show(self, sku: str) -> Any:
        """Show one product: what Redis and Postgres each say, who holds it, and its ledger."""
        with transaction() as session:
            product = products.find_product(session, sku)
            moved = _ledger(session, product)
            return self.render(
                "backoffice/stock.html",
                product=product,
                levels=stock.status(redis(), sku).levels,
                remembered=_remembered(session, product),
                room=scripts.count(redis(), sku) if product.has_waiting_room else None,
                holders=_holders(session, product),
                ledger=moved,
                names=actors.named(session, [row.actor for row in moved]),
                drifts=_drifts(session, product),
                kinds=KINDS,
                reference=str(uuid4()),
            )

    @expose("/<sku:sku>/adjust", methods=("POST",))
    def adjust(self, sku: str) -> Any:
        """
        Book a change of on hand: so many more or fewer, and why; never a number to be set.

        A form that was opened before somebody else's change is refused.
        """
        form = request.form
        wanted = forms.load(ChangeSchema(), {
            "sku": sku, "delta": forms.whole("delta"), "kind": form.get("kind", ""),
            "reason": form.get("reason", ""),
        })  # fmt: skip
        with transaction() as session:
            product = products.find_product(session, sku)
        if str(product.stock_version) != form.get("stock_version"):
            raise invalid("#/delta", "The stock has changed since; look at it again.")
        change = Change(sku, wanted["kind"], wanted["delta"], wanted["reason"])
        reference = f"page-{form.get('reference', '')[:50]}"
        adjustments.adjust(redis(), [change], reference=reference, actor=person().actor)
        return done(f"{sku}: {wanted['delta']:+} units booked.", "shelf.show", sku=sku)


def _called(session: Session, term: str) -> list[str]:
    """List the SKUs of what is called so."""
    text = storable(term)
    if text is None:
        return []
    found = products.page(
        session, q=text, is_active=None, category=None, limit=AT_ONCE, cursor=None
    )  # fmt: skip
    return [product.sku for product in found.items]


def _remembered(session: Session, product: Product) -> dict[str, int]:
    """Tell what Postgres has of the levels."""
    query = select(Reservation.units).where(
        Reservation.product_id == product.id,
        Reservation.state == "pending",
        Reservation.deadline_at > func.now(),
    )
    reserved = sum(session.scalars(query))
    return {"on_hand": product.stock_quantity, "reserved": reserved}


def _holders(session: Session, product: Product) -> list[Any]:
    """List the orders that hold units of it unpaid, the first to let go first."""
    query = (
        select(Order, Reservation.units, Reservation.deadline_at)
        .join(Reservation, Reservation.order_id == Order.id)
        .where(Reservation.product_id == product.id, Reservation.state == "pending")
        .order_by(Reservation.deadline_at)
        .limit(LATEST)
    )
    return list(session.execute(query))


def _ledger(session: Session, product: Product) -> list[StockMovement]:
    query = select(StockMovement).where(StockMovement.product_id == product.id)
    return list(session.scalars(query.order_by(StockMovement.id.desc()).limit(LATEST)))


def _drifts(session: Session, product: Product) -> list[StockDrift]:
    query = select(StockDrift).where(StockDrift.product_id == product.id)
    return list(session.scalars(query.order_by(StockDrift.id.desc()).limit(5)))
