"""A purchase from cart to confirmed order, step by step over HTTP."""

from sqlalchemy import select

from app.core.jobs import Job
from app.inventory.models import Reservation, StockMovement
from tests.builders import values


def test_a_paid_order_is_confirmed_deducted_settled_and_mailed(shop, session, settings):
    shop.product("ring", 3, price=300_000)
    buyer = shop.customer()
    buyer.put("/api/v1/cart/items/RING", {"quantity": 2})
    order = buyer.check_out().json
    assert (shop.levels("ring").reserved, shop.levels("ring").available) == (2, 1)

    opened = buyer.open_payment(order["id"])
    paid = shop.gateway.pay(opened["razorpay_order_id"])
    verified = buyer.post("/api/v1/payments/verify", paid)
    assert verified.status_code == 200, verified.text
    assert buyer.order(order["id"])["status"] == "pending"
    assert len(buyer.get("/api/v1/cart").json["lines"]) == 1

    payment = shop.gateway.payment(paid["razorpay_payment_id"])
    assert shop.deliver(shop.gateway.event("payment.captured", payment)).status_code == 200
    shop.work()

    confirmed = buyer.order(order["id"])
    assert (confirmed["status"], confirmed["payment_status"]) == ("confirmed", "captured")
    levels = shop.levels("ring")
    assert (levels.on_hand, levels.reserved, levels.committed) == (1, 0, 0)
    assert shop.on_hand("ring") == 1
    assert buyer.get("/api/v1/cart").json["lines"] == []
    assert values(session.execute(select(Reservation.units, Reservation.state))) == [
        (2, "committed")
    ]
    assert values(session.execute(select(StockMovement.kind, StockMovement.units))) == [
        ("receipt", 3),
        ("sale", -2),
    ]
    assert session.scalars(select(Job.name).where(Job.done_at.is_(None))).all() == []
