"""What happens to an order reaches the shop's other systems, from the checkout on."""

import json
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select

from app.core.jobs import Job
from app.invoices.models import Invoice
from tests.payments.purchase import purchase


def test_an_order_is_followed_from_the_checkout_to_its_refund(shop, desk, receiver):
    desk.register(receiver.url, "order.*", "refund.*")
    shop.product("ring", 2)
    bought = purchase(shop, ring=1)
    bought.tell("payment.captured", bought.pay())
    shop.work("webhooks", "announcements", "mail", "hooks")
    bought.buyer.post(f"/api/v1/orders/{bought.order_id}/cancel")
    shop.work("announcements", "mail", "payments", "announcements", "mail", "hooks")

    bodies = [json.loads(message.body) for message in receiver.messages]
    assert [body["type"] for body in bodies[:2]] == ["order.placed", "order.confirmed"]
    assert sorted(body["type"] for body in bodies[2:]) == [
        "order.cancelled", "refund.created", "refund.processed",
    ]  # fmt: skip
    about = {body["data"]["id"] for body in bodies if body["type"].startswith("order.")}
    assert about == {bought.order_id}
    for body in bodies:
        happened_at = datetime.fromisoformat(body["timestamp"])
        assert abs(datetime.now(UTC) - happened_at) < timedelta(minutes=5)


def test_while_no_mail_is_sent_other_systems_are_told_and_invoices_written(
    shop, desk, receiver, session
):
    """A post office that fails keeps the worker of mails busy, and nobody else."""
    desk.register(receiver.url, "order.shipped")
    shop.product("ring", 1)
    bought = purchase(shop, ring=1)
    bought.tell("payment.captured", bought.pay())
    shop.work("webhooks")
    staff = shop.customer(role="admin")
    for step in ("processing", "shipped"):
        staff.post(f"/api/v1/admin/orders/{bought.order_id}/status", {"status": step})
    shop.work("announcements", "payments", "hooks")

    assert [json.loads(message.body)["type"] for message in receiver.messages] == ["order.shipped"]
    assert session.scalars(select(func.count()).select_from(Invoice)).one() == 1
    waiting = select(Job.queue).where(Job.done_at.is_(None), Job.attempts == 0).distinct()
    assert session.scalars(waiting).all() == ["mail"]
