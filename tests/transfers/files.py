"""Files in tests: written, handed in, worked."""

import csv
import io
from typing import Any

from tests.builders import Customer, Shop

PATH = "/api/v1/admin/imports"
HEADER = (
    "sku", "slug", "name", "description", "category", "metal", "purity", "gross_weight_mg",
    "net_weight_mg", "hsn_code", "price_paise", "tax_basis_points",
)  # fmt: skip


def table(header: Any, *rows: Any) -> str:
    buffer = io.StringIO()
    csv.writer(buffer).writerows([header, *rows])
    return buffer.getvalue()


def product(sku: str, **change: Any) -> list[Any]:
    """A row of HEADER."""
    cells = {
        "sku": sku, "slug": sku.lower(), "name": f"The {sku.lower()}", "description": "A piece.",
        "category": "rings", "metal": "gold", "purity": "22K (916)", "gross_weight_mg": 5_000,
        "net_weight_mg": 4_800, "hsn_code": "7113", "price_paise": 100_000,
        "tax_basis_points": 300,
    } | change  # fmt: skip
    return [cells[name] for name in HEADER]


def hand_in(admin: Customer, text: str | bytes, kind: str = "products", **query: Any) -> Any:
    options = "".join(f"&{name}={value}" for name, value in query.items())
    return admin.client.post(
        f"{PATH}?kind={kind}{options}", data=text, content_type="text/csv", headers=admin.headers
    )


def imported(shop: Shop, admin: Customer, text: str, kind: str = "products", **query: Any) -> Any:
    """Hand a file in and let the worker work it; returns what came of it."""
    taken = hand_in(admin, text, kind, **query)
    assert taken.status_code == 202, taken.json
    shop.work("announcements", "mail")
    return admin.get(f"{PATH}/{taken.json['id']}").json


def errors(ended: Any) -> list[tuple[int, str | None, str]]:
    return [(one["row"], one["column"], one["detail"]) for one in ended["errors"]]


def read(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
