"""Pre-orders: what is sold before it is there, what came of it, and who waits for what."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar
from uuid import uuid4

from flask import make_response, request
from flask_admin import expose
from sqlalchemy import select

from app.backoffice import actors, forms
from app.backoffice.forms import Wrong
from app.backoffice.page import EVERYBODY, Page, done, person
from app.catalog.models import Product
from app.core.db import transaction
from app.core.india import INDIA
from app.core.problems import ValidationFailed, invalid
from app.core.redis_client import redis
from app.core.texts import storable
from app.fulfilment import preorders
from app.fulfilment.errors import PiecesMissing, PreorderOpen, StockOnHand
from app.fulfilment.schemas import ArrivalSchema, NewPreorderSchema, ShipsOnSchema
from app.inventory import stock
from app.inventory.errors import InsufficientStock, UnknownSku
from app.merchandising import products
from app.waitlist import waitlist

AT_ONCE = 25
VIEWS = ("on pre-order", "arrived", "waited for")


class Preorders(Page):
    """Pre-orders, and who waits."""

    GROUP = "Selling"
    ALLOWED: ClassVar = dict.fromkeys(
        ("index", "new", "make", "show", "postpone", "arrive"), EVERYBODY
    )

    @expose("/")
    def index(self) -> Any:
        """List what is on pre-order, what came of it, or what is waited for."""
        view = request.args.get("view", VIEWS[0])
        if view == "arrived":
            return self._list_arrivals()
        if view == "waited for":
            return self._list_waiting()
        with transaction() as session:
            found = preorders.list_preorders(session)
        today = datetime.now(UTC).astimezone(INDIA).date()
        return self.render(
            "backoffice/preorders.html", view=VIEWS[0], views=VIEWS, found=found, today=today
        )

    @expose("/new")
    def new(self) -> Any:
        """Show the form of a new one."""
        values = {"sku": request.args.get("sku", "")}
        return self.render("backoffice/new_preorder.html", values=values, wrong={})

    @expose("/make", methods=("POST",))
    def make(self) -> Any:
        """Sell a product before it is there, up to a limit."""
        wrong, form = Wrong(), request.form
        values = wrong.load(NewPreorderSchema(), {
            "sku": form.get("sku", "").strip(), "limit": forms.whole("limit"),
            "ships_on": form.get("ships_on", ""),
        })  # fmt: skip
        if not wrong:
            try:
                made = preorders.open_preorder(**values, actor=person().actor)
            except (UnknownSku, PreorderOpen, StockOnHand, ValidationFailed) as problem:
                wrong.take(problem, "sku")
            else:
                return done(f"{made.name} is on pre-order.", "preorders_page.show", sku=made.sku)
        shown = self.render("backoffice/new_preorder.html", values=form, wrong=wrong)
        return make_response(shown, 422)

    @expose("/<sku:sku>")
    def show(self, sku: str) -> Any:
        """Show one: how many are promised, to whom, and what is to be done."""
        return self._render(sku, {}, {})

    @expose("/<sku:sku>/postpone", methods=("POST",))
    def postpone(self, sku: str) -> Any:
        """Promise another day from now on; a form that shows another one is refused."""
        wrong = Wrong()
        values = wrong.load(ShipsOnSchema(), {"ships_on": request.form.get("ships_on", "")})
        if not wrong:
            with transaction() as session:
                promised = preorders.find_preorder(session, sku).ships_on
            if request.form.get("shown") != str(promised):
                raise invalid("#/shown", "Somebody changed the day meanwhile. Look at it again.")
            try:
                preorders.postpone_preorder(sku, **values)
            except ValidationFailed as problem:
                wrong.take(problem)
            else:
                words = "Another day is promised from now on; orders keep the one they have."
                return done(words, "preorders_page.show", sku=sku)
        return make_response(self._render(sku, request.form, wrong), 422)

    @expose("/<sku:sku>/arrive", methods=("POST",))
    def arrive(self, sku: str) -> Any:
        """Take the pieces in, which ends it; sent twice, they came once."""
        wrong = Wrong()
        values = wrong.load(ArrivalSchema(), {
            "received": forms.whole("received"),
            "reference": f"page-{request.form.get('reference', '')[:50]}",
        })  # fmt: skip
        if not wrong:
            try:
                preorders.end_preorder(sku, **values, actor=person().actor)
            except PiecesMissing as problem:
                promised = problem.members["promised"]
                wrong["received"] = f"{promised} are promised: cancel orders or units first"
            except InsufficientStock:
                wrong["received"] = (
                    "somebody is paying for more than that: wait until they have paid, or not"
                )
            else:
                words = f"{sku}: {values['received']} came. What is promised can be sent."
                return done(words, "preorders_page.index", view="arrived")
        return make_response(self._render(sku, request.form, wrong), 422)

    def _render(self, sku: str, values: Mapping[str, str], wrong: Mapping[str, str]) -> str:
        with transaction() as session:
            products.find_product(session, sku)
            return self.render(
                "backoffice/preorder.html",
                one=preorders.find_preorder(session, sku),
                orders=preorders.orders_of(
                    session, sku, limit=AT_ONCE, cursor=request.args.get("cursor")
                ),
                values=values, wrong=wrong, reference=str(uuid4()),
            )  # fmt: skip

    def _list_arrivals(self) -> str:
        with transaction() as session:
            rows = preorders.arrivals(session, limit=AT_ONCE, cursor=request.args.get("cursor"))
            found = select(Product).where(Product.id.in_([one.product_id for one in rows.items]))
            return self.render(
                "backoffice/arrivals.html", view="arrived", views=VIEWS, rows=rows,
                products={product.id: product for product in session.scalars(found)},
                names=actors.named(session, [one.actor for one in rows.items]),
            )  # fmt: skip

    def _list_waiting(self) -> str:
        after = storable(request.args.get("after"))
        with transaction() as session:
            rows = waitlist.waiting(session, limit=AT_ONCE + 1, after=after)
        shown = rows[:AT_ONCE]
        levels = stock.levels(redis(), [product.sku for product, _, _ in shown])
        return self.render(
            "backoffice/waiting.html", view="waited for", views=VIEWS, rows=shown, levels=levels,
            most=waitlist.MOST_COUNTED,
            more=shown[-1][0].sku if len(rows) > AT_ONCE else None,
        )  # fmt: skip
