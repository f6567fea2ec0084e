"""The form of a product: what staff say of it, read from its fields and written into them."""

from collections.abc import Mapping
from typing import Any

from flask import request

from app.backoffice import forms
from app.backoffice.forms import Wrong
from app.backoffice.words import grams, percent
from app.catalog.models import Product
from app.core.money import CURRENCY, rupees

WORDS = ("name", "slug", "description", "category", "metal", "purity", "hsn_code")
# What a piece may lack.
MAY_LACK = ("stone", "huid")
WEIGHTS = ("gross_weight_mg", "net_weight_mg")
NUMBERS = ("purchase_limit", "low_stock_threshold", "counters")
TICKED = ("is_active", "has_waiting_room")
# What stands in the form of a new product.
NEW = {"purchase_limit": "0", "low_stock_threshold": "1", "counters": "1", "is_active": "on"}


def read(wrong: Wrong) -> dict[str, Any]:
    """Read the form into what the schema of products takes; what is wrong is told to ``wrong``."""
    values: dict[str, Any] = {name: request.form.get(name, "").strip() for name in WORDS}
    values |= {name: request.form.get(name, "").strip() or None for name in MAY_LACK}
    values |= {name: wrong.read(name, forms.grams) for name in WEIGHTS}
    values |= {name: forms.whole(name) for name in NUMBERS}
    values["price"] = {"amount": wrong.read("price", forms.paise), "currency": CURRENCY}
    values["tax_basis_points"] = wrong.read("tax_basis_points", forms.basis_points)
    values |= {name: name in request.form for name in TICKED}
    return values


def written(product: Product) -> Mapping[str, str]:
    """Write a product as the fields of its form hold it."""
    values = {
        name: getattr(product, name) or "" for name in (*WORDS, *MAY_LACK) if name != "category"
    }
    values |= {name: str(getattr(product, name)) for name in NUMBERS}
    values |= {name: grams(getattr(product, name)) for name in WEIGHTS}
    values["category"] = product.category.slug
    values["price"] = rupees(product.price)
    values["tax_basis_points"] = percent(product.tax_basis_points)
    values |= {name: "on" if getattr(product, name) else "" for name in TICKED}
    return values
