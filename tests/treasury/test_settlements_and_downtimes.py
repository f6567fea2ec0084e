"""What gateways tell beside payments: transfers to the bank, and ways to pay that are disturbed."""

from datetime import UTC, datetime, timedelta

import pytest
import requests
from sqlalchemy import select

from app.payments.models import Downtime, Settlement
from tests.builders import values
from tests.payments.purchase import events, purchase
from tests.payments.stripe_stub import open_stripe, open_stub
from tests.treasury.money import paid_order

SETTLEMENTS = "/api/v1/admin/settlements"


def drive(shop, path, **body):
    """Have something happen at the gateway, and not be told."""
    response = requests.post(
        f"{shop.gateway.url}/sandbox/{path}", json=body | {"deliver": "none"}, timeout=10
    )
    assert response.status_code == 200, response.text
    return response.json()


def tell(shop, name, kind, entity):
    """Bring an event about something else than a payment to the door, and have it worked."""
    event = {"entity": "event", "event": name, "payload": {kind: {"entity": entity}}}
    assert shop.deliver(shop.gateway.deliver_of(event)).status_code == 200
    shop.work()


def settled(session):
    columns = (
        Settlement.gateway_settlement_id, Settlement.gateway, Settlement.status,
        Settlement.amount, Settlement.fees, Settlement.tax, Settlement.utr,
    )  # fmt: skip
    return values(session.execute(select(*columns)))


def test_a_settlement_is_written_and_shown_as_it_was_told(shop, session):
    paid_order(shop)
    told = drive(shop, "settlements")

    tell(shop, "settlement.processed", "settlement", told)

    assert told["amount"] > 0
    assert shop.customer(role="staff").get(SETTLEMENTS).json == {
        "items": [
            {
                "gateway_settlement_id": told["id"],
                "gateway": "razorpay",
                "status": "processed",
                "amount": told["amount"],
                "fees": told["fees"],
                "tax": told["tax"],
                "utr": told["utr"],
                "created_at": datetime.fromtimestamp(told["created_at"], UTC)
                .isoformat(timespec="milliseconds")
                .replace("+00:00", "Z"),
            }
        ],
        "next_cursor": None,
    }


SETTLED = {
    "id": "setl_Rf8uva1MU98B4l", "status": "processed", "amount": 9_000, "fees": 200, "tax": 36,
    "utr": "1568176960vxp0rj", "created_at": 1_764_000_000,
}  # fmt: skip


def test_a_settlement_told_again_is_as_it_was_told_last(shop, session):
    for _ in range(2):
        tell(shop, "settlement.processed", "settlement", SETTLED)
    tell(shop, "settlement.processed", "settlement", SETTLED | {"utr": "another", "fees": 300})

    row = ("setl_Rf8uva1MU98B4l", "razorpay", "processed", 9_000, 300, 36, "another")
    assert settled(session) == [row]
    assert session.scalars(select(Settlement.created_at)).one() == datetime.fromtimestamp(
        1_764_000_000, UTC
    )


@pytest.mark.parametrize(
    ("changes", "note"),
    [({"id": None}, "id is not a text"), ({"status": 7}, "status is not a text")],
)
def test_a_settlement_of_another_form_is_kept_for_a_person(shop, session, changes, note):
    tell(shop, "settlement.processed", "settlement", SETTLED | changes)

    assert events(session) == [("settlement.processed", "failed", note)]
    assert settled(session) == []


@pytest.mark.parametrize("missing", ["amount", "fees", "tax", "utr", "created_at"])
def test_a_settlement_that_lacks_a_number_is_written_without_it(shop, session, missing):
    lacking = {name: value for name, value in SETTLED.items() if name != missing}

    tell(shop, "settlement.processed", "settlement", lacking)

    without = {"utr": None}.get(missing, 0)
    has = SETTLED | {missing: without}
    assert settled(session) == [
        (has["id"], "razorpay", "processed", has["amount"], has["fees"], has["tax"], has["utr"])
    ]


NOW = datetime.now(UTC).replace(microsecond=0)


def downtime(**changes):
    return {
        "id": "down_F7LroRQAAFuswd", "method": "upi", "status": "started", "severity": "high",
        "begin": int((NOW - timedelta(hours=1)).timestamp()), "end": None,
        "instrument": {"vpa_handle": "oksbi", "flow": "collect"},
    } | changes  # fmt: skip


def tell_downtime(shop, name="started", **changes):
    tell(shop, f"payment.downtime.{name}", "payment.downtime", downtime(**changes))


@pytest.fixture
def bought(shop):
    """An order whose payment was opened before anything was disturbed."""
    shop.product("ring", 2)
    return purchase(shop, ring=1)


def told_at_opening(bought):
    return bought.buyer.open_payment(bought.order_id)["downtimes"]


def spelled(moment):
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def test_what_is_disturbed_is_told_when_a_payment_is_opened(shop, bought):
    assert bought.opened["downtimes"] == []
    told = drive(shop, "downtimes", method="upi", severity="low")

    tell(shop, "payment.downtime.started", "payment.downtime", told)

    assert told_at_opening(bought) == [
        {
            "method": "upi",
            "severity": "low",
            "instrument": told["instrument"],
            "began_at": spelled(datetime.fromtimestamp(told["begin"], UTC)),
        }
    ]


def test_a_downtime_that_got_worse_is_told_so(shop, bought):
    tell_downtime(shop, severity="low")
    tell_downtime(shop, "updated", severity="high", status="updated")

    assert [(d["method"], d["severity"]) for d in told_at_opening(bought)] == [("upi", "high")]


def test_what_is_resolved_is_not_told_whatever_comes_late(shop, session, bought):
    told = drive(shop, "downtimes", method="card", severity="high")
    resolved = drive(shop, f"downtimes/{told['id']}", status="resolved")

    tell(shop, "payment.downtime.started", "payment.downtime", told)
    assert len(told_at_opening(bought)) == 1
    tell(shop, "payment.downtime.resolved", "payment.downtime", resolved)
    assert told_at_opening(bought) == []
    tell(shop, "payment.downtime.started", "payment.downtime", told)

    assert told_at_opening(bought) == []
    ended = session.scalars(select(Downtime.ended_at)).one()
    assert ended == datetime.fromtimestamp(resolved["end"], UTC)


def test_a_downtime_whose_end_came_first_is_over(shop, bought):
    tell_downtime(shop, "resolved", status="resolved", end=int(NOW.timestamp()))
    tell_downtime(shop)

    assert told_at_opening(bought) == []


@pytest.mark.parametrize("status", ["resolved", "cancelled"])
def test_a_downtime_that_ended_at_no_told_time_is_over(shop, bought, status):
    tell_downtime(shop)
    tell_downtime(shop, "updated", status=status)

    assert told_at_opening(bought) == []


@pytest.mark.parametrize(
    ("changes", "is_told"),
    [
        ({"begin": int((NOW + timedelta(hours=1)).timestamp()), "status": "scheduled"}, False),
        ({"begin": int((NOW - timedelta(hours=47)).timestamp())}, True),
        ({"begin": int((NOW - timedelta(hours=49)).timestamp())}, False),
        ({"begin": None}, True),
        ({"end": int((NOW + timedelta(hours=1)).timestamp())}, True),
        ({"end": int((NOW - timedelta(minutes=1)).timestamp())}, False),
    ],
    ids=["to come", "of yesterday", "forgotten", "since ever", "still an hour", "just over"],
)
def test_a_downtime_is_told_while_it_lasts(shop, bought, changes, is_told):
    tell_downtime(shop, **changes)

    assert bool(told_at_opening(bought)) is is_told


def test_several_downtimes_are_told_the_oldest_first(shop, bought):
    tell_downtime(shop)
    older = int((NOW - timedelta(hours=2)).timestamp())
    tell_downtime(shop, id="down_2", method="netbanking", begin=older, instrument={"bank": "HDFC"})

    assert [(d["method"], d["instrument"]) for d in told_at_opening(bought)] == [
        ("netbanking", {"bank": "HDFC"}),
        ("upi", {"vpa_handle": "oksbi", "flow": "collect"}),
    ]


def test_a_downtime_of_one_gateway_is_none_of_another(shop, bought):
    tell_downtime(shop)

    with open_stub(shop.gateway):
        opened = open_stripe(bought.buyer, bought.order_id)

    assert (opened.status_code, opened.json["downtimes"]) == (200, [])


@pytest.mark.parametrize(
    ("changes", "note"),
    [
        ({"id": 7}, "id is not a text"),
        ({"method": None}, "method is not a text"),
        ({"status": "odd"}, "status is 'odd', which nobody knows"),
    ],
)
def test_a_downtime_of_another_form_is_kept_for_a_person(shop, session, bought, changes, note):
    tell_downtime(shop, **changes)

    assert events(session) == [("payment.downtime.started", "failed", note)]
    assert told_at_opening(bought) == []


def test_parts_of_an_instrument_that_are_no_texts_are_left_out(shop, bought):
    tell_downtime(shop, instrument={"bank": "HDFC", "psp": None, "codes": [1], "empty": ""})
    tell_downtime(shop, id="down_2", instrument=None, severity=None)

    assert sorted(str(d["instrument"]) for d in told_at_opening(bought)) == [
        "{'bank': 'HDFC'}",
        "{}",
    ]
