"""Above two lakh rupees the buyer's permanent account number is asked for, and kept."""

from tests.builders import ADDRESS


def test_a_permanent_account_number_is_asked_for_above_two_lakh_rupees(shop):
    shop.product("crown", 9, price=19_417_477)
    shop.product("tiara", 9, price=19_417_476)
    buyer = shop.customer()

    def order(sku, **more):
        body = {"lines": [{"sku": sku, "quantity": 1}], "shipping_address": ADDRESS} | more
        return buyer.post("/api/v1/checkout", body, Idempotency_Key=f"{sku}{more}")

    # 2,00,000.00 exactly, and a paisa more.
    assert order("TIARA").json["total"]["amount"] == 20_000_000
    asked = order("CROWN")
    assert asked.status_code == 422
    assert asked.json["errors"][0]["pointer"] == "#/pan"
    assert shop.levels("crown").reserved == 0
    for wrong in ("ABCPE1234", "ABCXE1234F", "12345ABCDE", 7):
        assert order("CROWN", pan=wrong).status_code == 422
    bought = order("CROWN", pan="abcpe1234f")
    assert (bought.status_code, bought.json["total"]["amount"]) == (201, 20_000_001)
    # Staff see it; nobody needs it back in a browser.
    staff = shop.customer(role="staff")
    whole = staff.get(f"/api/v1/admin/orders/{bought.json['id']}").json["order"]
    assert whole["pan"] == "ABCPE1234F"
    assert "ABCPE1234F" not in bought.text
