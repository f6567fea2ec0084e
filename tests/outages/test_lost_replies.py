"""
The connection breaks when a script has run and its reply is not back yet.

The client asks once more at once; whatever is asked twice is done once.
"""

import pytest

from app.checkout import scripts as checkout
from app.core import redis_client
from app.inventory import scripts as inventory
from tests.checkout.steps import basket, reservations, send
from tests.outages.moments import held
from tests.outages.wire import wire_to
from tests.payments.purchase import purchase, refunds

ORDER = basket(ring=2, chain=1)


@pytest.fixture
def wire(server):
    with wire_to(server.port) as wire:
        redis_client.connect(server.url.replace(f":{server.port}/", f":{wire.port}/"))
        yield wire
        redis_client.disconnect()


@pytest.mark.parametrize("script", [checkout._CLAIM, inventory._RESERVE])
def test_a_checkout_whose_reply_is_lost_on_the_way_is_done_once(shop, wire, buyer, session, script):
    wire.break_after(script.digest)

    response = send(buyer, ORDER)

    assert wire.has_broken
    assert response.status_code == 201, response.json
    assert reservations(session) == [(1, "pending"), (2, "pending")]
    assert held(shop) == {"ring": (2, 3), "chain": (1, 4)}


def test_a_cancel_whose_reply_is_lost_on_the_way_is_done_once(shop, wire, buyer):
    other = send(shop.customer(), basket(ring=1))
    order = send(buyer, ORDER).json
    wire.break_after(inventory._RELEASE.digest)

    assert buyer.post(f"/api/v1/orders/{order['id']}/cancel", {}).status_code == 200

    assert (wire.has_broken, other.status_code) == (True, 201)
    assert held(shop) == {"ring": (1, 4), "chain": (0, 5)}


@pytest.mark.parametrize("script", [inventory._EXTEND, inventory._COMMIT, inventory._SETTLE])
def test_a_capture_whose_reply_is_lost_on_the_way_is_done_once(shop, wire, session, script):
    order = purchase(shop, ring=2, chain=1)
    wire.break_after(script.digest)

    shop.capture(order.opened)
    shop.work("webhooks", "payments")

    assert wire.has_broken
    assert (order.status, refunds(session)) == (("confirmed", "captured"), [])
    assert (shop.on_hand("ring"), shop.on_hand("chain")) == (3, 4)
    assert held(shop) == {"ring": (0, 3), "chain": (0, 4)}
