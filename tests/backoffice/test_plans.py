"""Lists and searches read what they show and little more, however much there is, and where."""

import pytest

from app.backoffice import narrowing
from app.core.db import transaction
from app.fulfilment import filters
from app.fulfilment.filters import Filters
from bench.history import live_through
from bench.pages import COMMON, fill_in, paths
from tests.plans import explained, servers_of, statements

ORDERS, PRODUCTS = 20_000, 300
# A page of fifty, with the lines of its orders; of refunds there are more, and of all else.
MOST_ROWS = 400
# These add up, or go through all products.
SUMS = ("today", "operations", "report", "stock")
# In a shop this small, all lines of a product are read sooner than the day is walked through.
SHORTER = ("orders, an old day, a common product", "order_lines")


@pytest.fixture
def house(settings, redis, tmp_path):
    with servers_of(settings, redis, tmp_path) as house:
        live_through(house, orders=ORDERS, products=PRODUCTS)
        fill_in(house)
        yield house


def test_a_list_reads_what_it_shows(house, admin):
    read = {}
    for name, path in paths(house).items():
        if name.startswith(SUMS):
            continue
        with statements() as asked:
            assert admin.get(path).status_code in {200, 302}, name
        for statement, parameters in asked.items():
            if statement.lstrip().startswith("SELECT"):
                for node in explained(house.sql, statement, parameters, "ANALYZE, "):
                    key = name, node.get("Relation Name", node["Node Type"])
                    read[key] = max(read.get(key, 0), _rows(node))

    assert len(read) > 100
    assert {key for key, rows in read.items() if rows > MOST_ROWS} <= {SHORTER}


def test_what_waits_is_counted_no_further_than_anybody_cares(house, admin):
    house.sql.execute("UPDATE orders SET status = 'confirmed', payment_status = 'captured'")
    house.sql.execute("VACUUM ANALYZE orders")

    with statements() as asked:
        shown = admin.get("/orders/").text

    assert '<span class="count">1,000+</span>' in shown
    [(counting, parameters)] = [one for one in asked.items() if "count(" in one[0]]
    nodes = explained(house.sql, counting, parameters, "ANALYZE, ")
    assert max(map(_rows, nodes)) == narrowing.MOST_COUNTED + 1


def test_what_is_common_and_what_is_rare_go_their_own_ways(house):
    ways = {}
    for sku in (COMMON, "OLD-000007"):
        query, parameters = _listed(Filters(sku=sku))
        nodes = explained(house.sql, query, parameters)
        ways[sku] = {name for node in nodes if (name := node.get("Index Name"))}

    newest, by_sku = "ix_orders_created_at_id", "ix_order_lines_sku_order_id"
    assert newest in ways[COMMON]
    assert by_sku in ways["OLD-000007"]
    assert newest not in ways["OLD-000007"]


def test_values_stand_in_the_statement_so_that_no_plan_is_of_another_value(house):
    """A plan that is kept for all values reads a million orders for a state that few have."""
    values = {
        "status": "shipped", "payment_status": "refunded", "sku": COMMON, "gateway": "stripe"
    }  # fmt: skip

    query, parameters = _listed(Filters(**values))

    for value in values.values():
        assert f"= '{value}'" in query
        assert value not in parameters.values()


def _listed(asked):
    """The statement that lists orders."""
    with statements() as seen, transaction() as session:
        filters.search(session, asked, limit=25, cursor=None)
    return next(one for one in seen.items() if "orders.number" in one[0])


def _rows(node):
    """Tell how many rows it found or threw away."""
    gone = sum(node.get(f"Rows Removed by {what}", 0) for what in ("Filter", "Join Filter"))
    return node["Actual Loops"] * (node["Actual Rows"] + gone)
