"""Prices: many products side by side, changed in a grid or by a percentage, all or none."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from flask import flash, make_response, request
from flask_admin import expose

from app.backoffice import forms
from app.backoffice.forms import Wrong
from app.backoffice.page import ADMINS, Page, done
from app.backoffice.words import percent
from app.catalog.models import Product
from app.core.db import transaction
from app.core.fields import Sku
from app.core.money import BASIS_POINTS, CURRENCY, RUPEE, changed_by, rupees
from app.core.problems import invalid
from app.core.texts import storable
from app.merchandising import prices, products
from app.merchandising.errors import ProductChanged
from app.merchandising.prices import Wanted
from app.merchandising.schemas import TermsSchema

AT_ONCE = 50
# A slip of the finger is not taken for a wish.
MOST_BASIS_POINTS = 9 * BASIS_POINTS
# As much as a field of rupees takes.
DEAREST = 99_999_999_999


def _rate(name: str) -> int:
    """Read a rate of tax, in hundredths of a percent."""
    share = forms.basis_points(name)
    if share is None or not 0 <= share <= BASIS_POINTS:
        raise invalid(f"#/{name}", "is not from 0 to 100")
    return share


# What stands in the grid, and how it is read.
READ: Mapping[str, Callable[[str], Any]] = {
    "price": forms.paise,
    "tax_basis_points": _rate,
    "purchase_limit": forms.whole,
    "low_stock_threshold": forms.whole,
    "is_active": lambda name: name in request.form,
}
_SKU = re.compile(Sku.PATTERN)
_TERMS = TermsSchema(partial=True)


@dataclass(frozen=True, slots=True)
class Step:
    """What a price would become; ``wrong`` tells why it may not."""

    product: Product
    new: int
    wrong: str = ""


class Prices(Page):
    """Prices."""

    GROUP = "Selling"
    ALLOWED: ClassVar = {"index": ADMINS, "keep": ADMINS, "preview": ADMINS, "apply": ADMINS}

    @expose("/")
    def index(self) -> Any:
        """Show products of a search and a category, in the order of their SKUs, to be changed."""
        asked = _asked(request.args)
        return self._grid(_listed(asked), asked, Wrong(), cells={})

    @expose("/keep", methods=("POST",))
    def keep(self) -> Any:
        """Keep what was changed in the grid: all of it, or nothing where some of it is wrong."""
        asked, wrong = _asked(request.form), Wrong()
        touched = {sku: _touched(sku) for sku in _skus()}
        cells = {
            f"{name}:{sku}": text for sku, own in touched.items() for name, text in own.items()
        }
        wanted = [_wanted(sku, own, wrong) for sku, own in touched.items() if own]
        if not wrong:
            try:
                changed = prices.change_products(wanted)
                words = f"Saved: {', '.join(changed)}." if changed else "Nothing was different."
                return done(words, "prices.index", **asked)
            except ProductChanged as problem:
                _tell_stale(wrong, problem)
        found = _found(touched)
        names = {name.rsplit(":", 1)[-1] for name in wrong}
        named = ", ".join(product.sku for product in found if product.sku in names)
        flash(f"Nothing was saved. Look at {named or 'the form'}.", "error")
        return make_response(self._grid((found, None), asked, wrong, cells), 422)

    @expose("/preview", methods=("POST",))
    def preview(self) -> Any:
        """Show what the chosen prices would become by a percentage; nothing is saved."""
        asked, wrong = _asked(request.form), Wrong()
        share = _share(wrong)
        is_whole = "whole" in request.form
        found, more = _listed(asked) if is_whole else (_found(_skus()), None)
        if not found:
            wrong.setdefault("percent", "choose products first")
        if share is None or wrong:
            if not is_whole:
                found, more = _listed(asked)
            return make_response(self._grid((found, more), asked, wrong, cells={}), 422)
        return self._steps(found, share, asked)

    @expose("/apply", methods=("POST",))
    def apply(self) -> Any:
        """Save the prices that were shown; where one is not as it was, none is."""
        asked, wrong = _asked(request.form), Wrong()
        share, found = _share(wrong), _found(_skus())
        if share is None or wrong or not found:
            return make_response(self._grid(_listed(asked), asked, wrong, cells={}), 422)
        steps = _reckoned(found, share)
        wanted = [
            Wanted(step.product.sku, _revision(step.product.sku), {"price": step.new})
            for step in steps
        ]
        if not any(step.wrong for step in steps):
            try:
                changed = prices.change_products(wanted)
                words = "1 price was" if len(changed) == 1 else f"{len(changed)} prices were"
                return done(f"{words} changed.", "prices.index", **asked)
            except ProductChanged as problem:
                flash(f"Nothing was saved: {problem.detail} This is how it is now.", "error")
        return make_response(self._steps(_found(_skus()), share, asked), 422)

    def _grid(
        self,
        listed: tuple[Sequence[Product], str | None],
        asked: Mapping[str, str],
        wrong: Wrong,
        cells: Mapping[str, str],
    ) -> str:
        found, more = listed
        with transaction() as session:
            shelves = sorted(products.categories(session).values(), key=lambda one: one.position)
        shown = {
            product.sku: {name: cells.get(f"{name}:{product.sku}", text) for name, text in
                          _texts(product).items()}
            for product in found
        }  # fmt: skip
        return self.render(
            "backoffice/prices.html", found=found, more=more, asked=asked, wrong=wrong,
            shown=shown, was={product.sku: "|".join(_texts(product).values()) for product in found},
            shelves=shelves, percent=request.form.get("percent", ""),
        )  # fmt: skip

    def _steps(self, found: Sequence[Product], share: int, asked: Mapping[str, str]) -> str:
        steps = _reckoned(found, share)
        return self.render(
            "backoffice/price_steps.html", steps=steps, share=share, asked=asked,
            is_fine=not any(step.wrong for step in steps),
            changing=sum(step.new != step.product.price for step in steps),
        )  # fmt: skip


def _asked(given: Mapping[str, str]) -> dict[str, str]:
    """Read which products are asked for; what is not said is left out."""
    texts = {name: (given.get(name) or "").strip()[:300] for name in ("q", "category", "cursor")}
    return {name: text for name, text in texts.items() if text}


def _listed(asked: Mapping[str, str]) -> tuple[Sequence[Product], str | None]:
    if any(storable(text) is None for text in asked.values()):
        return [], None
    with transaction() as session:
        page = products.page(
            session, q=asked.get("q"), is_active=None, category=asked.get("category"),
            limit=AT_ONCE, cursor=asked.get("cursor"),
        )  # fmt: skip
    return page.items, page.next_cursor


def _skus() -> list[str]:
    """List the SKUs that the form is about, each once."""
    named = [sku for sku in request.form.getlist("sku") if _SKU.fullmatch(sku)]
    return list(dict.fromkeys(named))[:AT_ONCE]


def _found(skus: Any) -> list[Product]:
    with transaction() as session:
        return products.find_all(session, list(skus))


def _texts(product: Product) -> dict[str, str]:
    """Write a product as its row of the grid holds it."""
    return {
        "price": rupees(product.price),
        "tax_basis_points": percent(product.tax_basis_points),
        "purchase_limit": str(product.purchase_limit),
        "low_stock_threshold": str(product.low_stock_threshold),
        "is_active": "on" if product.is_active else "",
    }


def _touched(sku: str) -> dict[str, str]:
    """Find what somebody changed in a row; the rest of it is not written, nor compared."""
    before = dict(zip(READ, request.form.get(f"was:{sku}", "").split("|"), strict=False))
    now = {name: request.form.get(f"{name}:{sku}", "").strip() for name in READ}
    return {name: text for name, text in now.items() if text != before.get(name)}


def _wanted(sku: str, touched: Mapping[str, str], wrong: Wrong) -> Wanted:
    """Read what was changed in a row, by the schema that the API reads it by."""
    values = {name: wrong.read(f"{name}:{sku}", READ[name]) for name in touched}
    if "price" in values:
        values["price"] = {"amount": values["price"], "currency": CURRENCY}
    own = Wrong()
    loaded = own.load(_TERMS, values)
    for name, told in own.items():
        wrong.setdefault(f"{name}:{sku}", told)
    return Wanted(sku, _revision(sku), loaded)


def _revision(sku: str) -> int:
    """Read which revision a row shows; what is none is older than any."""
    revision = forms.whole(f"revision:{sku}")
    return revision if isinstance(revision, int) else 0


def _tell_stale(wrong: Wrong, problem: ProductChanged) -> None:
    skus: Any = problem.members["skus"]
    for sku in skus:
        wrong[f"row:{sku}"] = "Somebody changed it since you looked; what you left alone is new."


def _share(wrong: Wrong) -> int | None:
    share = wrong.read("percent", forms.basis_points)
    if share is None:
        wrong.setdefault("percent", "say by how much, such as -10 or 2.5")
    elif share == 0:
        wrong["percent"] = "changes nothing"
    elif share <= -BASIS_POINTS:
        wrong["percent"] = "would leave nothing of a price"
    elif share > MOST_BASIS_POINTS:
        wrong["percent"] = f"is more than {percent(MOST_BASIS_POINTS)}"
    return share


def _reckoned(found: Sequence[Product], share: int) -> list[Step]:
    steps = []
    for product in found:
        new = changed_by(product.price, share)
        wrong = "would cost nothing" if new < RUPEE and new != product.price else ""
        steps.append(Step(product, new, "would be too dear" if new > DEAREST else wrong))
    return steps
