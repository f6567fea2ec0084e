"""Products: what they are, what they cost, and their pictures; how many there are is at Stock."""

from collections.abc import Mapping
from typing import Any, ClassVar
from uuid import UUID

from flask import make_response, request
from flask_admin import expose
from sqlalchemy.orm import Session

from app.backoffice import forms, terms
from app.backoffice.forms import Wrong
from app.backoffice.page import ADMINS, EVERYBODY, Page, done
from app.catalog.models import Category, Product
from app.core.db import transaction
from app.core.problems import ValidationFailed, invalid
from app.core.texts import storable
from app.merchandising import images, pictures, products
from app.merchandising.errors import ProductTaken
from app.merchandising.schemas import NewProductSchema, TermsSchema

AT_ONCE = 50
ON_SALE = {"yes": True, "no": False}


class Products(Page):
    """Products."""

    GROUP = "Selling"
    ALLOWED: ClassVar = {
        "index": EVERYBODY, "show": EVERYBODY, "new": ADMINS, "make": ADMINS, "change": ADMINS,
        "add_image": ADMINS, "remove_image": ADMINS, "show_first": ADMINS,
    }  # fmt: skip
    # The fields beside the picture come with it.
    UPLOADS: ClassVar = {"add_image": pictures.MOST_BYTES + 64 * 1024}

    @expose("/")
    def index(self) -> Any:
        """List products in the order of their SKUs; those that are called so, in a category."""
        given = {name: _asked(name) for name in ("q", "category", "on_sale")}
        asked = {name: text for name, text in given.items() if text}
        with transaction() as session:
            found = products.page(
                session, q=asked.get("q"), category=asked.get("category"), limit=AT_ONCE,
                is_active=ON_SALE.get(asked.get("on_sale", "")), cursor=request.args.get("cursor"),
            )  # fmt: skip
            shelves = _shelves(session)
        return self.render("backoffice/products.html", found=found, asked=asked, shelves=shelves)

    @expose("/new")
    def new(self) -> Any:
        """Show the form of a new one."""
        return self._show_new(terms.NEW, {})

    @expose("/make", methods=("POST",))
    def make(self) -> Any:
        """Make one, of which none is on hand."""
        wrong = Wrong()
        written = terms.read(wrong) | {"sku": request.form.get("sku", "").strip()}
        values = wrong.load(NewProductSchema(), written)
        if not wrong:
            try:
                made = products.create_product(values)
            except (ProductTaken, ValidationFailed) as problem:
                wrong.take(problem)
            else:
                return done(f"{made.name} is made.", "products_page.show", sku=made.sku)
        return make_response(self._show_new(request.form, wrong), 422)

    @expose("/<sku:sku>")
    def show(self, sku: str) -> Any:
        """Show what one is, and its pictures."""
        with transaction() as session:
            product = products.find_product(session, sku)
            return self._show(session, product, terms.written(product), {})

    @expose("/<sku:sku>/change", methods=("POST",))
    def change(self, sku: str) -> Any:
        """Change what a product is; a form that is older than somebody else's is refused."""
        wrong, revision = Wrong(), _revision()
        values = wrong.load(TermsSchema(), terms.read(wrong))
        if not wrong:
            try:
                products.change_product(sku, revision=revision, values=values)
            except (ProductTaken, ValidationFailed) as problem:
                wrong.take(problem)
            else:
                return done(f"{sku} is as you wrote.", "products_page.show", sku=sku)
        with transaction() as session:
            product = products.find_product(session, sku)
            return make_response(self._show(session, product, request.form, wrong), 422)

    @expose("/<sku:sku>/add-image", methods=("POST",))
    def add_image(self, sku: str) -> Any:
        """Add a picture; what is kept is drawn anew from its pixels."""
        alt, file = forms.text("alt"), request.files.get("picture")
        if alt is None:
            raise invalid("#/alt", "is needed: what is to be seen")
        if file is None or not file.filename:
            raise invalid("#/picture", "Choose a picture first.")
        images.add(sku, file.read(), alt=alt)
        return done("The picture was added.", "products_page.show", sku=sku)

    @expose("/<sku:sku>/images/<uuid:image_id>/remove", methods=("POST",))
    def remove_image(self, sku: str, image_id: UUID) -> Any:
        """Remove a picture."""
        images.remove(sku, image_id)
        return done("The picture was removed.", "products_page.show", sku=sku)

    @expose("/<sku:sku>/images/<uuid:image_id>/first", methods=("POST",))
    def show_first(self, sku: str, image_id: UUID) -> Any:
        """Show a picture before the others, and in lists."""
        with transaction() as session:
            kept = images.of_product(session, products.find_product(session, sku))
        others = [image.id for image in kept if image.id != image_id]
        images.arrange(sku, [image_id, *others])
        return done("It is shown first.", "products_page.show", sku=sku)

    def _show(
        self,
        session: Session,
        product: Product,
        values: Mapping[str, str],
        wrong: Mapping[str, str],
    ) -> str:
        return self.render(
            "backoffice/product.html",
            product=product,
            values=values,
            wrong=wrong,
            shelves=_shelves(session),
            images=images.of_product(session, product),
            most_images=images.MOST,
        )

    def _show_new(self, values: Mapping[str, str], wrong: Mapping[str, str]) -> str:
        with transaction() as session:
            shelves = _shelves(session)
        return self.render(
            "backoffice/new_product.html", values=values, wrong=wrong, shelves=shelves
        )


def _shelves(session: Session) -> list[Category]:
    """List the categories as shoppers see them."""
    found = products.categories(session).values()
    return sorted(found, key=lambda one: (one.position, one.name))


def _asked(name: str) -> str | None:
    return storable(request.args.get(name, "").strip()[:200])


def _revision() -> int:
    revision = forms.whole("revision")
    if not isinstance(revision, int):
        raise invalid("#/revision", "The form is not one of ours.")
    return revision
