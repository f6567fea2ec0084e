"""The functions that the product's brief names, by the names they have here."""

import re
from importlib import import_module
from pathlib import Path

import pytest

from app.inventory import stock
from app.inventory.errors import UnknownSku
from app.inventory.stock import Status
from app.inventory.terms import Levels

PAGE = Path(__file__).parents[2] / "docs" / "inventory.md"
ROWS = re.findall(r"^\| `(\w+)` \| (.+?) \|", PAGE.read_text(), re.MULTILINE)
BRIEF = {
    "lock_inventory", "confirm_inventory_deduction", "release_inventory_locks",
    "restock_inventory", "cleanup_expired_locks", "get_available_inventory",
    "get_inventory_status", "get_low_stock_products", "get_product_inventory_status",
}  # fmt: skip


def test_the_page_names_ours_for_each_of_the_briefs():
    assert {brief for brief, _ in ROWS} >= BRIEF


@pytest.mark.parametrize(("brief", "ours"), [row for row in ROWS if row[0] in BRIEF])
def test_what_the_page_names_is_there(brief, ours):
    names = re.findall(r"`(\w+)\.(\w+)", ours)

    assert names
    for module, function in names:
        assert callable(getattr(import_module(f"app.inventory.{module}"), function))


def test_what_is_available_of_one_product(shop, redis):
    shop.product("ring", 3)
    shop.customer().check_out(ring=1)

    assert stock.available(redis, "RING") == 2
    with pytest.raises(UnknownSku):
        stock.available(redis, "NOSUCH")


def test_the_status_of_one_product(shop, redis):
    shop.product("ring", 3, low_stock_threshold=2, purchase_limit=5)
    shop.customer().check_out(ring=1)

    status = stock.status(redis, "RING")

    assert status == Status("RING", "The ring", Levels(3, 1, 0), 2, 5)
    assert status.is_low
    with pytest.raises(UnknownSku):
        stock.status(redis, "NOSUCH")
