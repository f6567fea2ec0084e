"""An order moves only where the shop's table lets it, and each step is written down."""

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError

from app.core.db import transaction
from app.orders import orders
from app.orders.errors import IllegalTransition
from app.orders.models import Order, OrderTransition
from tests.api.snapshot import everything
from tests.builders import values

STATES = (
    "pending", "expired", "cancelled", "confirmed", "processing", "shipped", "delivered",
    "return_requested", "returned",
)  # fmt: skip
# Written out here once more, so that a slip in the shop's own table is seen.
LEGAL = {
    ("pending", "confirmed"),
    ("pending", "cancelled"),
    ("pending", "expired"),
    # A payment that comes late makes the order live again.
    ("expired", "confirmed"),
    ("cancelled", "confirmed"),
    ("confirmed", "processing"),
    ("confirmed", "cancelled"),
    ("processing", "shipped"),
    ("processing", "cancelled"),
    ("shipped", "delivered"),
    ("delivered", "return_requested"),
    ("return_requested", "returned"),
    ("return_requested", "delivered"),
}
ALL = [(before, after) for before in STATES for after in STATES]


@pytest.fixture
def order_id(shop):
    shop.product("ring", 1)
    return shop.customer().check_out(ring=1).json["id"]


def put_into(session, state):
    """Have the order in a state, paid, as every state but the first needs it."""
    session.execute(update(Order).values(status=state, payment_status="captured"))


def move(order_id, status):
    with transaction() as session:
        order = orders.lock(session, order_id)
        orders.move(session, order, status, actor="test", reason="a reason")


def test_every_legal_step_is_taken_and_written_down(session, order_id):
    for before, after in sorted(LEGAL):
        put_into(session, before)

        move(order_id, after)

        assert session.scalars(select(Order.status)).one() == after
    assert values(
        session.execute(
            select(
                OrderTransition.from_status,
                OrderTransition.to_status,
                OrderTransition.actor,
                OrderTransition.reason,
            ).order_by(OrderTransition.id)
        )
    ) == [(before, after, "test", "a reason") for before, after in sorted(LEGAL)]


@pytest.mark.parametrize("state", STATES)
def test_every_other_step_is_refused_and_changes_nothing(session, redis, order_id, state):
    put_into(session, state)
    before = everything(session, redis)

    refusals = {}
    for wanted in STATES:
        if (state, wanted) in LEGAL:
            continue
        with pytest.raises(IllegalTransition) as refusal:
            move(order_id, wanted)
        refusals[wanted] = refusal.value.body()

    assert refusals == {
        wanted: {
            "type": "/problems/illegal-transition",
            "title": "The order's status does not allow this step.",
            "status": 409,
            "code": "illegal_transition",
            "detail": f"The order is {state}.",
            "order_status": state,
            "wanted": wanted,
            "possible": sorted(after for before, after in LEGAL if before == state),
        }
        for wanted in STATES
        if (state, wanted) not in LEGAL
    }
    assert everything(session, redis) == before


def test_a_state_that_there_is_not_is_refused(session, redis, order_id):
    before = everything(session, redis)

    with pytest.raises(IllegalTransition):
        move(order_id, "lost")

    assert everything(session, redis) == before


@pytest.mark.parametrize("state", ["confirmed", "processing", "shipped", "delivered"])
def test_postgres_itself_keeps_an_unpaid_order_from_being_confirmed(session, order_id, state):
    with pytest.raises(DBAPIError, match="confirmed_is_paid"):
        session.execute(update(Order).values(status=state))

    assert session.scalars(select(Order.status)).one() == "pending"


@pytest.mark.parametrize(
    "statement", ["UPDATE order_transitions SET actor = 'nobody'", "DELETE FROM order_transitions"]
)
def test_what_was_written_down_stays_so(session, order_id, statement):
    move(order_id, "cancelled")

    with pytest.raises(DBAPIError):
        session.execute(text(statement))

    assert session.scalars(select(OrderTransition.to_status)).all() == ["cancelled"]


def test_an_order_that_was_read_before_is_read_again_when_it_is_locked(order_id):
    with transaction() as session:
        known = orders.find(session, order_id)
        move(order_id, "cancelled")

        locked = orders.lock(session, order_id)

        assert locked is known
        assert locked.status == "cancelled"
