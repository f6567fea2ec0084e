"""Several orders at once: moved on each by itself, told of one by one."""

import pytest
from sqlalchemy import update

from app.backoffice import chosen
from app.core.problems import ServiceUnavailable
from app.orders.models import Order
from tests.backoffice.desk import choose, states, steps, told


def test_two_of_three_are_packed(session, staff, paid):
    (first, one), (second, other), (_, left) = paid(3)

    answer = choose(staff, "processing", first, second)

    assert answer.status_code == 302
    assert answer.headers["Location"].endswith("/admin/orders/?view=to+pack")
    assert told(staff) == [f"{one} is processing.", f"{other} is processing."]
    assert states(session) == {one: "processing", other: "processing", left: "confirmed"}
    assert steps(session) == [("processing", f"staff:{staff.id}")] * 2


def test_sent_twice_it_is_done_once(session, staff, paid):
    [(order_id, number)] = paid(1)

    for _ in range(2):
        choose(staff, "processing", order_id, order_id)
        assert told(staff) == [f"{number} is processing."]

    assert steps(session) == [("processing", f"staff:{staff.id}")]


def test_what_cannot_be_moved_is_told_and_stops_nobody(session, staff, paid):
    (lost, gone), (order_id, number), (early, later) = paid(3)
    staff.send(f"/orders/{lost}", "/cancel")
    told(staff)

    choose(staff, "processing", lost, order_id)
    assert told(staff) == [
        f"{number} is processing.", f"{gone} was not moved: it is cancelled.",
    ]  # fmt: skip
    # A step that is left out, and one back.
    choose(staff, "delivered", early)
    assert told(staff) == [f"{later} was not moved: it is confirmed."]
    assert states(session) == {gone: "cancelled", number: "processing", later: "confirmed"}


def test_parcels_arrive_but_no_return_is_ended_by_it(session, staff, paid):
    (shipped, one), (returned, other) = paid(2)
    for number, status in ((one, "shipped"), (other, "return_requested")):
        session.execute(update(Order).where(Order.number == number).values(status=status))
    session.commit()

    choose(staff, "delivered", shipped, returned, view="on the way")

    assert told(staff) == [
        f"{one} is delivered.", f"{other} was not moved: it is return requested.",
    ]  # fmt: skip
    assert states(session) == {one: "delivered", other: "return_requested"}


def test_what_changes_in_between_is_refused_by_the_order_itself(session, staff, paid, monkeypatch):
    [(order_id, number)] = paid(1)
    read = chosen.found

    def cancelled_meanwhile(order_ids):
        found = read(order_ids)
        session.execute(update(Order).values(status="cancelled"))
        session.commit()
        return found

    monkeypatch.setattr(chosen, "found", cancelled_meanwhile)
    choose(staff, "processing", order_id)

    assert told(staff) == [f"{number} was not moved: The order is cancelled."]
    assert states(session) == {number: "cancelled"}


def test_where_one_has_to_wait_the_rest_is_left(session, staff, paid, monkeypatch):
    (first, one), (second, other), (third, last) = paid(3)
    move = chosen.move_order

    def slow(order_id, *args, **more):
        if str(order_id) == second:
            raise ServiceUnavailable
        return move(order_id, *args, **more)

    monkeypatch.setattr(chosen, "move_order", slow)
    choose(staff, "processing", first, second, third)

    is_done, is_not = told(staff)
    assert is_done == f"{one} is processing."
    assert is_not.startswith(f"{other} and those after it: ")
    assert states(session) == {one: "processing", other: "confirmed", last: "confirmed"}


@pytest.mark.parametrize(
    ("what", "order_ids", "why"),
    [
        ("processing", [], "Choose the orders first."),
        ("slips", [], "Choose the orders first."),
        ("processing", ["7"], "The form is not one of ours."),
        ("processing", ["\0"], "The form is not one of ours."),
        ("shipped", ["{order}"], "Do is none of processing, delivered."),
        ("", ["{order}"], "Do is none of"),
        ("processing", ["{order}"] * 26, "At most 25 orders at once."),
        ("processing", ["{order}", "0192f5a4-7c1e-4cc3-98c4-dc0c0c07398f"], "no such order"),
    ],
)
def test_a_form_that_makes_no_sense_changes_nothing(session, staff, paid, what, order_ids, why):
    [(order_id, number)] = paid(1)

    answer = choose(staff, what, *(one.format(order=order_id) for one in order_ids))

    assert answer.status_code == 302
    assert why in " ".join(told(staff))
    assert states(session) == {number: "confirmed"}


def test_a_whole_page_fits_into_what_is_told(session, staff, paid):
    """What is told travels in a cookie, of which browsers keep 4 kB."""
    many = paid(chosen.MOST)
    session.execute(update(Order).values(status="return_requested"))
    session.commit()

    answer = choose(staff, "delivered", *(order_id for order_id, _ in many))

    assert len(answer.headers["Set-Cookie"]) < 4_000
    assert told(staff) == [f"{number} was not moved: it is return requested." for _, number in many]


def boxes(browser, view):
    return browser.get(f"/orders/?view={view}").text.count('name="order_id"')


def test_boxes_stand_where_something_can_be_done(session, staff, paid):
    (_, packed), (_, sent), _ = paid(3)
    for number, status in ((packed, "processing"), (sent, "shipped")):
        session.execute(update(Order).where(Order.number == number).values(status=status))
    session.execute(
        update(Order).where(Order.status == "confirmed").values(status="return_requested")
    )
    session.commit()

    found = {view: boxes(staff, view) for view in ("packing", "on the way", "returns", "all")}
    assert found == {"packing": 1, "on the way": 1, "returns": 0, "all": 2}
    offered = staff.get("/orders/?view=packing").text
    assert 'value="slips"' in offered
    assert 'value="processing"' not in offered
    assert 'value="delivered"' not in offered
