"""A payer's bank disputes a capture: a person is told, refunds wait, and what is lost counts."""

from datetime import UTC, datetime
from itertools import permutations

import pytest
import requests
from sqlalchemy import select

from app.alerts.models import Alert
from app.payments.models import Dispute, Refund
from app.payments.refunds import TAKEN_BY_BANK
from app.treasury.refund import HELD
from tests.builders import values
from tests.payments.balance import assert_balanced
from tests.payments.purchase import events, jobs_staged, purchase, refunds
from tests.treasury.money import (
    alerts,
    ask_back,
    at_gateway,
    by_hand,
    counted,
    findings,
    paid_order,
    poll,
    tell_refund,
)

RESPOND_BY = datetime(2031, 5, 17, 9, 30, tzinfo=UTC)


@pytest.fixture
def boss(shop):
    return shop.customer(role="admin")


@pytest.fixture
def order(shop):
    """A paid order, and the id of the try that pays for it."""
    return paid_order(shop)


def drive(shop, path, **body):
    response = requests.post(
        f"{shop.gateway.url}/sandbox/{path}", json={"deliver": "none", **body}, timeout=10
    )
    assert response.status_code == 200, response.text
    return response.json()


def disputed(shop, paid, **claim):
    """Let the payer's bank open a dispute at the gateway."""
    respond_by = int(RESPOND_BY.timestamp())
    return drive(shop, "disputes", payment_id=paid, respond_by=respond_by, **claim)


def turned(shop, dispute, status):
    """Bring a dispute forward at the gateway."""
    return drive(shop, f"disputes/{dispute['id']}", status=status)


def tell(shop, step, dispute, *, with_payment=True):
    """Bring the event about a dispute to the door, and let the workers take it."""
    event = {
        "entity": "event", "event": f"payment.dispute.{step}", "created_at": 1764000000,
        "contains": ["dispute"], "payload": {"dispute": {"entity": dispute}},
    }  # fmt: skip
    if with_payment:
        payment = shop.gateway.payment(dispute["payment_id"])
        event["payload"]["payment"] = {"entity": payment}
    assert shop.deliver(shop.gateway.deliver_of(event)).status_code == 200
    shop.work()


def stands(session):
    """How each dispute stands, and what the bank took."""
    columns = Dispute.status, Dispute.amount, Dispute.amount_deducted
    return values(session.execute(select(*columns).order_by(Dispute.created_at)))


def shown(boss, bought):
    return boss.get(f"/api/v1/admin/payments/{bought.opened['payment_id']}").json


def test_a_dispute_is_written_down_and_told_to_a_person(shop, session, boss, order):
    bought, paid = order
    dispute = disputed(shop, paid, amount=30_000, reason_code="goods_not_received", phase="fraud")

    tell(shop, "created", dispute)

    [seen] = shown(boss, bought)["disputes"]
    assert seen.pop("created_at")[-1] == "Z"
    assert seen == {
        "gateway_dispute_id": dispute["id"],
        "gateway_payment_id": paid,
        "status": "open",
        "amount": 30_000,
        "amount_deducted": 0,
        "currency": "INR",
        "phase": "fraud",
        "reason": "goods_not_received",
        "respond_by": "2031-05-17T09:30:00.000Z",
    }
    assert values(session.execute(select(Alert.kind, Alert.subject, Alert.detail))) == [
        (
            "dispute",
            dispute["id"],
            f"30000 paise of {paid}: goods_not_received, answer by 17 May 2031 09:30 UTC",
        )
    ]
    assert jobs_staged(session, "mail.send_alert") == 1
    assert (counted(session, paid), bought.status) == ((0, 0), ("confirmed", "captured"))
    assert_balanced(session)


@pytest.mark.parametrize("end", ["won", "closed"])
def test_a_dispute_that_ends_well_costs_nothing(shop, session, boss, order, end):
    bought, paid = order
    dispute = disputed(shop, paid)
    tell(shop, "created", dispute)
    tell(shop, "under_review", turned(shop, dispute, "under_review"))
    assert (stands(session)[0][0], alerts(session)) == (
        "under_review",
        [("dispute", dispute["id"], True)],
    )

    tell(shop, end, turned(shop, dispute, end))

    assert stands(session) == [(end, bought.total, 0)]
    assert alerts(session) == [("dispute", dispute["id"], False)]
    assert ask_back(boss, bought).status_code == 202
    shop.work()
    assert bought.status == ("confirmed", "refunded")


@pytest.mark.parametrize("share", [1, 2], ids=["all of it", "a part"])
def test_what_is_lost_cannot_be_refunded_once_more(shop, session, boss, order, share):
    bought, paid = order
    amount = bought.total // share
    dispute = disputed(shop, paid, amount=amount)
    tell(shop, "created", dispute)

    lost = turned(shop, dispute, "lost")
    tell(shop, "lost", lost)
    tell(shop, "lost", lost)

    left = bought.total - amount
    assert stands(session) == [("lost", amount, amount)]
    assert (counted(session, paid), shown(boss, bought)["refundable"]) == ((0, amount), left)
    refused = ask_back(boss, bought, left + 1)
    assert (refused.status_code, refused.json["code"], refused.json["left"]) == (
        409,
        "refund_exceeds_capture",
        left,
    )
    if left:
        assert ask_back(boss, bought).json["amount"] == left
        shop.work()
        assert [refund["amount"] for refund in at_gateway(shop, paid)] == [left]
    assert alerts(session) == [("dispute", dispute["id"], False)]
    assert findings(session) == []


@pytest.mark.parametrize("end", ["won", "lost", "closed"])
@pytest.mark.parametrize("order_of_news", list(permutations(range(3))), ids=str)
def test_whatever_the_order_of_its_events_a_dispute_ends_as_it_ended(
    shop, session, order, order_of_news, end
):
    _, paid = order
    dispute = disputed(shop, paid, amount=30_000)
    under_review = turned(shop, dispute, "under_review")
    ended = turned(shop, dispute, end)
    told = [("created", dispute), ("under_review", under_review), (end, ended)]

    for number in [*order_of_news, *order_of_news]:
        tell(shop, *told[number])

    lost = 30_000 if end == "lost" else 0
    assert stands(session) == [(end, 30_000, lost)]
    assert counted(session, paid) == (0, lost)
    assert [subject for _, subject, is_open in alerts(session) if is_open] == []
    assert findings(session) == []


def test_a_bank_that_asks_for_more_leaves_the_dispute_open(shop, session, boss, order):
    bought, paid = order
    dispute = disputed(shop, paid)
    tell(shop, "created", dispute)
    tell(shop, "under_review", turned(shop, dispute, "under_review"))

    tell(shop, "action_required", turned(shop, dispute, "action_required"))

    assert alerts(session) == [("dispute", dispute["id"], True)]
    assert ask_back(boss, bought).json["code"] == "dispute_open"


def test_staff_cannot_refund_what_is_disputed(shop, session, boss, order):
    bought, paid = order
    first = ask_back(boss, bought, 20_000).json
    shop.work()
    tell(shop, "created", disputed(shop, paid, amount=10_000))

    refused = ask_back(boss, bought, 10_000, "return-2")
    repeated = ask_back(boss, bought, 20_000)

    assert (refused.status_code, refused.json["code"]) == (409, "dispute_open")
    assert (repeated.status_code, repeated.json["id"]) == (202, first["id"])
    assert [refund["amount"] for refund in at_gateway(shop, paid)] == [20_000]
    assert counted(session, paid) == (20_000, 0)


def waiting_refund(shop, boss, order, amount=None):
    """Have a refund asked for that the gateway will not have yet."""
    shop.gateway.fault(route="refunds.create", no_balance=True)
    refund = ask_back(boss, order[0], amount).json
    shop.work()
    shop.gateway.clear()
    return refund


def noted(session):
    return values(
        session.execute(
            select(Refund.amount, Refund.status, Refund.last_error).order_by(Refund.created_at)
        )
    )


def test_a_refund_that_waits_is_held_until_the_dispute_is_won(shop, session, boss, order):
    bought, paid = order
    refund = waiting_refund(shop, boss, order, 20_000)
    dispute = disputed(shop, paid)
    tell(shop, "created", dispute)

    poll(session)

    assert noted(session) == [(20_000, "pending", HELD)]
    assert at_gateway(shop, paid) == []
    retried = boss.post(f"/api/v1/admin/refunds/{refund['id']}/retry")
    assert (retried.status_code, retried.json["code"]) == (409, "dispute_open")

    tell(shop, "won", turned(shop, dispute, "won"))
    poll(session)
    assert noted(session) == [(20_000, "processed", None)]
    assert bought.status == ("confirmed", "partially_refunded")
    assert_balanced(session, **{paid: [20_000]})


def test_a_refund_that_waits_is_given_up_where_the_bank_took_the_money(shop, session, boss, order):
    bought, paid = order
    waiting_refund(shop, boss, order)
    dispute = disputed(shop, paid)
    tell(shop, "created", dispute)

    tell(shop, "lost", turned(shop, dispute, "lost"))
    poll(session)

    assert noted(session) == [(bought.total, "failed", TAKEN_BY_BANK)]
    assert (at_gateway(shop, paid), counted(session, paid)) == ([], (0, bought.total))
    assert bought.status == ("confirmed", "captured")
    assert [is_open for *_, is_open in alerts(session) if is_open] == []
    assert findings(session) == []


def test_a_refund_that_waits_goes_out_where_the_bank_left_enough(shop, session, boss, order):
    bought, paid = order
    waiting_refund(shop, boss, order, 20_000)
    dispute = disputed(shop, paid, amount=bought.total - 20_000)
    tell(shop, "created", dispute)

    tell(shop, "lost", turned(shop, dispute, "lost"))
    poll(session)

    assert noted(session) == [(20_000, "processed", None)]
    assert counted(session, paid) == (20_000, bought.total - 20_000)
    assert findings(session) == []


def test_a_capture_that_has_to_go_back_is_held_and_what_the_bank_left_goes_back(shop, session):
    shop.product("ring", 1)
    bought = purchase(shop, ring=1)
    paid = bought.pay(amount=100_000)
    dispute = disputed(shop, paid, amount=60_000)

    tell(shop, "created", dispute)
    assert refunds(session) == [(paid, 100_000, "pending", "amount_mismatch")]
    assert noted(session) == [(100_000, "pending", HELD)]
    tell(shop, "lost", turned(shop, dispute, "lost"))
    poll(session)
    shop.work()

    assert [refund["amount"] for refund in at_gateway(shop, paid)] == [40_000]
    assert counted(session, paid) == (40_000, 60_000)
    assert findings(session) == []


def test_what_went_back_before_the_bank_took_it_is_found(shop, session, boss, order):
    bought, paid = order
    ask_back(boss, bought)
    shop.work()

    tell(shop, "lost", turned(shop, disputed(shop, paid), "lost"))

    assert counted(session, paid) == (bought.total, bought.total)
    assert shown(boss, bought)["refundable"] == 0
    assert findings(session) == [("more_went_back_than_came", paid)]


def test_one_open_dispute_of_two_holds_the_refunds(shop, session, boss, order):
    bought, paid = order
    won, still_open = (disputed(shop, paid, amount=amount) for amount in (10_000, 20_000))
    for dispute in (won, still_open):
        tell(shop, "created", dispute)
    tell(shop, "won", turned(shop, won, "won"))

    assert ask_back(boss, bought, 5_000).json["code"] == "dispute_open"

    tell(shop, "lost", turned(shop, still_open, "lost"))
    assert ask_back(boss, bought).json["amount"] == bought.total - 20_000


def test_a_refund_made_at_the_gateway_is_booked_though_a_dispute_is_open(shop, session, order):
    bought, paid = order
    tell(shop, "created", disputed(shop, paid, amount=10_000))

    tell_refund(shop, "refund.processed", by_hand(shop, paid, 5_000))
    shop.work()

    assert (counted(session, paid), bought.status[1]) == ((5_000, 0), "partially_refunded")


@pytest.mark.parametrize("with_payment", [True, False], ids=["told with it", "asked for"])
def test_a_dispute_told_before_its_capture_is_of_the_capture(shop, session, with_payment):
    shop.product("ring", 1)
    bought = purchase(shop, ring=1)
    dispute = disputed(shop, bought.pay())

    tell(shop, "created", dispute, with_payment=with_payment)

    assert bought.status == ("confirmed", "captured")
    assert stands(session) == [("open", bought.total, 0)]
    assert alerts(session) == [("dispute", dispute["id"], True)]
    assert_balanced(session)


@pytest.mark.parametrize("with_payment", [True, False], ids=["told with it", "asked for"])
def test_a_dispute_of_somebody_elses_payment_is_left_alone(shop, session, order, with_payment):
    dispute = disputed(shop, order[1])
    session.expire_all()
    stranger = dispute | {"payment_id": "pay_29QQoUBi66xm2f"}
    entities = {"dispute": stranger}
    payment = shop.gateway.payment(order[1]) | {
        "id": "pay_29QQoUBi66xm2f",
        "order_id": "order_EKwxwAgItmmXdp",
    }
    if not with_payment:
        payment = {}

    shop.deliver(shop.gateway.event("payment.dispute.created", payment, **entities))
    shop.work()

    assert events(session)[-1] == (
        "payment.dispute.created",
        "ignored",
        "not an order of this shop",
    )
    assert (stands(session), alerts(session)) == ([], [])


def test_a_dispute_in_a_state_that_nobody_knows_is_recorded_as_failed_to_read(shop, session, order):
    tell(shop, "created", disputed(shop, order[1]) | {"status": "adjourned"})

    assert events(session)[-1] == (
        "payment.dispute.created",
        "failed",
        "status is 'adjourned', which nobody knows",
    )
    assert [kind for kind, *_ in alerts(session)] == ["event_failed"]
