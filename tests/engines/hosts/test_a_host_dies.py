"""Web on several hosts: one of them dies in the middle of a sale, with all that it was at."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from uuid import uuid4

import pytest
import requests
from sqlalchemy import func, select

from app.inventory.models import Reservation
from app.orders.models import Order
from tests.builders import ADDRESS, PAN
from tests.engines import books
from tests.engines.hosts.network import PORT
from tests.engines.sale import PATIENCE_SECONDS, Sale, end, web
from tests.workers.process import running, wait_until

UNITS = 45
BUYERS = 9
# Of them when the host dies.
FIRST = 12


def serve(processes, host, there, **more):
    """Serve the web on a host for as long as the test lasts."""
    return processes.enter_context(
        web(PORT, host=host.address, within=host.within, env=there, **more)
    )


def test_exactly_what_there_is_is_sold_and_every_order_is_paid(shop, session, network, there):
    shop.product("ring", UNITS)
    sale = Sale(shop, [host.url for host in network.hosts], "RING", call_seconds=(5, 20))
    with ExitStack() as processes:
        served = [serve(processes, host, there) for host in network.hosts]
        worker = processes.enter_context(running("workers.run", "webhooks"))
        dying = network.hosts[0]

        def dies(sale):
            sale.wait_for(FIRST)
            dying.cut()
            end(served[0])

        sale.run(BUYERS, meanwhile=dies)
        assert [one.poll() for one in served[1:]] == [None, None]
        wait_until(lambda: books.standing(session) == {"confirmed": UNITS}, on=worker)
    shop.work()

    # It had served, and somebody was cut off.
    assert sale.answered[dying.url] > 0
    assert [answer for answer in sale.answers if isinstance(answer, str)]
    assert books.unwritten(session, "RING") == 0
    books.check(shop, session, sale, UNITS)


@pytest.mark.parametrize("keeps_key", [True, False], ids=["same key", "another key"])
def test_an_order_whose_answer_died_with_its_host_is_told_by_another(
    shop, session, network, there, keeps_key
):
    """The negative control: whoever comes with another key has two orders, both with units."""
    shop.product("ring", 2)
    late, other = network.hosts[:2]
    buyer, key = shop.customer(), uuid4().hex

    def check_out(host, key):
        body = {"shipping_address": ADDRESS, "pan": PAN, "lines": [{"sku": "RING", "quantity": 1}]}
        headers = buyer.headers | {"Idempotency-Key": key}
        url = f"{host.url}/api/v1/checkout"
        return requests.post(url, json=body, headers=headers, timeout=(5, PATIENCE_SECONDS))

    with ExitStack() as processes:
        dying = serve(processes, late, there, app="tests.engines.hosts.late:app")
        serve(processes, other, there)
        with ThreadPoolExecutor(1) as thread:
            lost = thread.submit(check_out, late, key)
            wait_until(lambda: session.scalar(select(func.count(Order.id))) == 1, on=dying)
            end(dying)
            late.cut()
            with pytest.raises(requests.RequestException):
                lost.result(PATIENCE_SECONDS)
        told = check_out(other, key if keeps_key else uuid4().hex)

    assert told.status_code == 201, told.text
    ids = list(map(str, session.scalars(select(Order.id))))
    held = session.scalar(select(func.sum(Reservation.units)))
    if keeps_key:
        assert (ids, held) == ([told.json()["id"]], 1)
    else:
        assert (len(ids), held) == (2, 2)
