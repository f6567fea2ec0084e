"""Stock: every product's numbers side by side, and why a unit is not on sale."""

from typing import Any, ClassVar
from uuid import UUID, uuid4

from flask import request
from flask_admin import expose
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.backoffice import actors, forms
from app.backoffice.page import ADMINS, EVERYBODY, Page, done, person
from app.catalog.models import Product
from app.core import sheets
from app.core.db import transaction
from app.core.money import CURRENCY
from app.core.problems import invalid
from app.core.redis_client import redis
from app.core.texts import storable
from app.inventory import adjustments, stock
from app.inventory.adjustments import KINDS, Change
from app.inventory.models import Reservation, StockDrift, StockMovement
from app.inventory.schemas import ChangeSchema
from app.merchandising import images, pictures, products
from app.merchandising.schemas import TermsSchema
from app.orders.models import Order
from app.transfers import exports

AT_ONCE = 50
LATEST = 30


class Shelf(Page):
    """Stock."""

    GROUP = "Selling"
    ALLOWED: ClassVar = {
        "index": EVERYBODY, "show": EVERYBODY, "adjust": EVERYBODY, "change": ADMINS,
        "export": EVERYBODY, "add_image": ADMINS, "remove_image": ADMINS, "show_first": ADMINS,
    }  # fmt: skip

    # The fields beside the picture come with it.
    UPLOADS: ClassVar = {"add_image": pictures.MOST_BYTES + 64 * 1024}

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
                "backoffice/product.html",
                product=product,
                levels=stock.status(redis(), sku).levels,
                remembered=_remembered(session, product),
                holders=_holders(session, product),
                ledger=moved,
                names=actors.named(session, [row.actor for row in moved]),
                drifts=_drifts(session, product),
                images=images.of_product(session, product),
                most_images=images.MOST,
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

    @expose("/<sku:sku>/change", methods=("POST",))
    def change(self, sku: str) -> Any:
        """Change what a product is; a form that is older than somebody else's is refused."""
        values: dict[str, Any] = {
            name: request.form.get(name, "") for name in ("name", "description", "hsn_code")
        }
        values |= {name: forms.whole(name) for name in ("purchase_limit", "low_stock_threshold")}
        values["price"] = {"amount": forms.paise("price"), "currency": CURRENCY}
        values["tax_basis_points"] = forms.whole("tax_basis_points")
        values["is_active"] = "is_active" in request.form
        products.change_product(
            sku, revision=_revision(),
            values=forms.load(TermsSchema(partial=True), values),
        )  # fmt: skip
        return done(f"{sku} is as you wrote.", "shelf.show", sku=sku)

    @expose("/<sku:sku>/add-image", methods=("POST",))
    def add_image(self, sku: str) -> Any:
        """Add a picture; what is kept is drawn anew from its pixels."""
        alt, file = forms.text("alt"), request.files.get("picture")
        if alt is None:
            raise invalid("#/alt", "is needed: what is to be seen")
        if file is None or not file.filename:
            raise invalid("#/picture", "Choose a picture first.")
        images.add(sku, file.read(), alt=alt)
        return done("The picture was added.", "shelf.show", sku=sku)

    @expose("/<sku:sku>/images/<uuid:image_id>/remove", methods=("POST",))
    def remove_image(self, sku: str, image_id: UUID) -> Any:
        """Remove a picture."""
        images.remove(sku, image_id)
        return done("The picture was removed.", "shelf.show", sku=sku)

    @expose("/<sku:sku>/images/<uuid:image_id>/first", methods=("POST",))
    def show_first(self, sku: str, image_id: UUID) -> Any:
        """Show a picture before the others, and in lists."""
        with transaction() as session:
            kept = images.of_product(session, products.find_product(session, sku))
        others = [image.id for image in kept if image.id != image_id]
        images.arrange(sku, [image_id, *others])
        return done("It is shown first.", "shelf.show", sku=sku)


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


def _revision() -> int:
    revision = forms.whole("revision")
    if not isinstance(revision, int):
        raise invalid("#/revision", "The form is not one of ours.")
    return revision
