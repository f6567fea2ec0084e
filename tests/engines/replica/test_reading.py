"""What may be a moment old is read from a replica, within a limit; all else from the primary."""

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.core import db, replica
from app.core.replica import leafing, reading
from dev.ports import free_port
from tests.engines.replica.conftest import read_from
from tests.payments.purchase import purchase

NAMES = "/api/v1/products"


def names(client):
    answer = client.get(NAMES)
    assert answer.status_code == 200, answer.text
    return [product["sku"] for product in answer.json["items"]]


@pytest.fixture
def paused(shop, standby):
    """A replica that stands still, and lacks the product that came after."""
    shop.product("ring", 3)
    standby.catch_up()
    standby.pause()
    try:
        with read_from(standby.url):
            yield standby
    finally:
        standby.resume()


def read_while(happens):
    with reading() as session:
        happens()
        session.execute(text("SELECT 1"))


def know(reads):
    """Have it found out how far the replica is, before anything else happens."""
    with reading():
        pass
    assert reads.since() == {"primary": 0, "replica": 1}


def test_the_catalogue_is_read_from_the_replica(shop, client, standby, reads):
    shop.product("ring", 3)
    standby.catch_up()

    with read_from(standby.url):
        # By a connection that was used before as well.
        assert [names(client) for _ in range(3)] == [["RING"]] * 3

    assert reads.since() == {"primary": 0, "replica": 3}


def test_what_is_late_within_the_limit_is_answered_as_it_was(shop, client, paused, reads):
    know(reads)
    shop.product("chain", 1)

    assert names(client) == ["RING"]
    assert reads.since() == {"primary": 0, "replica": 1}


def test_what_is_later_than_that_is_answered_by_the_primary(
    shop, client, paused, reads, monkeypatch
):
    know(reads)
    shop.product("chain", 1)
    monkeypatch.setattr(replica._replica, "_longest", 0.0)

    assert sorted(names(client)) == ["CHAIN", "RING"]
    assert reads.since() == {"primary": 1, "replica": 0}


def test_a_replica_that_has_not_caught_up_is_not_taken_for_new(shop, client, paused, reads):
    """It was found late when it was first asked: as of when it is whole, nobody knows."""
    shop.product("chain", 1)

    assert sorted(names(client)) == ["CHAIN", "RING"]
    assert reads.since() == {"primary": 1, "replica": 0}


def test_one_that_is_cut_off_grows_old_though_its_own_clock_says_that_it_is_not(
    shop, breakable, reads
):
    """The negative control of the measure: by what Postgres' manual offers it is up to date."""
    shop.product("ring", 3)
    breakable.catch_up()
    breakable.cut_off()
    shop.product("chain", 1)

    with read_from(breakable.url):
        with reading():
            pass
        with psycopg.connect(breakable.url.replace("+psycopg", "")) as asked:
            by_its_own_clock = asked.execute(
                "SELECT pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn()"
            ).fetchone()

    assert by_its_own_clock == (True,)
    assert reads.since() == {"primary": 1, "replica": 0}


def test_own_writes_are_read_though_the_replica_stands_still(shop, paused, reads):
    know(reads)
    bought = purchase(shop, ring=1)
    bought.tell("payment.captured", bought.pay())
    shop.work()

    assert bought.status == ("confirmed", "captured")
    assert bought.buyer.get("/api/v1/orders").json["items"][0]["id"] == bought.order_id
    assert shop.on_hand("ring") == 2
    assert reads.since() == {"primary": 0, "replica": 0}


def test_an_old_read_would_have_lacked_them(shop, paused, reads):
    """The negative control: what a customer would see were orders read from there."""
    know(reads)
    purchase(shop, ring=1)

    with reading() as old, db.transaction() as now:
        count = text("SELECT count(*) FROM orders")
        assert (old.scalar(count), now.scalar(count)) == (0, 1)
    assert reads.since() == {"primary": 0, "replica": 1}


def test_reports_exports_and_older_pages_are_read_there_and_first_pages_are_not(
    shop, standby, reads
):
    admin = shop.customer(role="admin")
    standby.catch_up()
    with read_from(standby.url):
        assert admin.get("/api/v1/admin/reports/sales").status_code == 200
        assert reads.since() == {"primary": 0, "replica": 1}
        # It is read while it is written.
        assert admin.get("/api/v1/admin/exports/orders.csv").text.count("\n") == 1
        assert reads.since() == {"primary": 0, "replica": 1}
        assert admin.get("/api/v1/admin/audit-log").status_code == 200
        assert reads.since() == {"primary": 0, "replica": 0}
        with leafing("somewhere"):
            pass
        assert reads.since() == {"primary": 0, "replica": 1}


@pytest.mark.parametrize("has_replica", [True, False])
def test_a_reading_session_writes_nothing_wherever_it_is(shop, standby, has_replica):
    url = standby.url if has_replica else None
    replica.connect(url, longest_lag_seconds=60)
    try:
        with pytest.raises(DBAPIError, match="read-only transaction"), reading() as session:
            session.execute(text("UPDATE products SET price = 1"))
    finally:
        replica.disconnect()
    # Nor does what it was stay with a connection.
    shop.product("ring", 1)


def test_one_that_dies_costs_nobody_more_than_the_read_at_hand(shop, client, breakable, reads):
    shop.product("ring", 3)
    breakable.catch_up()
    with read_from(breakable.url):
        assert names(client) == ["RING"]
        assert reads.since() == {"primary": 0, "replica": 1}
        with pytest.raises(db.ServiceUnavailable):
            # As kill -9 would, but that its sessions are sure to be gone when it is back.
            read_while(breakable.stop)
        reads.since()

        assert [names(client) for _ in range(3)] == [["RING"]] * 3
        assert reads.since() == {"primary": 3, "replica": 0}

        # It comes back, and is asked again when it is time to.
        breakable.start()
        breakable.catch_up()
        replica._replica.look_again()
        assert names(client) == ["RING"]
    assert reads.since() == {"primary": 0, "replica": 1}


def test_one_that_was_idle_when_it_died_costs_nobody_anything(shop, client, breakable, reads):
    shop.product("ring", 3)
    breakable.catch_up()
    with read_from(breakable.url):
        assert names(client) == ["RING"]
        assert reads.since() == {"primary": 0, "replica": 1}
        breakable.kill()

        assert names(client) == ["RING"]
        assert reads.since() == {"primary": 1, "replica": 0}


def test_one_that_was_made_a_primary_is_no_replica_any_more(shop, client, breakable, reads):
    shop.product("ring", 3)
    breakable.catch_up()
    breakable.promote()

    with read_from(breakable.url):
        assert names(client) == ["RING"]
    assert reads.since() == {"primary": 1, "replica": 0}


def test_one_that_never_answered_is_done_without(shop, client, reads):
    shop.product("ring", 3)
    with read_from(f"postgresql+psycopg://ora_app:x@127.0.0.1:{free_port()}/ora"):
        assert [names(client) for _ in range(3)] == [["RING"]] * 3
    assert reads.since() == {"primary": 3, "replica": 0}


def test_metrics_tell_how_late_it_is(client, shop, standby, breakable):
    def lag():
        lines = client.get("/metrics").text.splitlines()
        return [float(line.split()[1]) for line in lines if line.startswith("ora_replica_lag")]

    assert lag() == []
    standby.catch_up()
    with read_from(standby.url):
        [late] = lag()
        assert late < 60
    breakable.kill()
    with read_from(breakable.url):
        [first], [second] = lag(), lag()
        assert 0 < first < second
