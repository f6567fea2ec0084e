"""The mail that tells a customer that the order is confirmed."""

from app.core.money import rupees
from app.orders.models import Order


def subject(order: Order) -> str:
    """Say what the mail is about."""
    return f"Your order {order.number} is confirmed"


def body(order: Order, *, name: str) -> str:
    """Say what was bought, what it cost and where it goes."""
    lines = "\n".join(
        f"  {line.quantity} x {line.name} ({line.sku}): {rupees(line.total)}"
        for line in order.lines
    )
    address = order.shipping_address
    place = "\n  ".join(
        part
        for part in (
            address["name"],
            address["line1"],
            address["line2"],
            f"{address['city']} {address['pincode']}, {address['state']}",
        )
        if part
    )
    is_owed = order.payment_status == "authorized"
    opening = "Your order" if is_owed else "Your payment has reached us and your order"
    closing = f"Please have {rupees(order.total)} ready when it comes.\n\n" if is_owed else ""
    return f"""\
Dear {name},

thank you. {opening} {order.number} is confirmed:

{lines}

  Before tax  {rupees(order.subtotal)}
  GST         {rupees(order.tax)}
  Shipping    {rupees(order.shipping_fee)}
  Total       {rupees(order.total)}

It goes to:

  {place}

{closing}We write again when it is on its way.

ORA
"""
