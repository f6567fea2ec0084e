"""Whatever happens to orders in whatever order, a coupon is counted as often as it is used."""

from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from app.orders.models import Order
from tests.coupons.till import buy, coupon, uses
from tests.payments.balance import assert_balanced
from tests.payments.purchase import Purchase, run_out
from tests.tables import empty_tables
from workers.expiry import expire_orders

# Whose unpaid units and coupon count, and who has them for good.
USING = ("pending", "confirmed")


class Till:
    """A coupon of few uses, two customers, and what they did."""

    def __init__(self, shop: Any, session: Any, limit: int, limit_each: int) -> None:
        self.shop, self.session, self.limit, self.limit_each = shop, session, limit, limit_each
        shop.product("ring", 50)
        shop.levels("ring")
        coupon(shop, usage_limit=limit, usage_limit_per_customer=limit_each)
        self.buyers = [shop.customer() for _ in range(2)]
        self.orders: list[Purchase] = []

    def buy(self, number: int) -> None:
        buyer = self.buyers[number % 2]
        answer = buy(buyer, "DIWALI", ring=1)
        assert (answer.status_code, answer.json.get("code")) in (
            (201, None), (409, "coupon_used_up"),
        )  # fmt: skip
        if answer.status_code == 201:
            order_id = answer.json["id"]
            self.orders.append(Purchase(self.shop, buyer, order_id, buyer.open_payment(order_id)))

    def expire(self, number: int) -> None:
        if one := self.one(number):
            if one.status[0] == "pending":
                run_out(self.session, one.order_id)
            expire_orders()

    def cancel(self, number: int) -> None:
        if one := self.one(number):
            one.buyer.post(f"/api/v1/orders/{one.order_id}/cancel")
            self.shop.work()

    def pay(self, number: int) -> None:
        """In time, late, or once more."""
        if one := self.one(number):
            paid = one.pay() if one.status[1] == "pending" else one.paid_again()
            one.tell("payment.captured", paid)
            self.shop.work()

    def one(self, number: int) -> Purchase | None:
        return self.orders[number % len(self.orders)] if self.orders else None

    def check(self) -> None:
        query = select(Order.user_id).where(Order.coupon_code == "DIWALI", Order.status.in_(USING))
        users = self.session.scalars(query).all()
        assert uses(self.session) == (len(users),) * 3
        assert len(users) <= self.limit
        assert max((users.count(user) for user in users), default=0) <= self.limit_each


STEPS: dict[str, Callable[[Till, int], None]] = {
    "buy": Till.buy, "expire": Till.expire, "cancel": Till.cancel, "pay": Till.pay,
}  # fmt: skip


@settings(
    max_examples=20, deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip
@given(
    limit=st.integers(1, 3),
    limit_each=st.integers(1, 2),
    steps=st.lists(st.tuples(st.sampled_from(sorted(STEPS)), st.integers(0, 5)), max_size=14),
)
def test_it_is_used_as_often_as_orders_have_it(
    shop, session, redis, gateway, limit, limit_each, steps
):
    empty_tables()
    shop.categories.clear()
    redis.flushall()
    gateway.clear()
    till = Till(shop, session, limit, limit_each)
    for step, number in steps:
        STEPS[step](till, number)
        till.check()
    assert_balanced(session)
