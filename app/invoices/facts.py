"""What is printed on an invoice, collected once; it never changes afterwards."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from app.catalog.models import Product
from app.config import Settings
from app.core.india import INDIA, STATE_CODES
from app.invoices.figures import Item
from app.invoices.models import Invoice
from app.orders.models import Order

_STATES = {code: name for name, code in STATE_CODES.items()}


def collect(
    settings: Settings,
    order: Order,
    items: Sequence[Item],
    products: Mapping[str, Product],
    *,
    against: Invoice | None = None,
    reason: str | None = None,
) -> dict[str, Any]:
    """Collect the facts of an invoice, or of a credit note ``against`` one."""
    code = settings.seller_gstin[:2]
    supplied_to = order.shipping_address["state"]
    is_interstate = STATE_CODES[supplied_to] != code
    rows = [_row(item, products.get(item.sku or ""), is_interstate=is_interstate) for item in items]
    return {
        "seller": {
            "name": settings.seller_name,
            "address": settings.seller_address,
            "gstin": settings.seller_gstin,
            "state": f"{code} {_STATES[code]}",
        },
        "buyer": _party(order.billing_address) | {"pan": order.pan},
        "ship_to": _party(order.shipping_address),
        "place_of_supply": f"{STATE_CODES[supplied_to]} {supplied_to}",
        "is_interstate": is_interstate,
        "order": {"number": order.number, "date": day(order.created_at)},
        "against": against and {"number": against.number, "date": day(against.issued_at)},
        "reason": reason,
        "items": rows,
        "sums": {
            name: sum(row[name] for row in rows)
            for name in ("taxable", "cgst", "sgst", "igst", "total")
        },
    }


def day(moment: datetime) -> str:
    """Write the day in India."""
    return f"{moment.astimezone(INDIA):%d %b %Y}"


def _party(address: Mapping[str, Any]) -> dict[str, Any]:
    lines = [address["line1"], address["line2"], f"{address['city']} {address['pincode']}"]
    return {
        "name": address["name"],
        "lines": [line for line in lines if line],
        "state": f"{STATE_CODES[address['state']]} {address['state']}",
        "phone": address["phone"],
    }


def _row(item: Item, product: Product | None, *, is_interstate: bool) -> dict[str, Any]:
    state = 0 if is_interstate else item.tax // 2
    return {
        "name": item.name,
        "sku": item.sku,
        # What the BIS wants told of hallmarked jewellery.
        "piece": _describe(product) if product else None,
        "hsn_code": item.hsn_code,
        "quantity": item.quantity,
        "unit_price": item.unit_price,
        "discount": item.discount,
        "taxable": item.taxable,
        "rate": item.tax_basis_points,
        "cgst": 0 if is_interstate else item.tax - state,
        "sgst": state,
        "igst": item.tax if is_interstate else 0,
        "total": item.total,
    }


def _describe(product: Product) -> str:
    parts = [
        f"{product.metal} {product.purity}",
        f"net {product.net_weight_mg / 1000:.3f} g",
        product.stone,
        f"HUID {product.huid}" if product.huid else None,
    ]
    return " · ".join(part for part in parts if part)
