"""The clock's memory: each run once, or caught up, whatever else goes wrong."""

from datetime import UTC, datetime, time, timedelta
from threading import Barrier, Thread
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from app.core import clock
from app.core.clock import At, ClockJob, ClockRun, Every
from app.core.db import transaction
from tests.builders import values

INDIA = ZoneInfo("Asia/Kolkata")
# 18:30 on a Wednesday in Mumbai.
NOON = datetime(2026, 11, 25, 13, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)

SWEEP = Every(10, "room.sweep", "stock")
REPORT = At(time(18), INDIA, "room.report", "mail", catches_up=True, is_told_due=True)
TIDY = At(time(2), INDIA, "room.tidy", "mail", is_needed=False)
MONTHLY = At(time(2), INDIA, "room.month", "mail", day_of_month=1)
# When the report of that day is due.
AT_SIX = datetime(2026, 11, 25, 12, 30, tzinfo=UTC)


def register(*rules, now=NOON - DAY):
    with transaction() as session:
        clock.register(session, rules, now=now)


def begin(rule, now=NOON):
    with transaction() as session:
        return clock.begin(session, rule, now=now)


def end(rule, due, now=NOON, error=None):
    with transaction() as session:
        clock.end(session, rule, due, now=now, error=error)


def work(rule, now=NOON, error=None):
    """Run what is due as a worker does; returns the moments that were run."""
    worked = []
    while (due := begin(rule, now)) is not None:
        end(rule, due, now, error)
        worked.append(due)
    return worked


def runs(session):
    columns = ClockRun.name, ClockRun.due_at, ClockRun.outcome, ClockRun.tries
    return values(session.execute(select(*columns).order_by(ClockRun.name, ClockRun.due_at)))


def lateness(now):
    with transaction() as session:
        return {hand.name: hand.late_seconds for hand in clock.hands(session, now=now)}


@pytest.mark.parametrize(
    ("rule", "moment", "next_due"),
    [
        (SWEEP, NOON, NOON + 10 * SECOND),
        # Half past twelve in London is six o'clock in Mumbai.
        (REPORT, AT_SIX - SECOND, AT_SIX),
        (REPORT, AT_SIX, AT_SIX + DAY),
        # Late in the evening it is the next day in Mumbai already, and two o'clock is to come.
        (
            TIDY,
            datetime(2026, 11, 25, 19, 0, tzinfo=UTC),
            datetime(2026, 11, 25, 20, 30, tzinfo=UTC),
        ),
        (
            TIDY,
            datetime(2026, 11, 25, 20, 30, tzinfo=UTC),
            datetime(2026, 11, 26, 20, 30, tzinfo=UTC),
        ),
        # The first of a month in Mumbai begins on the last of the month before.
        (MONTHLY, NOON, datetime(2026, 11, 30, 20, 30, tzinfo=UTC)),
        (
            MONTHLY,
            datetime(2026, 12, 31, 20, 30, tzinfo=UTC),
            datetime(2027, 1, 31, 20, 30, tzinfo=UTC),
        ),
    ],
)
def test_a_rule_tells_when_it_is_due_next(rule, moment, next_due):
    assert rule.after(moment) == next_due


def test_a_time_of_day_keeps_to_the_hands_where_clocks_are_changed():
    berlin = At(time(18), ZoneInfo("Europe/Berlin"), "room.report", "mail")

    before = berlin.after(datetime(2026, 10, 24, 12, tzinfo=UTC))
    after = berlin.after(before)

    assert (before.hour, after.hour, after - before) == (16, 17, 25 * HOUR)


def test_a_time_that_a_changed_clock_leaves_out_still_comes_once_a_day():
    berlin = At(time(2, 30), ZoneInfo("Europe/Berlin"), "room.report", "mail")

    moment, days = datetime(2026, 3, 27, tzinfo=UTC), []
    for _ in range(4):
        moment = berlin.after(moment)
        days.append(moment.date().day)

    assert days == [27, 28, 29, 30]


def test_rules_are_told_as_people_say_them():
    assert [str(rule) for rule in (SWEEP, REPORT, MONTHLY)] == [
        "every 10 seconds",
        "each day at 18:00 Asia/Kolkata",
        "on day 1 of each month at 02:00 Asia/Kolkata",
    ]


def test_an_interval_runs_at_once_and_again_when_it_is_over(app, session):
    register(SWEEP, now=NOON)

    assert work(SWEEP) == [NOON]
    assert work(SWEEP, NOON + 7 * SECOND) == []
    assert work(SWEEP, NOON + 10 * SECOND) == [NOON + 10 * SECOND]
    assert [row[2:] for row in runs(session)] == [("done", 1)] * 2


def test_a_look_that_comes_a_moment_too_early_is_not_left_out(app):
    register(SWEEP, now=NOON)
    begun = []

    # Now and then a look waits for its worker a little, and the next one does not.
    for turn in range(10):
        begun += work(SWEEP, NOON + turn * 10 * SECOND + (turn % 2) * SECOND)

    assert len(begun) == 10


def test_an_interval_that_nobody_ran_for_an_hour_runs_once(app):
    register(SWEEP, now=NOON)

    assert len(work(SWEEP, NOON + HOUR)) == 1
    assert work(SWEEP, NOON + HOUR + 10 * SECOND) == [NOON + HOUR + 10 * SECOND]


def test_many_looks_at_one_moment_run_it_once(app):
    register(REPORT)

    assert [work(REPORT) for _ in range(720)] == [[AT_SIX]] + [[]] * 719


def test_a_report_is_not_made_up_for_the_time_before_the_clock_was_first_started(app):
    register(REPORT, now=NOON)

    assert work(REPORT) == []
    assert work(REPORT, AT_SIX + DAY - SECOND) == []
    assert work(REPORT, AT_SIX + DAY) == [AT_SIX + DAY]


def test_missed_days_are_caught_up_once_each_the_oldest_first(app, session):
    register(REPORT)

    assert work(REPORT, NOON + 2 * DAY) == [AT_SIX, AT_SIX + DAY, AT_SIX + 2 * DAY]
    assert work(REPORT, NOON + 2 * DAY) == []
    assert [row[1] for row in runs(session)] == [AT_SIX, AT_SIX + DAY, AT_SIX + 2 * DAY]


def test_a_job_that_need_not_be_caught_up_runs_once_for_all_that_was_missed(app):
    register(TIDY)

    assert len(work(TIDY, NOON + 3 * DAY)) == 1
    assert work(TIDY, NOON + 3 * DAY + HOUR) == []


def test_a_shop_that_was_shut_for_a_year_catches_up_a_month(app):
    register(REPORT)

    worked = work(REPORT, NOON + 365 * DAY)

    assert len(worked) == 31
    assert worked[-1] == AT_SIX + 365 * DAY


def test_a_run_whose_worker_never_came_back_is_run_again(app, session):
    register(REPORT)
    assert begin(REPORT) == AT_SIX

    assert begin(REPORT, NOON + 14 * MINUTE) is None
    assert work(REPORT, NOON + 15 * MINUTE) == [AT_SIX]
    assert work(REPORT, NOON + 30 * MINUTE) == []
    assert runs(session) == [("room.report", AT_SIX, "done", 2)]


def test_a_run_that_failed_is_tried_again_some_times_and_then_left(app, session):
    register(REPORT)
    moments = [NOON + n * 15 * MINUTE for n in range(12)]

    worked = [work(REPORT, now, error="ValueError('no')") for now in moments]

    assert worked == [[AT_SIX]] * clock.MOST_TRIES + [[]] * 4
    assert runs(session) == [("room.report", AT_SIX, "failed", clock.MOST_TRIES)]


def test_a_day_that_failed_does_not_keep_the_next_day_waiting(app, session):
    register(REPORT)
    work(REPORT, error="ValueError('no')")

    assert work(REPORT, AT_SIX + DAY) == [AT_SIX, AT_SIX + DAY]


def test_an_interval_that_failed_waits_for_its_next_turn(app):
    register(SWEEP, now=NOON)
    work(SWEEP, error="ValueError('no')")

    assert work(SWEEP, NOON + HOUR) == [NOON + 10 * SECOND]


def look_at_once(rule, together):
    """Look from eight threads at the same moment; returns what each of them began."""
    begun = []

    def look():
        together.wait()
        begun.append(begin(rule))

    threads = [Thread(target=look) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(begun) == 8
    return [due for due in begun if due is not None]


@pytest.mark.parametrize("rule", [SWEEP, REPORT])
def test_workers_that_look_at_the_same_moment_run_it_once(app, rule):
    register(rule)

    assert len(look_at_once(rule, Barrier(8))) == 1


def test_without_the_lock_of_its_row_each_of_them_would_run_it(app, monkeypatch):
    register(SWEEP)
    together = Barrier(8)

    def read_without_lock(session, rule, now):
        due = session.scalars(select(ClockJob.next_due_at)).one()
        together.wait()
        return due

    monkeypatch.setattr(clock, "_lock", read_without_lock)

    assert len(look_at_once(SWEEP, together)) == 8


def test_what_is_on_the_schedule_keeps_its_time_when_the_clock_starts_again(app, session):
    register(SWEEP, REPORT)
    work(REPORT)

    register(SWEEP, REPORT, now=NOON + MINUTE)

    due = dict(values(session.execute(select(ClockJob.name, ClockJob.next_due_at))))
    assert due == {"room.sweep": NOON - DAY, "room.report": AT_SIX + DAY}


def test_a_changed_rule_begins_anew_and_what_is_gone_is_forgotten(app, session):
    register(SWEEP, REPORT)

    register(At(time(20), INDIA, "room.report", "mail"), now=NOON)

    assert values(session.execute(select(ClockJob.name, ClockJob.rule, ClockJob.next_due_at))) == [
        ("room.report", "each day at 20:00 Asia/Kolkata", AT_SIX + 2 * HOUR)
    ]


def test_a_job_that_nobody_registered_is_known_from_its_first_run(app):
    assert work(SWEEP) == [NOON]
    assert work(SWEEP) == []


def test_runs_of_an_interval_are_kept_for_an_hour_and_days_for_a_year(app, session):
    register(SWEEP, REPORT)
    work(REPORT)
    for minutes in range(0, 180, 20):
        work(SWEEP, NOON + minutes * MINUTE)
    work(REPORT, NOON + 20 * DAY)

    kept = [row[0] for row in runs(session)]
    assert (kept.count("room.sweep"), kept.count("room.report")) == (4, 21)


def test_a_job_is_late_once_its_grace_is_over_and_no_more_once_it_has_begun(app):
    register(SWEEP, REPORT, now=NOON)
    work(SWEEP)

    assert lateness(NOON + 100 * SECOND) == {"room.sweep": 0, "room.report": 0}
    assert lateness(NOON + 101 * SECOND) == {"room.sweep": 91, "room.report": 0}
    work(SWEEP, NOON + 101 * SECOND)
    assert lateness(NOON + 101 * SECOND) == {"room.sweep": 0, "room.report": 0}
    assert lateness(AT_SIX + DAY + 11 * MINUTE)["room.report"] == 11 * 60


def test_a_run_that_is_asked_for_does_not_put_off_the_next_turn(session):
    register(REPORT)
    work(REPORT, now=AT_SIX)

    with transaction() as opened:
        assert clock.bring_forward(opened, REPORT.name, now=NOON)
    assert work(REPORT, now=NOON) == [NOON]

    assert next_due(session, REPORT) == AT_SIX + DAY


def test_what_is_late_keeps_the_time_that_it_is_told_of(session):
    register(REPORT)

    with transaction() as opened:
        clock.bring_forward(opened, REPORT.name, now=AT_SIX + HOUR)

    assert work(REPORT, now=AT_SIX + HOUR)[0] == AT_SIX
    assert next_due(session, REPORT) == AT_SIX + DAY


def next_due(session, rule):
    session.expire_all()
    return session.get(ClockJob, rule.name).next_due_at
