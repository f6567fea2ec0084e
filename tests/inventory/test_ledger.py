"""The ledger: every change of on hand is a movement, and nothing else changes on hand."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from app.core.db import transaction
from app.core.problems import ReferenceReused
from app.inventory import ledger
from app.inventory.errors import NotReturnable
from app.inventory.models import Reservation, StockMovement
from app.inventory.terms import Booking, Levels
from tests.builders import values
from tests.payments.purchase import purchase

WAITING = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
RETURN = Booking("return-1", "asha")
MOVEMENTS = select(
    StockMovement.kind, StockMovement.units, StockMovement.balance, StockMovement.reference
).order_by(StockMovement.id)


@pytest.fixture
def sold(shop):
    """An order of two rings and a chain that is paid for; three and one are left."""
    shop.product("ring", 5)
    shop.product("chain", 2)
    bought = purchase(shop, ring=2, chain=1)
    bought.tell("payment.captured", bought.pay())
    shop.work()
    assert bought.status == ("confirmed", "captured")
    return shop.claim(bought.order_id)


def take_back(redis, claim, booking=RETURN, **returned):
    """Take units back as a story does: Postgres, then Redis."""
    options = {k: returned.pop(k) for k in ("written_off",) if k in returned}
    with transaction() as session:
        back = ledger.restock(session, claim.id, returned, booking, **options)
        numbers = ledger.numbers(session, list(returned), buyer=claim.buyer)
    if back is not None:
        ledger.settle(redis, back, numbers)
    return back


def test_units_that_come_back_are_on_sale_again(shop, session, redis, sold):
    assert take_back(redis, sold, RING=1, CHAIN=1) is not None

    assert (shop.levels("ring"), shop.levels("chain")) == (Levels(4, 0, 0), Levels(2, 0, 0))
    assert values(session.execute(MOVEMENTS))[-2:] == [
        ("restock", 1, 2, "return-1:CHAIN"),
        ("restock", 1, 4, "return-1:RING"),
    ]
    rows = session.scalars(select(StockMovement).where(StockMovement.kind == "restock")).all()
    assert {(row.order_id, row.actor) for row in rows} == {(sold.id, "asha")}


def test_units_that_come_back_broken_pass_through_the_ledger_and_are_not_for_sale(
    shop, session, redis, sold
):
    take_back(redis, sold, RING=2, written_off="stone lost")

    assert shop.levels("ring") == Levels(3, 0, 0)
    assert values(session.execute(MOVEMENTS))[-2:] == [
        ("restock", 2, 5, "return-1:RING"),
        ("write_off", -2, 3, "return-1:write_off:RING"),
    ]
    assert ledger.disagreements(session) == []


def test_a_return_is_booked_once_under_one_reference(shop, redis, sold):
    take_back(redis, sold, RING=1)

    assert take_back(redis, sold, RING=1) is None

    assert (shop.on_hand("ring"), shop.levels("ring")) == (4, Levels(4, 0, 0))


def test_a_return_under_a_reference_of_another_one_books_nothing(shop, session, redis, sold):
    take_back(redis, sold, RING=1)
    before = values(session.execute(MOVEMENTS))

    with pytest.raises(ReferenceReused):
        take_back(redis, sold, CHAIN=1, RING=1)

    assert values(session.execute(MOVEMENTS)) == before
    assert (shop.on_hand("chain"), shop.levels("chain")) == (1, Levels(1, 0, 0))


@pytest.mark.parametrize("second", [2, 3])
def test_no_more_comes_back_than_went_out(shop, session, redis, sold, second):
    take_back(redis, sold, RING=1)

    with pytest.raises(NotReturnable) as refused:
        take_back(redis, sold, Booking("return-2", "asha"), RING=second)

    assert refused.value.members == {"lines": [{"sku": "RING", "units": second}]}
    assert (shop.on_hand("ring"), ledger.disagreements(session)) == (4, [])


def test_what_was_never_paid_for_cannot_come_back(shop, redis):
    shop.product("ring", 5)
    pending = shop.claim(shop.customer().check_out(ring=2).json["id"])

    with pytest.raises(NotReturnable):
        take_back(redis, pending, RING=1)

    assert shop.on_hand("ring") == 5


def test_a_line_that_cannot_come_back_keeps_the_others_out_too(shop, redis, sold):
    with pytest.raises(NotReturnable):
        take_back(redis, sold, CHAIN=1, RING=3)

    assert (shop.on_hand("chain"), shop.on_hand("ring")) == (1, 3)


def test_on_hand_cannot_be_changed_past_the_ledger(shop):
    shop.product("ring", 5)

    with (
        pytest.raises(IntegrityError, match="on hand of RING is 4, and the ledger says 5"),
        transaction() as session,
    ):
        session.execute(text("UPDATE products SET stock_quantity = 4"))

    assert shop.on_hand("ring") == 5


def test_a_movement_without_its_change_of_on_hand_is_found(shop, session):
    """The trigger watches products; a lone row of the ledger is what the check finds."""
    shop.product("ring", 5)
    session.execute(
        text(
            "INSERT INTO stock_movements (product_id, kind, units, balance, reference, actor)"
            " SELECT id, 'receipt', 2, 7, 'a hand in the books', 'nobody' FROM products"
        )
    )

    assert ledger.disagreements(session) == [("RING", 5, 7)]
    assert ledger.disagreements(session, ["CHAIN"]) == []


@pytest.mark.parametrize(
    ("kind", "units", "reason", "constraint"),
    [
        ("sale", 1, None, "kind_fits_sign"),
        ("receipt", -1, None, "kind_fits_sign"),
        ("restock", -1, None, "kind_fits_sign"),
        ("write_off", 1, "broken", "kind_fits_sign"),
        ("gift", -1, "birthday", "kind_fits_sign"),
        ("adjustment", 0, "nothing", "units_not_zero"),
        ("adjustment", 1, None, "reason_given"),
        ("write_off", -1, None, "reason_given"),
        ("adjustment", 1, "", "reason_given"),
    ],
)
def test_postgres_itself_refuses_a_movement_that_makes_no_sense(
    shop, session, kind, units, reason, constraint
):
    shop.product("ring", 5)

    with pytest.raises(IntegrityError, match=f"ck_stock_movements_{constraint}"):
        session.execute(
            text(
                "INSERT INTO stock_movements"
                " (product_id, kind, units, balance, reference, actor, reason)"
                " SELECT id, :kind, :units, 5 + :units, 'x', 'test', :reason FROM products"
            ),
            {"kind": kind, "units": units, "reason": reason},
        )


def test_postgres_itself_refuses_a_return_of_more_than_was_bought(shop, session, sold):
    for returned, constraint in ((3, "returned_within_units"), (-1, "returned_within_units")):
        with pytest.raises(IntegrityError, match=f"ck_reservations_{constraint}"):
            session.execute(
                text("UPDATE reservations SET returned = :n WHERE units = 2"), {"n": returned}
            )
    with pytest.raises(IntegrityError, match="ck_reservations_returned_after_paid"):
        session.execute(text("UPDATE reservations SET returned = 1, state = 'expired'"))

    assert set(session.scalars(select(Reservation.returned))) == {0}


def test_two_bookings_at_once_are_both_counted(shop, session):
    """The second waits for the first, and adds to what it left."""
    shop.product("ring", 5)

    def book_one_more():
        with transaction() as another:
            another.execute(text("SET LOCAL lock_timeout = '1min'"))
            ledger.receive(another, "RING", 1, Booking("later", "asha"))

    with ThreadPoolExecutor(1) as pool:
        with transaction() as first:
            ledger.receive(first, "RING", 1, Booking("earlier", "asha"))
            second = pool.submit(book_one_more)
            while not session.scalar(WAITING):
                assert not second.done()
        second.result()

    assert shop.on_hand("ring") == 7
    assert values(session.execute(MOVEMENTS))[-2:] == [
        ("receipt", 1, 6, "earlier:RING"),
        ("receipt", 1, 7, "later:RING"),
    ]
