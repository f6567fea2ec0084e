"""Many ask for money back at the same moment: together they get what came, and not a paisa more."""

from collections import Counter
from dataclasses import replace
from threading import Barrier

import pytest
from sqlalchemy import func, select

from app.payments import attempts
from app.payments.models import PaymentAttempt, Refund
from tests.builders import values
from tests.failures.together import PATIENCE_SECONDS, all_at_once, finish
from tests.payments.balance import assert_balanced
from tests.payments.purchase import events, given_back
from tests.treasury.money import (
    ask_back,
    by_hand,
    counted,
    findings,
    paid_order,
    tell_refund,
)
from workers.drain import drain


@pytest.fixture
def boss(shop):
    return shop.customer(role="admin")


@pytest.fixture
def order(shop):
    """A paid order, and the id of the try that pays for it."""
    return paid_order(shop)


def asking(shop, boss, bought, amount, reference):
    """Ask for a refund as an admin's browser does, again where a part of the shop is busy."""

    def ask():
        admin = replace(boss, client=shop.app.test_client())
        answer = ask_back(admin, bought, amount, reference)
        while answer.status_code == 503:
            answer = ask_back(admin, bought, amount, reference)
        return answer

    return ask


def written(session):
    """How many refunds there are, and of how much together."""
    summed = select(func.count(), func.coalesce(func.sum(Refund.amount), 0))
    return tuple(session.execute(summed.where(Refund.status != "failed")).one())


def test_twenty_requests_at_once_send_back_no_more_than_came(shop, session, boss, order):
    bought, paid = order
    eighth = bought.total // 8

    answers = all_at_once([asking(shop, boss, bought, eighth, f"return-{n}") for n in range(20)])

    assert Counter(answer.status_code for answer in answers) == {202: 8, 409: 12}
    refused = [answer.json for answer in answers if answer.status_code == 409]
    rest = bought.total - 8 * eighth
    assert {(problem["code"], problem["left"]) for problem in refused} == {
        ("refund_exceeds_capture", rest)
    }
    assert written(session) == (8, 8 * eighth)
    finish(shop, session)
    assert given_back(shop, paid) == [(eighth, "processed")] * 8
    assert counted(session, paid) == (8 * eighth, 0)
    assert_balanced(session, **{paid: [eighth] * 8})
    assert findings(session) == []


def test_twenty_requests_at_once_for_all_of_it_are_granted_once(shop, session, boss, order):
    bought, paid = order

    answers = all_at_once([asking(shop, boss, bought, None, f"return-{n}") for n in range(20)])

    assert Counter(answer.status_code for answer in answers) == {202: 1, 409: 19}
    finish(shop, session)
    assert given_back(shop, paid) == [(bought.total, "processed")]
    assert_balanced(session, **{paid: [bought.total]})


def test_one_request_that_is_sent_twenty_times_at_once_is_one_refund(shop, session, boss, order):
    bought, paid = order

    answers = all_at_once([asking(shop, boss, bought, 10_000, "return-1")] * 20)

    assert {(answer.status_code, answer.json["id"]) for answer in answers} == {
        (202, answers[0].json["id"])
    }
    finish(shop, session)
    assert given_back(shop, paid) == [(10_000, "processed")]
    assert_balanced(session, **{paid: [10_000]})


def test_without_the_rows_lock_two_requests_would_send_all_of_it_back_twice(
    shop, session, boss, order, monkeypatch
):
    bought, paid = order
    both = Barrier(2)

    def find_together(session, gateway_payment_id):
        found = session.get(PaymentAttempt, gateway_payment_id)
        both.wait(PATIENCE_SECONDS)
        return found

    monkeypatch.setattr(attempts, "lock", find_together)
    answers = all_at_once([asking(shop, boss, bought, None, f"return-{n}") for n in range(2)])

    assert [answer.status_code for answer in answers] == [202, 202]
    assert written(session) == (2, 2 * bought.total)
    assert ("refunds_miscounted", paid) in findings(session)


def test_without_the_shops_own_check_the_database_still_refuses(
    shop, session, boss, order, monkeypatch
):
    bought, _ = order
    monkeypatch.setattr(attempts, "left", lambda _: 10**9)

    answers = all_at_once(
        [asking(shop, boss, bought, bought.total // 2, f"return-{n}") for n in range(4)]
    )

    assert Counter(answer.status_code for answer in answers) == {202: 2, 500: 2}
    assert written(session) == (2, bought.total // 2 * 2)


def test_refunds_made_at_the_gateway_and_asked_for_here_share_what_came(
    shop, session, boss, order, monkeypatch
):
    monkeypatch.setattr("workers.drain.LARGE_BATCHES", {"webhooks": 1})
    bought, paid = order
    tenth = bought.total // 10
    for _ in range(5):
        tell_refund(shop, "refund.processed", by_hand(shop, paid, tenth))

    all_at_once([
        *[lambda: drain("webhooks")] * 3,
        *(asking(shop, boss, bought, tenth, f"return-{n}") for n in range(10)),
    ])  # fmt: skip
    finish(shop, session)

    assert Counter(status for _, status, _ in events(session)) == {"processed": 6}
    assert given_back(shop, paid) == [(tenth, "processed")] * 10
    owners = select(Refund.is_ours, func.count()).where(Refund.status == "processed")
    assert sorted(values(session.execute(owners.group_by(Refund.is_ours)))) == [
        (False, 5),
        (True, 5),
    ]
    assert bought.status[1] == ("refunded" if tenth * 10 == bought.total else "partially_refunded")
    assert_balanced(session, **{paid: [tenth] * 10})
    assert findings(session) == []
