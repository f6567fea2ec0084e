"""
A real server in real trouble: down, frozen, stalled, full, read-only, busy, loading, forgetful.

Whatever the trouble, a checkout is refused in bounded time and leaves nothing; when the trouble
is over the same process answers the same request, and every unit is counted once.
"""

from contextlib import ExitStack

import pytest

from app.core import redis_client
from app.inventory import keys, scripts
from app.inventory.terms import Levels
from tests.checkout.steps import at_once, basket, reservations, send, told
from tests.checkout.test_outages import UNAVAILABLE
from tests.outages import server as troubles
from tests.outages.moments import held, once_asked, once_reserved, rows, send_again, timed
from tests.outages.server import TROUBLES, frozen, full, wait_until
from tests.payments.purchase import make_due, purchase, refunds, run_out
from workers.expiry import expire_orders

NOTHING = {"ring": (0, 5), "chain": (0, 5)}
ORDERED = {"ring": (2, 3), "chain": (1, 4)}
ORDER = basket(ring=2, chain=1)


def in_trouble(*kinds):
    return pytest.mark.parametrize("trouble", kinds, ids=lambda kind: kind.__name__)


@in_trouble(*TROUBLES)
def test_a_checkout_in_trouble_is_told_to_come_back_and_succeeds_afterwards(
    shop, server, buyer, session, trouble
):
    before = rows(session)

    with trouble(server):
        response = timed(lambda: send(buyer, ORDER))
        assert rows(session) == before

    assert (response.status_code, told(response)) == (503, UNAVAILABLE)
    assert int(response.headers["Retry-After"]) >= 1
    assert held(shop) == NOTHING

    again = send(buyer, ORDER)

    assert again.status_code == 201
    assert reservations(session) == [(1, "pending"), (2, "pending")]
    assert held(shop) == ORDERED


@in_trouble(*(kind for kind in TROUBLES if kind is not troubles.loading))
def test_trouble_that_begins_once_a_request_is_claimed_leaves_no_line_held(
    shop, server, buyer, session, settings, monkeypatch, trouble
):
    before = rows(session)

    with ExitStack() as stack:
        once_asked(monkeypatch, lambda: stack.enter_context(trouble(server)))
        response = timed(lambda: send(buyer, ORDER))
        assert rows(session) == before

    assert (response.status_code, told(response)) == (503, UNAVAILABLE)
    assert held(shop) == NOTHING

    again = send_again(redis_client.redis(), settings, buyer, ORDER)

    assert again.status_code == 201
    assert reservations(session) == [(1, "pending"), (2, "pending")]
    assert held(shop) == ORDERED


@in_trouble(*(kind for kind in TROUBLES if kind is not troubles.loading))
def test_trouble_that_begins_once_units_are_reserved_costs_nobody_the_order(
    shop, server, buyer, session, settings, monkeypatch, trouble
):
    with ExitStack() as stack:
        once_reserved(monkeypatch, lambda: stack.enter_context(trouble(server)))
        response = timed(lambda: send(buyer, ORDER))

    assert response.status_code == 201
    assert reservations(session) == [(1, "pending"), (2, "pending")]
    assert held(shop) == ORDERED
    replayed = send_again(redis_client.redis(), settings, buyer, ORDER)
    assert (replayed.status_code, replayed.json) == (201, response.json)
    assert held(shop) == ORDERED


@in_trouble(*TROUBLES, frozen)
def test_in_trouble_the_shop_is_open_for_looking_and_takes_what_razorpay_tells(
    shop, server, session, trouble
):
    order = purchase(shop, ring=2, chain=1)
    event = order.event("payment.authorized", order.pay("authorized"))
    stranger, visitor, guest = shop.customer(), shop.customer(), shop.customer()

    with trouble(server):
        shelves, ring, cart, delivery = at_once([
            lambda: timed(lambda: stranger.get("/api/v1/products")),
            lambda: timed(lambda: visitor.get("/api/v1/products/ring")),
            lambda: timed(lambda: guest.get("/api/v1/cart")),
            lambda: timed(lambda: shop.deliver(event)),
        ])  # fmt: skip

    codes = [answer.status_code for answer in (shelves, ring, cart, delivery)]
    assert codes == [200, 200, 200, 200]
    assert ring.json["available"] == 3
    shop.work("webhooks")
    assert order.status == ("pending", "authorized")


@in_trouble(*(kind for kind in TROUBLES if kind not in (troubles.loading, full)), frozen)
def test_a_capture_told_in_trouble_is_worked_when_it_is_over(shop, server, session, trouble):
    order = purchase(shop, ring=2, chain=1)

    with trouble(server):
        shop.capture(order.opened)
        shop.work("webhooks", "payments")
    make_due(session)
    shop.work("webhooks", "payments")

    assert order.status == ("confirmed", "captured")
    assert refunds(session) == []
    assert (shop.on_hand("ring"), shop.on_hand("chain")) == (3, 4)
    assert held(shop) == {"ring": (0, 3), "chain": (0, 4)}
    assert (shop.levels("ring").committed, shop.levels("chain").committed) == (0, 0)


def test_a_full_server_gives_a_cancelled_order_back(shop, server, buyer):
    order = send(buyer, ORDER).json

    with full(server):
        response = buyer.post(f"/api/v1/orders/{order['id']}/cancel", {})
        assert response.status_code == 200
        assert held(shop) == NOTHING


def test_a_full_server_gives_back_what_has_run_out(shop, server, buyer, session):
    order = send(buyer, ORDER).json
    run_out(session, order["id"])

    with full(server):
        # Asked of Redis itself: the shop would go on with what Postgres remembers.
        assert scripts.levels(redis_client.redis(), ["RING"]) == {"RING": Levels(5, 0, 0)}
        assert redis_client.redis().zcard(keys.reservations("RING")) == 0
        assert expire_orders() == 1

    assert held(shop) == NOTHING

    assert buyer.order(order["id"])["status"] == "expired"


def test_a_full_server_commits_and_settles_what_is_paid_for(shop, server):
    order = purchase(shop, ring=2, chain=1)

    with full(server):
        shop.capture(order.opened)
        shop.work("webhooks", "payments")
        assert order.status == ("confirmed", "captured")
        assert held(shop) == {"ring": (0, 3), "chain": (0, 4)}
        assert redis_client.redis().hlen(keys.committed("RING")) == 0


def test_a_server_that_forgot_its_scripts_is_no_trouble_at_all(shop, server, buyer):
    with server.client() as client:
        client.script_flush()
        assert held(shop) == NOTHING
        client.script_flush()

    assert send(buyer, ORDER).status_code == 201
    assert held(shop) == ORDERED


def test_a_slow_server_is_waited_for(shop, server, buyer, session):
    with server.client() as client:
        client.client_pause(500, all=False)

    response = timed(lambda: send(buyer, ORDER))

    assert response.status_code == 201
    assert (reservations(session), held(shop)) == ([(1, "pending"), (2, "pending")], ORDERED)


def test_a_reserve_that_runs_after_its_request_was_given_up_takes_its_units_once(
    shop, server, buyer, session, settings, monkeypatch
):
    before = rows(session)
    once_asked(monkeypatch, server.freeze)

    response = timed(lambda: send(buyer, ORDER))
    assert rows(session) == before
    server.thaw()
    redis = redis_client.redis()
    wait_until(lambda: redis.zcard(keys.reservations("RING")) == 1)

    assert (response.status_code, told(response)) == (503, UNAVAILABLE)
    assert held(shop) == ORDERED
    rival = shop.customer()
    refused = send(rival, basket(ring=4), "too many")
    assert refused.json["lines"] == [{"sku": "RING", "requested": 4, "available": 3}]
    assert send(rival, basket(ring=3), "what is left").status_code == 201
    assert send_again(redis, settings, buyer, ORDER).status_code == 201
    assert held(shop) == {"ring": (5, 0), "chain": (1, 4)}
    assert reservations(session) == [(1, "pending"), (2, "pending"), (3, "pending")]
