"""Steps of a return, as customers and staff make them."""


def deliver(shop, staff, bought):
    """Have an order paid, and brought to the door."""
    bought.payment_id = bought.pay()
    bought.tell("payment.captured", bought.payment_id)
    shop.work()
    for step in ("processing", "shipped", "delivered"):
        path = f"/api/v1/admin/orders/{bought.order_id}/status"
        assert staff.post(path, {"status": step}).status_code == 200
    return bought


def ask(bought, *, who=None, reason="changed_mind", **units):
    lines = [{"sku": n.upper(), "quantity": c, "reason": reason} for n, c in units.items()]
    return (who or bought.buyer).post(f"/api/v1/orders/{bought.order_id}/returns", {"lines": lines})


def asked(bought, **units):
    answer = ask(bought, **units)
    assert answer.status_code == 201, answer.json
    return answer.json["id"]


def decide(staff, return_id, decision="approve", **body):
    return staff.post(f"/api/v1/admin/returns/{return_id}/decision", {"decision": decision} | body)


def receive(staff, return_id, *lines):
    body = {
        "lines": [
            {"sku": sku.upper(), "quantity": quantity, "disposition": disposition}
            for sku, quantity, disposition in lines
        ]
    }
    return staff.post(f"/api/v1/admin/returns/{return_id}/receipt", body)
