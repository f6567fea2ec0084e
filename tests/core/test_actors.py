"""Postgres is told who acts once for what changes something, and not for what does not."""

import pytest
from sqlalchemy import event

from app.core import actors, db
from tests.audit.steps import LOG


@pytest.fixture
def told(app):
    """How often it was told meanwhile."""
    heard = []

    def hear(_connection, _cursor, statement, *_):
        if "set_config" in statement:
            heard.append(statement)

    event.listen(db.engine(), "before_cursor_execute", hear)
    yield lambda: len(heard)
    event.remove(db.engine(), "before_cursor_execute", hear)


def test_who_looks_and_who_checks_out_pays_nothing_for_it(shop, told):
    shop.product("ring", 5)
    buyer, boss = shop.customer(), shop.customer(role="admin")
    # The first one has Redis told of the product.
    assert buyer.check_out(ring=1).status_code == 201
    before = told()

    assert buyer.check_out(ring=1).status_code == 201
    assert buyer.get("/api/v1/me").status_code == 200
    assert boss.get(LOG).status_code == 200

    assert told() == before


def test_a_transaction_tells_it_once(shop, told):
    clerk, boss = shop.customer(), shop.customer(role="admin")

    answer = boss.post(f"/api/v1/admin/accounts/{clerk.id}/role", {"role": "staff"})

    assert (answer.status_code, told()) == (200, 1)


def test_an_actor_acts_until_it_is_done_whatever_happens():
    def fail():
        with actors.acting("worker:other", address="here"):
            assert actors.current() == actors.Actor("worker:other", "here")
            raise LookupError

    with actors.acting("worker:one"):
        with pytest.raises(LookupError):
            fail()
        assert actors.current() == actors.Actor("worker:one")

    assert actors.current() is None
