"""The drill: sell, lose, restore to a second, and see what the shop knows then."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import make_url

from app.core import db, jobs, redis_client
from ops import reconcile
from tests.tables import empty_tables


def buy(shop, buyer, name):
    order = buyer.check_out(**{name: 1}).json
    opened = buyer.open_payment(order["id"])
    paid = shop.capture(opened)
    shop.work()
    assert buyer.order(order["id"])["status"] == "confirmed"
    return order["id"], paid["razorpay_payment_id"]


def move_to(archive, port, empty_redis):
    """Point the shop at what was restored."""
    db.connect(make_url(archive.url).set(port=port).render_as_string(hide_password=False))
    redis_client.connect(empty_redis["STOCK_REDIS_URL"])
    jobs.connect(empty_redis["QUEUE_REDIS_URL"])


def command(shop, *words):
    result = shop.app.test_cli_runner().invoke(args=words)
    return result.exit_code, result.output


def refunded(gateway, payment_id):
    return gateway.payment(payment_id)["amount_refunded"]


@pytest.fixture
def day(archive, shop, gateway):
    """A day that goes wrong after a second: what was bought before it, across it and after it."""
    assert archive.run("base") == 0
    shop.product("ring", 5)
    buyer = shop.customer()
    before, _ = buy(shop, buyer, "ring")
    across = buyer.check_out(ring=1).json["id"]
    opened = buyer.open_payment(across)
    second = archive.now()
    paid_across = shop.capture(opened)["razorpay_payment_id"]
    after, paid_after = buy(shop, buyer, "ring")
    # Somebody's hand, with the triggers off that would refuse it.
    with archive.connection() as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute("DELETE FROM stock_movements")
        connection.execute("DELETE FROM order_lines")
    return {
        "buyer": buyer, "second": second, "before": before, "across": across, "after": after,
        "paid_across": paid_across, "paid_after": paid_after,
    }  # fmt: skip


def test_a_chosen_second_is_restored_and_reconciled_by_one_command(
    archive, shop, gateway, day, empty_redis, port
):
    assert command(shop, "check-stock", "--grace", "0")[0] == 1
    into = archive.folder("restored")

    found = archive.restore(
        day["second"].isoformat(), into, "--port", str(port), "--refund-unknown", **empty_redis
    )

    assert found.returncode == 0, found.stdout + found.stderr
    assert f"{day['paid_after']} for order_" in found.stdout
    assert "sent back" in found.stdout
    assert f"capture_missing {day['paid_across']}" in found.stdout
    move_to(archive, port, empty_redis)
    buyer = day["buyer"]
    assert buyer.order(day["before"])["status"] == "confirmed"
    assert buyer.order(day["across"])["status"] == "confirmed"
    assert buyer.get(f"/api/v1/orders/{day['after']}").status_code == 404
    assert refunded(gateway, day["paid_across"]) == 0
    assert refunded(gateway, day["paid_after"]) == gateway.payment(day["paid_after"])["amount"]
    assert command(shop, "check-stock", "--grace", "0") == (
        0, "1 products compared, 0 of them differ.\n",
    )  # fmt: skip
    assert command(shop, "check-money")[0] == 0
    assert shop.levels("ring").available == 3
    buy(shop, buyer, "ring")
    assert shop.on_hand("ring") == 2
    assert command(shop, "check-stock", "--grace", "0")[0] == 0


def test_a_redis_that_knows_more_than_the_books_is_not_believed(
    archive, day, server_urls, empty_redis, port
):
    into = archive.folder("full")
    redis = {"QUEUE_REDIS_URL": server_urls.admin["QUEUE_REDIS_URL"]}

    found = archive.restore(
        day["second"].isoformat(), into, "--port", str(port), **empty_redis | redis
    )

    assert (found.returncode, found.stdout) == (2, "")
    assert "QUEUE_REDIS_URL is not empty" in found.stderr
    assert list(into.iterdir()) == []


def test_who_may_not_empty_redis_is_told_so_before_anything_is_restored(
    archive, day, server_urls, empty_redis, port
):
    into = archive.folder("unprivileged")
    redis = {"STOCK_REDIS_URL": server_urls["STOCK_REDIS_URL"]}

    found = archive.restore(
        day["second"].isoformat(), into, "--port", str(port), **empty_redis | redis
    )

    assert (found.returncode, found.stdout) == (2, "")
    assert "STOCK_REDIS_URL is of a user who may not empty a server: name ora_admin" in found.stderr
    assert list(into.iterdir()) == []


def test_only_who_is_told_to_sends_back_what_was_captured_for_a_lost_order(
    shop, gateway, moves, capsys
):
    """An order taken out of the books is to the gateway as one that a restore lost."""
    since = datetime.now(UTC)
    shop.product("ring", 5)
    _, paid = buy(shop, shop.customer(), "ring")
    empty_tables("orders")
    asked = ["--gateways-only", "--since", since.isoformat()]

    codes = [reconcile.main(asked)]
    told = capsys.readouterr().out
    kept = refunded(gateway, paid)
    codes += [reconcile.main([*asked, "--refund-unknown"]), reconcile.main(asked)]

    assert f"{paid} for order_" in told
    assert "NOT SENT BACK" in told
    assert "again with --refund-unknown" in told
    assert kept == 0
    assert refunded(gateway, paid) == gateway.payment(paid)["amount"]
    assert codes == [1, 0, 0], capsys.readouterr().out


def test_everything_up_to_a_crash_is_restored(archive, shop, empty_redis, port):
    """Nothing that was committed is lost, though its segment was never completed."""
    assert archive.run("base") == 0
    shop.product("ring", 5)
    order, _ = buy(shop, shop.customer(), "ring")

    found = archive.restore("latest", archive.folder("latest"), "--port", str(port), **empty_redis)

    assert found.returncode == 0, found.stdout + found.stderr
    move_to(archive, port, empty_redis)
    assert shop.on_hand("ring") == 4
    assert shop.claim(order).units == {"RING": 1}
