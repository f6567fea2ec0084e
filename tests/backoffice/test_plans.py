"""Lists and searches read what they show and little more, however much there is, and where."""

import pytest

from bench.history import live_through
from bench.pages import fill_in, paths
from tests.plans import explained, servers_of, statements

ORDERS, PRODUCTS = 20_000, 300
# A page of fifty, with the lines of its orders; of refunds there are more, and of all else.
MOST_ROWS = 400
# These add up, or go through all products.
SUMS = ("today", "operations", "report", "stock")


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
    assert {key: rows for key, rows in read.items() if rows > MOST_ROWS} == {}


def _rows(node):
    """Tell how many rows it found or threw away."""
    gone = sum(node.get(f"Rows Removed by {what}", 0) for what in ("Filter", "Join Filter"))
    return node["Actual Loops"] * (node["Actual Rows"] + gone)
