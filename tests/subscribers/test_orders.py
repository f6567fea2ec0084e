"""What happens to an order reaches the shop's other systems, from the checkout on."""

import json
from datetime import UTC, datetime, timedelta

from tests.payments.purchase import purchase


def test_an_order_is_followed_from_the_checkout_to_its_refund(shop, desk, receiver):
    desk.register(receiver.url, "order.*", "refund.*")
    shop.product("ring", 2)
    bought = purchase(shop, ring=1)
    bought.tell("payment.captured", bought.pay())
    shop.work("webhooks", "mail", "hooks")
    bought.buyer.post(f"/api/v1/orders/{bought.order_id}/cancel")
    shop.work("mail", "payments", "mail", "hooks")

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
