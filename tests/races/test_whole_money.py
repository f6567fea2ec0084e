"""Whatever happens to money in whatever order, at real gateways: no rupee is ever lost."""

import logging
from collections import Counter
from datetime import timedelta
from functools import partial
from uuid import uuid4

import pytest
import stamina
import structlog
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from app.checkout import complete
from app.core import jobs, logs
from app.core.db import transaction
from app.payments import attempts, breaker, disputes, payments, polling, refunds
from app.payments import gateway as gateways
from app.payments.calls import TRIES
from app.payments.cash_on_delivery import CashOnDelivery
from app.payments.razorpay import Razorpay
from app.payments.stripe import Stripe
from app.treasury import refund
from sandbox.config import Settings
from sandbox.stripe.settings import StripeSettings
from tests.races.length import is_long
from tests.races.money_bank import CASH, RAZORPAY, STRIPE, open_bank
from tests.races.money_machine import WholeMoney
from tests.races.money_steps import STEPS
from workers import drain

A_DAY_MS = 86_400_000

BRIEF = settings(max_examples=14, stateful_step_count=30, derandomize=True, database=None)
LONG = settings(max_examples=600, stateful_step_count=50, print_blob=True)
# A bug that was put in: found at once, or within some hundreds of tries; not made smaller.
HUNT = settings(
    max_examples=300, stateful_step_count=50, database=None, phases=[Phase.generate],
    report_multiple_bugs=False,
)  # fmt: skip


@pytest.fixture
def bank(shop, settings):
    """Both gateways at a sandbox that nobody else uses, and the shop as their customer."""
    before, offered = gateways.all_gateways(), gateways.offered()
    with open_bank() as opened:
        razorpay = Razorpay(
            key_id=Settings.key_id,
            key_secret=Settings.key_secret,
            base_url=opened.url,
            webhook_secrets=[Settings.webhook_secret],
        )
        stripe = Stripe(
            secret_key=StripeSettings.secret_key,
            publishable_key="pk_test_ora_development_key",
            base_url=f"{opened.url}/stripe",
            webhook_secrets=[StripeSettings.webhook_secret],
        )
        cash = CashOnDelivery(up_to=settings.cash_on_delivery_up_to)
        gateways.connect([razorpay, cash, stripe], offered=[RAZORPAY, CASH, STRIPE])
        yield opened
    gateways.connect(before, offered=offered)


@pytest.fixture
def counts():
    return Counter()


@pytest.fixture
def machine(shop, bank, redis, session, counts, monkeypatch):
    """The machine; nothing becomes due by itself, and what is due comes in one order always."""
    take_due = polling.take_due
    monkeypatch.setattr(
        polling,
        "take_due",
        lambda *args, **how: sorted(take_due(*args, **how), key=lambda row: row.created_at),
    )
    monkeypatch.setattr(jobs, "FIRST_DELAY", jobs.LONGEST_DELAY)
    monkeypatch.setattr(jobs, "LEASE", timedelta(days=1))
    for name in ("PAUSE_MS", "LONGEST_PAUSE_MS", "WINDOW_MS", "TRIAL_MS"):
        monkeypatch.setattr(breaker, name, A_DAY_MS)
    # Thousands of lines that only say what a failure shows anyway.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    with stamina.set_testing(True, attempts=TRIES):
        yield partial(WholeMoney, shop, bank, redis, session, counts)
    logs.configure(as_json=False)


def run(machine, profile):
    run_state_machine_as_test(
        machine,
        settings=settings(profile, deadline=None, suppress_health_check=list(HealthCheck)),
    )


def test_no_rupee_is_lost_whatever_happens_in_whatever_order(machine, counts, capsys):
    try:
        run(machine, LONG if is_long() else BRIEF)
    finally:
        if is_long():
            with capsys.disabled():
                print("\n".join(f"{n:7} {what}" for what, n in sorted(counts.items())))  # noqa: T201
    if is_long():
        assert set(STEPS) - set(counts) == set()


# Bugs that are put in, to see that the machine finds them.


def keep_a_second_capture_without_a_refund(monkeypatch):
    def send_back(session, attempt, *, reason):
        attempt.outcome = "refunded"

    monkeypatch.setattr(refunds, "send_back", send_back)


def confirm_whatever_amount_came(monkeypatch):
    monkeypatch.setattr(complete, "_fits", lambda *_: True)


def ask_for_a_refund_without_looking(monkeypatch):
    ask = refund._ask
    monkeypatch.setattr(refund, "_ask", lambda *args, **_: ask(*args, was_asked=False))


def ask_for_a_refund_under_a_new_key(monkeypatch):
    really = Razorpay.refund

    def again(self, payment_id, *, amount, speed, key):
        return really(self, payment_id, amount=amount, speed=speed, key=str(uuid4()))

    monkeypatch.setattr(Razorpay, "refund", again)


def let_a_failure_undo_a_capture(monkeypatch):
    def follow(payment, attempt):
        payment.status = "failed" if attempt.status == "lapsed" else attempt.status
        return True

    monkeypatch.setattr(payments, "follow", follow)


def let_old_news_undo_a_try(monkeypatch):
    monkeypatch.setattr(attempts, "_RANK", dict.fromkeys(attempts._RANK, 0) | {"failed": 1})


def ignore_refunds_made_at_the_dashboard(monkeypatch):
    follow = refunds.follow

    def follow_ours(session, attempt, news):
        if news.receipt is None:
            return refunds.Refund(status="processed"), False
        return follow(session, attempt, news)

    monkeypatch.setattr(refunds, "follow", follow_ours)


def refund_while_a_bank_disputes(monkeypatch):
    monkeypatch.setattr(disputes, "is_open", lambda *_: False)


def finish_a_job_before_it_is_done(monkeypatch):
    do = drain._do

    def finish_and_do(job):
        with transaction() as session:
            jobs.finish(session, job.id)
        do(job)

    monkeypatch.setattr(drain, "_do", finish_and_do)


@pytest.mark.skipif(not is_long(), reason="a control of the machine itself; set ORA_TESTS=long")
@pytest.mark.parametrize(
    "put_in",
    [
        keep_a_second_capture_without_a_refund,
        confirm_whatever_amount_came,
        ask_for_a_refund_without_looking,
        ask_for_a_refund_under_a_new_key,
        let_a_failure_undo_a_capture,
        let_old_news_undo_a_try,
        ignore_refunds_made_at_the_dashboard,
        refund_while_a_bank_disputes,
        finish_a_job_before_it_is_done,
    ],
)
def test_a_bug_that_is_put_in_is_found(machine, counts, capsys, monkeypatch, put_in):
    put_in(monkeypatch)

    with pytest.raises(AssertionError) as found:
        run(machine, HUNT)

    with capsys.disabled():
        what = str(found.value).partition("\n")[0][:160]
        print(f"{put_in.__name__}: after {counts['examples']} examples: {what}")  # noqa: T201
