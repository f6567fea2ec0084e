"""Which days are compared, when, and what becomes of one whose gateway does not answer."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from app.checkout import complete
from app.core.jobs import Job
from app.core.problems import ServiceUnavailable
from app.payments import calls
from app.payments.models import Reconciliation
from app.treasury.reconciliation import DAYS_LOOKED_BACK, days_due
from tests.builders import values
from tests.payments.purchase import make_due, purchase, sales
from tests.treasury.days import DAY, NOON, differences, open_books, sums, totals
from workers import payments as work

# Two in the morning of the day after, when the day may be compared.
READY = datetime(2026, 6, 10, 20, 30, tzinfo=UTC)


@pytest.fixture
def books(app):
    with open_books(app) as opened:
        yield opened


@pytest.fixture
def shop(books):
    books.shop.product("ring", 9)
    return books.shop


@pytest.fixture
def set_clock(monkeypatch):
    """Set what the worker takes for the time."""

    def set_to(moment):
        class Clock(datetime):
            @classmethod
            def now(cls, tz=None):
                return moment.astimezone(tz)

        monkeypatch.setattr(work, "datetime", Clock)

    return set_to


def staged(session):
    query = select(Job.arguments).where(Job.name == "payments.reconcile_day").order_by(Job.id)
    return [(row["gateway"], row["day"]) for row in session.scalars(query)]


def compared(session):
    rows = values(session.execute(select(Reconciliation.gateway, Reconciliation.day)))
    return {(name, day.isoformat()) for name, day in rows}


def the_jobs(session):
    columns = Job.attempts, Job.done_at.is_not(None), Job.failed_at.is_not(None), Job.last_error
    query = select(*columns).where(Job.name == "payments.reconcile_day").order_by(Job.id)
    return values(session.execute(query))


def stage_the_day(session):
    session.add(
        Job(
            queue="payments", name="payments.reconcile_day",
            arguments={"gateway": "razorpay", "day": DAY.isoformat()},
        )
    )  # fmt: skip
    session.flush()


DAYS = ["2026-06-10", "2026-06-09", "2026-06-08", "2026-06-07"]


@pytest.mark.parametrize(
    ("moment", "latest"),
    [
        (READY - timedelta(microseconds=1), date(2026, 6, 9)),
        (READY, date(2026, 6, 10)),
        (READY + timedelta(days=1) - timedelta(microseconds=1), date(2026, 6, 10)),
    ],
)
def test_a_day_is_due_two_hours_after_its_midnight_in_india(session, moment, latest):
    due = list(days_due(session, now=moment))

    days = [latest - timedelta(days=back) for back in range(DAYS_LOOKED_BACK)]
    assert due == [(name, day) for name in ("razorpay", "stripe") for day in days]


def test_days_that_are_over_are_staged_once_and_compared_once(shop, session, set_clock):
    set_clock(READY)
    every = [(name, day) for name in ("razorpay", "stripe") for day in DAYS]

    for _ in range(2):
        work.start_reconciliation()
    assert staged(session) == every
    shop.work("payments")
    work.start_reconciliation()

    assert (staged(session), compared(session)) == (every, set(every))


def test_the_next_day_is_compared_when_it_is_over(shop, session, set_clock):
    set_clock(READY)
    work.start_reconciliation()
    shop.work("payments")
    before = staged(session)

    set_clock(READY + timedelta(days=1))
    work.start_reconciliation()

    assert staged(session)[len(before) :] == [("razorpay", "2026-06-11"), ("stripe", "2026-06-11")]


@pytest.mark.parametrize(
    ("early", "is_due"), [(timedelta(microseconds=1), True), (timedelta(), False)]
)
def test_a_day_that_was_compared_before_its_lists_were_whole_is_compared_again(
    session, early, is_due
):
    day = READY.date()
    session.add(
        Reconciliation(
            gateway="razorpay", day=day, captured=0, captured_at_gateway=0, refunded=0,
            refunded_at_gateway=0, foreign_payments=0, compared_at=READY - early,
        )
    )  # fmt: skip
    session.flush()

    assert (("razorpay", day) in days_due(session, now=READY)) is is_due


def test_a_capture_that_was_lost_is_made_up_for_by_the_clock(shop, session, books, set_clock):
    bought = purchase(shop, ring=1)
    paid = bought.pay()
    set_clock(READY)

    work.start_reconciliation()
    shop.work()

    assert bought.status == ("confirmed", "captured")
    row = ("capture_missing", paid, "nothing", "103000 INR captured", True)
    assert differences(session) == [row]


@pytest.mark.parametrize(
    "fault", [{"json_500": True}, {"too_many_requests": True}, {"html_502": True}]
)
def test_a_gateway_that_does_not_answer_is_asked_again_later(
    shop, session, books, set_clock, monkeypatch, fault
):
    monkeypatch.setattr(calls, "TRIES", 1)
    bought = purchase(shop, ring=1)
    bought.pay()
    books.shop.gateway.fault(route="payments.all", **fault)
    stage_the_day(session)

    shop.work("payments")
    [(attempts, is_done, is_given_up, error)] = the_jobs(session)
    assert (attempts, is_done, is_given_up, compared(session)) == (1, False, False, set())
    assert error.startswith("GatewayUnavailable(")
    shop.gateway.clear()
    make_due(session)
    shop.work("payments")

    assert the_jobs(session) == [(2, True, False, None)]
    assert bought.status == ("confirmed", "captured")
    assert totals(session) == sums((0, 103_000))


def test_a_gateway_that_does_not_answer_keeps_no_other_one_waiting(
    shop, session, books, set_clock, monkeypatch
):
    monkeypatch.setattr(calls, "TRIES", 1)
    books.shop.gateway.fault(too_many_requests=True)
    set_clock(READY)

    work.start_reconciliation()
    shop.work("payments")
    work.start_reconciliation()
    shop.work("payments")

    assert compared(session) == {("stripe", day) for day in DAYS}


def test_a_day_is_not_written_down_while_what_it_lacks_could_not_be_taken(
    shop, session, books, monkeypatch
):
    """Redis is out of reach at the moment in which a capture is made up for."""
    bought = purchase(shop, ring=1)
    bought.pay()
    stage_the_day(session)

    def refuse(_):
        raise ServiceUnavailable

    with monkeypatch.context() as patch:
        patch.setattr(complete, "commit_all", refuse)
        shop.work("payments")
    assert (compared(session), [row[:3] for row in the_jobs(session)]) == (
        set(),
        [(1, False, False)],
    )
    make_due(session)
    shop.work("payments")

    assert bought.status == ("confirmed", "captured")
    assert [(row[0], row[-1]) for row in differences(session)] == [("capture_missing", True)]
    assert sales(session) == [(f"sale:{bought.order_id}:RING", -1)]


def test_an_admin_has_a_day_compared_and_reads_what_differed(shop, session, books):
    bought = purchase(shop, ring=1)
    paid = bought.pay()
    boss = shop.customer(role="admin")

    asked = boss.post(
        "/api/v1/admin/reconciliations", {"gateway": "razorpay", "day": DAY.isoformat()}
    )
    shop.work()
    [row] = boss.get("/api/v1/admin/reconciliations").json["items"]
    told = boss.get(f"/api/v1/admin/reconciliations/razorpay/{DAY}").json

    assert (asked.status_code, asked.json) == (202, {"gateway": "razorpay", "day": "2026-06-10"})
    assert row.pop("compared_at").endswith("Z")
    assert row == {"gateway": "razorpay", "day": "2026-06-10"} | sums((0, 103_000))
    assert told == {
        "items": [
            {
                "kind": "capture_missing",
                "subject": paid,
                "ours": "nothing",
                "theirs": "103000 INR captured",
                "is_repaired": True,
            }
        ]
    }
    assert bought.status == ("confirmed", "captured")


def test_a_day_that_an_admin_has_compared_again_is_listed_once(shop, session, books):
    boss = shop.customer(role="admin")
    for _ in range(2):
        boss.post("/api/v1/admin/reconciliations", {"gateway": "stripe", "day": DAY.isoformat()})
        shop.work("payments")

    listed = boss.get("/api/v1/admin/reconciliations").json["items"]

    assert [(row["gateway"], row["day"]) for row in listed] == [("stripe", "2026-06-10")]


def test_a_payment_that_was_captured_in_time_and_told_late_is_no_difference(shop, session, books):
    """It is compared by when it was begun, on both sides."""
    bought = purchase(shop, ring=1)
    paid = bought.pay()
    books.clock.at = NOON + timedelta(days=3)
    bought.tell("payment.captured", paid)
    shop.work()
    stage_the_day(session)

    shop.work("payments")

    assert (differences(session), totals(session)) == ([], sums((103_000, 103_000)))
