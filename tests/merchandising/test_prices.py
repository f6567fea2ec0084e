"""Many products are changed together: each as it was read, all of them or none."""

from itertools import permutations

import pytest
from sqlalchemy import select

from app.catalog.models import Product
from app.core.money import changed_by
from app.merchandising import prices
from app.merchandising.errors import ProductChanged
from app.merchandising.prices import Wanted, change_products
from tests.checkout.steps import at_once


@pytest.fixture
def pieces(shop):
    for name in ("chain", "pin", "ring"):
        shop.product(name, 5)
    return shop


def shown(session):
    session.expire_all()
    query = select(Product.sku, Product.price, Product.revision).order_by(Product.sku)
    return {sku: (price, revision) for sku, price, revision in session.execute(query)}


def test_all_are_changed_and_what_is_so_already_stays(pieces, session):
    changed = change_products([
        Wanted("RING", 1, {"price": 5}), Wanted("PIN", 1, {"price": 100_000}),
        Wanted("CHAIN", 1, {"purchase_limit": 1}),
    ])  # fmt: skip

    assert changed == ["RING", "CHAIN"]
    assert shown(session) == {"CHAIN": (100_000, 2), "PIN": (100_000, 1), "RING": (5, 2)}
    assert pieces.customer().check_out(chain=2).json["code"] == "purchase_limit_exceeded"


def test_one_that_was_changed_since_is_named_and_none_is_changed(pieces, session):
    change_products([Wanted("PIN", 1, {"price": 7})])

    with pytest.raises(ProductChanged) as refused:
        change_products([
            Wanted("RING", 1, {"price": 5}), Wanted("PIN", 1, {"price": 6}),
            Wanted("GONE", 1, {"price": 5}),
        ])  # fmt: skip

    assert refused.value.members["skus"] == ["PIN", "GONE"]
    assert shown(session) == {"CHAIN": (100_000, 1), "PIN": (7, 2), "RING": (100_000, 1)}


def test_what_is_sent_twice_is_done_once(pieces, session):
    wanted = [Wanted("RING", 1, {"price": 5})]

    assert change_products(wanted) == ["RING"]
    assert change_products(wanted) == []
    assert shown(session)["RING"] == (5, 2)


def test_of_many_at_once_one_wins_whatever_their_order(pieces, session):
    """They lock in one order, so that nobody waits for each other."""

    def change(skus, price):
        try:
            return len(prices.change_products([Wanted(sku, 1, {"price": price}) for sku in skus]))
        except ProductChanged:
            return 0

    orders = list(permutations(("CHAIN", "PIN", "RING")))
    done = at_once([
        lambda skus=skus, number=number: change(skus, number)
        for number, skus in enumerate(orders, start=1)
    ])  # fmt: skip

    assert sorted(done) == [0, 0, 0, 0, 0, 3]
    assert len(set(shown(session).values())) == 1


@pytest.mark.parametrize(
    ("price", "share", "new"),
    [
        (100_000, -1_000, 90_000), (99_995, -1_000, 90_000), (50_050, 0, 50_100),
        (50_049, 0, 50_000), (100, -4_999, 100), (100, -5_001, 0), (0, 1_000, 0),
        (12_34_567_00, 250, 12_65_431_00), (33_300, 3_333, 44_400), (10_000, -9_999, 0),
    ],
)  # fmt: skip
def test_a_share_more_or_less_is_rounded_to_the_rupee(price, share, new):
    assert changed_by(price, share) == new
