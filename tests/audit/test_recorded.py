"""What people, workers, commands and databases change is written down: who, when, from where."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select, text

from app.audit.models import Record
from app.catalog.models import Product
from app.core.db import transaction
from tests.audit.steps import changes, every_entry, read
from tests.builders import ADDRESS, PASSWORD, values
from tests.payments.purchase import purchase
from tests.returns.steps import asked, decide, deliver, receive
from tests.treasury.money import ask_back, at_gateway, end, paid_order, tell_refund

AT_HOME = {"REMOTE_ADDR": "203.0.113.77"}


def rows(session):
    columns = Record.actor, Record.action, Record.subject
    return values(session.execute(select(*columns).order_by(Record.id)))


def test_a_role_is_given_by_somebody_from_somewhere(shop, boss):
    clerk = shop.customer()
    began = datetime.now(UTC)

    boss.client.post(
        f"/api/v1/admin/accounts/{clerk.id}/role", json={"role": "staff"},
        headers=boss.headers | {"X-Request-Id": "the-request"}, environ_base=AT_HOME,
    )  # fmt: skip

    [entry] = read(boss, subject="users", subject_id=clerk.id)
    assert began < datetime.fromisoformat(entry.pop("at")) < datetime.now(UTC)
    assert entry.pop("id").startswith("audit_log:")
    assert entry == {
        "actor": f"admin:{boss.id}",
        "address": "203.0.113.77",
        "request_id": "the-request",
        "action": "update",
        "subject": "users",
        "subject_id": str(clerk.id),
        "before": {"role": "customer"},
        "after": {"role": "staff"},
    }


def test_of_customers_the_network_is_kept_and_not_the_address(shop, boss):
    buyer = shop.customer()

    for address in ("203.0.113.77", "2001:db8:1:2::3", "nowhere"):
        buyer.client.patch(
            "/api/v1/me", json={"name": f"Meera of {address}"}, headers=buyer.headers,
            environ_base={"REMOTE_ADDR": address},
        )  # fmt: skip

    found = reversed(read(boss, subject_id=buyer.id))
    assert [entry["address"] for entry in found] == ["203.0.113.0/24", "2001:db8:1::/48", None]


def test_an_order_is_followed_from_its_placing_to_its_parcel(shop, boss, staff):
    shop.product("ring", 5)
    bought = purchase(shop, ring=1)
    bought.tell("payment.captured", bought.pay())
    shop.work()
    path = f"/api/v1/admin/orders/{bought.order_id}/status"
    staff.post(path, {"status": "processing", "reason": "Ready."})
    staff.post(path, {"status": "shipped", "courier": "BlueDart", "tracking_number": "1"})

    found = changes(boss, subject="orders", subject_id=bought.order_id)

    who = f"staff:{staff.id}"
    number = bought.buyer.order(bought.order_id)["number"]
    assert found[:3] == [
        (f"customer:{bought.buyer.id}", "insert", None, {"status": "pending", "number": number}),
        (
            "razorpay", "update", {"status": "pending"},
            {"status": "confirmed", "reason": found[1][3]["reason"]},
        ),
        (who, "update", {"status": "confirmed"}, {"status": "processing", "reason": "Ready."}),
    ]  # fmt: skip
    assert sorted(found[3:], key=str) == sorted(
        [
            (who, "update", {"status": "processing"}, {"status": "shipped", "reason": None}),
            (
                who,
                "update",
                {"status": "processing", "courier": None, "tracking_number": None},
                {"status": "shipped", "courier": "BlueDart", "tracking_number": "1"},
            ),
        ],
        key=str,
    )
    steps = [e for e in read(boss, subject_id=bought.order_id) if e["actor"] == who]
    assert {entry["address"] for entry in steps} == {"127.0.0.1"}
    assert all(entry["request_id"] for entry in steps)


def test_stock_is_told_by_the_ledger_with_what_was_there_before(shop, boss, staff):
    shop.product("ring", 5)
    line = {"sku": "RING", "delta": -2, "kind": "write_off", "reason": "lost"}
    staff.client.post(
        "/api/v1/admin/inventory/adjustments", json={"reference": "once", "lines": [line]},
        headers=staff.headers, environ_base=AT_HOME,
    )  # fmt: skip

    newest = read(boss, subject="products")[0]

    assert (newest["actor"], newest["address"]) == (f"staff:{staff.id}", "203.0.113.77")
    assert newest["before"] == {"stock_quantity": 5}
    assert (newest["after"]["stock_quantity"], newest["after"]["reason"]) == (3, "lost")


def test_a_sale_leaves_nothing_in_the_log_that_is_told_elsewhere(shop, session):
    shop.product("ring", 5)
    bought = purchase(shop, ring=1)
    before = rows(session)
    bought.tell("payment.captured", bought.pay())
    shop.work()

    assert bought.status == ("confirmed", "captured")
    assert rows(session) == before


def test_a_refund_is_followed_until_it_ends(shop, boss):
    bought, paid = paid_order(shop)
    shop.gateway.fault(route="refunds.create", refund_status="pending", next_n=1)
    refund_id = ask_back(boss, bought, 20_000).json["id"]
    shop.work()

    refund = changes(boss, subject="refunds", subject_id=refund_id)
    asked_by, action, before, after = refund[0]
    assert (asked_by, action, before) == (f"admin:{boss.id}", "insert", None)
    assert (after["amount"], after["status"]) == (20_000, "pending")
    assert {who for who, *_ in refund[1:]} == {"worker:payments.refund"}
    [(_, _, before, after)] = changes(boss, subject="payment_attempts", subject_id=paid)
    assert (before, after) == ({"amount_refunded": 0}, {"amount_refunded": 20_000})

    tell_refund(shop, "refund.failed", end(shop, at_gateway(shop, paid)[0], "failed"))
    shop.work()

    who, _, before, after = changes(boss, subject="refunds", subject_id=refund_id)[-1]
    assert (who, before["status"], after["status"]) == (
        "worker:webhooks.process", "pending", "failed",
    )  # fmt: skip


def test_a_return_is_followed(shop, boss, staff):
    shop.product("ring", 5)
    bought = deliver(shop, staff, purchase(shop, ring=2))
    return_id = asked(bought, ring=2)
    decide(staff, return_id)
    receive(staff, return_id, ("ring", 1, "restock"), ("ring", 1, "melt"))

    found = changes(boss, subject="returns", subject_id=return_id)
    who = f"staff:{staff.id}"
    statuses = [(actor, after["status"]) for actor, _, _, after in found if "status" in after]
    assert statuses == [
        (f"customer:{bought.buyer.id}", "requested"), (who, "approved"), (who, "received"),
    ]  # fmt: skip
    disposed = {(a, after["disposition"]) for a, _, _, after in found if "disposition" in after}
    assert disposed == {(who, "restock"), (who, "melt")}
    lines = changes(boss, subject="return_lines", subject_id=f"{return_id}/RING")
    assert [(a, after.get("received")) for a, _, _, after in lines][-1] == (who, 2)


def test_a_subscriber_is_followed_and_its_turns_are_not(boss, shop):
    wish = {"name": "the ERP", "url": "https://erp.example/hooks", "events": ["order.*"]}
    made = boss.post("/api/v1/admin/subscribers", wish).json
    subscriber_id = made["subscriber"]["id"]
    boss.put(f"/api/v1/admin/subscribers/{subscriber_id}", wish | {"url": "https://x.example/"})
    boss.delete(f"/api/v1/admin/subscribers/{subscriber_id}")

    found = changes(boss, subject="subscribers", subject_id=subscriber_id)

    # It is disabled first, so that nothing is sent to it while its deliveries are removed.
    assert [action for _, action, _, _ in found] == ["insert", "update", "update", "delete"]
    assert found[1][2:] == ({"url": wish["url"]}, {"url": "https://x.example/"})
    assert found[3][3] is None
    assert {who for who, *_ in found} == {f"admin:{boss.id}"}
    assert made["secret"] not in str(found)


def test_a_command_is_an_actor_of_its_own(app, shop, boss, session):
    sku = shop.product("ring", 5)
    run = app.test_cli_runner().invoke
    assert run(args=["limit-purchases", sku, "2"]).exit_code == 0
    assert run(args=["create-admin", "a@example.com", "--password", PASSWORD]).exit_code == 0

    limited = read(boss, actor="command:limit-purchases")
    [made] = read(boss, actor="command:create-admin")

    assert [(e["before"], e["after"]) for e in limited] == [
        ({"purchase_limit": 0}, {"purchase_limit": 2})
    ]
    assert "@" in made["address"]
    assert made["after"]["role"] == "admin"
    assert {made["after"][name] for name in ("email", "name", "password_hash")} == {"masked"}


def test_who_says_nothing_is_told_by_their_role_in_the_database(shop, boss, session):
    sku = shop.product("ring", 5)
    role = session.scalar(text("SELECT session_user"))

    session.execute(text("UPDATE products SET price = 1, stock_epoch = stock_epoch"))

    newest = read(boss, subject="products", action="update")[0]
    assert newest["actor"] == f"database:{role}"
    assert (newest["before"], newest["after"]) == ({"price": 100_000}, {"price": 1})
    assert newest["address"] is None
    assert session.scalar(select(Product.sku)) == sku


@pytest.mark.parametrize(
    ("change", "subject", "action"),
    [
        ("UPDATE orders SET status = 'cancelled'", "orders", "update"),
        ("UPDATE order_lines SET cancelled_quantity = 1", "order_lines", "update"),
        ("UPDATE payments SET status = 'captured'", "payments", "update"),
        ("DELETE FROM payments", "payments", "delete"),
        ("UPDATE orders SET shipping_address = '{}'", "orders", "update"),
    ],
)
def test_what_the_shop_tells_elsewhere_is_recorded_of_anybody_else(
    shop, session, change, subject, action
):
    shop.product("ring", 5)
    purchase(shop, ring=1)

    session.execute(text(change))

    who, *what = rows(session)[-1]
    assert who.startswith("database:")
    assert what == [action, subject]


def test_a_change_that_changes_nothing_is_none(shop, session):
    shop.product("ring", 5)
    before = rows(session)

    session.execute(text("UPDATE products SET price = price, name = name"))

    assert rows(session) == before


def test_a_change_that_is_undone_was_none(shop, session, boss):
    shop.product("ring", 5)
    before = rows(session)

    with transaction() as opened:
        opened.execute(text("UPDATE products SET price = 1"))
        opened.rollback()

    assert rows(session) == before


def test_nobody_is_taken_for_whoever_came_before_on_the_same_connection(shop, boss, session):
    shop.product("ring", 5)
    clerk = shop.customer()
    boss.post(f"/api/v1/admin/accounts/{clerk.id}/role", {"role": "staff"})

    with transaction() as opened:
        opened.execute(text("UPDATE products SET price = 1"))

    assert rows(session)[-1][0].startswith("database:")


class TestSecretsAndPeople:
    """What is nobody's business is not in the log, so that whoever leaves is forgotten."""

    def test_a_password_that_is_changed_is_masked(self, shop, boss):
        buyer = shop.customer()
        body = {"current_password": PASSWORD, "new_password": "another long sentence"}
        assert buyer.post("/api/v1/me/change-password", body).status_code == 204

        [(who, action, before, after)] = changes(boss, subject="users", subject_id=buyer.id)

        assert (who, action) == (f"customer:{buyer.id}", "update")
        assert before == after == {"password_hash": "masked"}

    def test_nothing_of_a_customer_is_left_when_they_leave(self, shop, session, boss):
        shop.product("ring", 5)
        buyer = shop.customer()
        email = buyer.get("/api/v1/me").json["email"]
        changed = {"name": "Meera Rao", "phone": "9876500000"}
        for body in (changed, {"phone": None}):
            buyer.client.patch("/api/v1/me", json=body, headers=buyer.headers, environ_base=AT_HOME)
        buyer.post("/api/v1/me/addresses", ADDRESS)
        order_id = buyer.check_out(ring=1).json["id"]
        session.execute(text("UPDATE orders SET notes = 'for Meera', billing_address = '{}'"))
        buyer.post(f"/api/v1/orders/{order_id}/cancel")
        left = buyer.client.delete(
            "/api/v1/me", json={"password": PASSWORD}, headers=buyer.headers, environ_base=AT_HOME
        )
        assert left.status_code == 204

        log = every_entry(boss)

        erased = next(entry for entry in log if "deleted_at" in (entry["after"] or {}))
        assert erased["before"]["email"] == erased["after"]["email"] == "masked"
        told = str(log)
        for secret in (email, "Meera", "9876500000", "9876543210", "Temple Street", "113.77"):
            assert secret not in told


def test_terms_of_a_coupon_are_recorded_and_its_uses_are_not(shop, boss):
    shop.product("ring", 5)
    made = boss.post("/api/v1/admin/coupons", {"code": "DIWALI", "basis_points": 1_000})
    body = {"lines": [{"sku": "RING", "quantity": 1}], "shipping_address": ADDRESS}
    body |= {"coupon_code": "DIWALI"}
    assert shop.customer().post("/api/v1/checkout", body, Idempotency_Key="k").status_code == 201
    boss.patch("/api/v1/admin/coupons/DIWALI", {"revision": 1, "is_active": False})

    assert made.status_code == 201
    [insert, update] = changes(boss, subject="coupons")
    assert insert[:2] == (f"admin:{boss.id}", "insert")
    assert update == (
        f"admin:{boss.id}", "update", {"is_active": True, "revision": 1},
        {"is_active": False, "revision": 2},
    )  # fmt: skip
