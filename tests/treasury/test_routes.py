"""Money as staff see it: who may look, who may act, and what is refused before anything moves."""

from datetime import UTC, date, datetime, timedelta

import pytest

from app.payments.models import Dispute, Payment, PaymentAttempt
from app.treasury import routes
from tests.payments.purchase import jobs_staged, purchase, refunds
from tests.treasury.money import ask_back, paid_order

ROOT = "/api/v1/admin"
ID = "01a214cb-c9c8-7793-adb6-ffecb3ec5f8c"
# Every route, and the least role that may use it.
ROUTES = [
    ("GET", "/payments", "staff"),
    ("GET", f"/payments/{ID}", "staff"),
    ("POST", f"/payments/{ID}/capture", "staff"),
    ("POST", f"/payments/{ID}/refunds", "admin"),
    ("GET", "/refunds", "staff"),
    ("POST", f"/refunds/{ID}/retry", "admin"),
    ("POST", f"/refunds/{ID}/paid-out", "admin"),
    ("GET", "/disputes", "staff"),
    ("GET", "/settlements", "staff"),
    ("GET", "/reconciliations", "staff"),
    ("POST", "/reconciliations", "admin"),
    ("GET", "/reconciliations/razorpay/2026-06-10", "staff"),
]
NOW = datetime(2026, 6, 10, 6, 30, tzinfo=UTC)


@pytest.fixture
def clerk(shop):
    return shop.customer(role="staff")


@pytest.fixture
def boss(shop):
    return shop.customer(role="admin")


@pytest.fixture
def paid(shop):
    """A paid order and the id of its try."""
    return paid_order(shop)


def refunds_of(bought):
    return f"{ROOT}/payments/{bought.opened['payment_id']}/refunds"


def test_the_table_of_routes_is_whole(app):
    rules = [r for r in app.url_map.iter_rules() if r.endpoint.startswith("admin_money.")]

    assert len(rules) == len(ROUTES)


@pytest.mark.parametrize(("method", "path", "least"), ROUTES)
def test_money_is_shown_and_moved_for_staff_and_admins_alone(shop, client, method, path, least):
    answers = {
        role: client.open(ROOT + path, method=method, headers=shop.customer(role=role).headers)
        for role in ("customer", "staff", "admin")
    }
    anonymous = client.open(ROOT + path, method=method)

    assert (anonymous.status_code, anonymous.json["code"]) == (401, "unauthenticated")
    refused = {role for role, answer in answers.items() if answer.status_code == 403}
    assert refused == ({"customer"} if least == "staff" else {"customer", "staff"})
    assert {answers[role].json["code"] for role in refused} == {"forbidden"}
    assert answers["admin"].status_code in (200, 404, 422)


def test_a_payment_is_shown_with_all_that_became_of_it(shop, session, boss, clerk, paid):
    bought, payment_id = paid
    failed = purchase(shop, bought.buyer, ring=1)
    failed.tell("payment.failed", failed.pay("failed"))
    asked = ask_back(boss, bought, 3_000).json
    session.add(
        Dispute(
            gateway_dispute_id="disp_1", gateway_payment_id=payment_id, status="open",
            amount=100_000, currency="INR", created_at=NOW, respond_by=NOW,
        )
    )  # fmt: skip
    session.flush()

    shown = clerk.get(f"{ROOT}/payments/{bought.opened['payment_id']}")

    row = session.get_one(Payment, bought.opened["payment_id"])
    attempt = session.get_one(PaymentAttempt, payment_id)
    assert (shown.status_code, shown.json) == (
        200,
        {
            "payment": {
                "id": bought.opened["payment_id"],
                "order_id": bought.order_id,
                "gateway": "razorpay",
                "gateway_order_id": bought.opened["razorpay_order_id"],
                "amount": 103_000,
                "currency": "INR",
                "status": "captured",
                "verified_at": None,
                "created_at": spelled(row.created_at),
            },
            "refundable": 100_000,
            "attempts": [
                {
                    "gateway_payment_id": payment_id,
                    "status": "captured",
                    "amount": 103_000,
                    "currency": "INR",
                    "method": "upi",
                    "outcome": "kept",
                    "amount_refunded": 3_000,
                    "amount_lost": 0,
                    "error_reason": None,
                    "begun_at": spelled(attempt.begun_at),
                }
            ],
            "refunds": [asked],
            "disputes": [
                {
                    "gateway_dispute_id": "disp_1",
                    "gateway_payment_id": payment_id,
                    "status": "open",
                    "amount": 100_000,
                    "amount_deducted": 0,
                    "currency": "INR",
                    "phase": None,
                    "reason": None,
                    "respond_by": "2026-06-10T06:30:00.000Z",
                    "created_at": "2026-06-10T06:30:00.000Z",
                }
            ],
        },
    )
    for path, told in (
        ("payments?status=captured", [shown.json["payment"]]),
        ("refunds", [asked]),
        ("disputes", shown.json["disputes"]),
    ):
        assert clerk.get(f"{ROOT}/{path}").json == {"items": told, "next_cursor": None}


def test_what_has_to_go_back_anyway_is_not_refundable(shop, clerk):
    shop.product("ring", 1)
    bought = purchase(shop, ring=1)
    bought.tell("payment.captured", bought.pay(amount=bought.total + 100))
    shop.gateway.fault(route="refunds.create", refund_status="failed")
    shop.work()

    shown = clerk.get(f"{ROOT}/payments/{bought.opened['payment_id']}").json

    [attempt] = shown["attempts"]
    assert (attempt["outcome"], attempt["amount_refunded"]) == ("refunded", 0)
    assert (shown["refundable"], [r["status"] for r in shown["refunds"]]) == (0, ["failed"])


def spelled(moment):
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


BODY = {"reason": "a link is bent", "reference": "return-1"}


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        *(({"amount": a}, "#/amount") for a in (0, -1, 1.5, "1", True, 1e18, 10**19, [1], {})),
        *(({"reason": r}, "#/reason") for r in ("", "x" * 501, None, 7, "a\nb", "a\u0000")),
        *(({"reference": r}, "#/reference") for r in ("", "x" * 101, None, 7, "a\tb")),
        *(({"speed": s}, "#/speed") for s in ("", "instant", 1)),
        ({"currency": "INR"}, "#/currency"),
    ],
)
def test_a_refund_that_is_none_is_refused_by_name(session, boss, paid, changes, pointer):
    bought, _ = paid

    refused = boss.post(refunds_of(bought), BODY | changes)

    pointers = [error["pointer"] for error in refused.json["errors"]]
    assert (refused.status_code, pointers) == (422, [pointer])
    assert refunds(session) == []


@pytest.mark.parametrize("missing", ["reason", "reference"])
def test_a_refund_has_a_reason_and_a_reference(boss, paid, missing):
    bought, _ = paid

    refused = boss.post(refunds_of(bought), {k: v for k, v in BODY.items() if k != missing})

    pointers = [error["pointer"] for error in refused.json["errors"]]
    assert (refused.status_code, pointers) == (422, [f"#/{missing}"])


@pytest.mark.parametrize(
    "body", [b"", b"[]", b'{"amount": NaN}', b'{"amount": Infinity}', b"{", b'"x"']
)
def test_a_body_that_is_no_object_is_refused(session, boss, paid, body):
    bought, _ = paid
    headers = boss.headers | {"Content-Type": "application/json"}

    refused = boss.client.post(refunds_of(bought), data=body, headers=headers)

    assert refused.status_code in (400, 422)
    assert refunds(session) == []


def test_no_more_goes_back_than_is_left(session, boss, paid):
    bought, _ = paid
    assert ask_back(boss, bought, 103_000).status_code == 202

    answers = [
        ask_back(boss, bought, amount, reference=f"more-{amount}")
        for amount in (1, 10**18, 2**63 - 1, None)
    ]

    told = [(a.status_code, a.json["code"], a.json["left"]) for a in answers]
    assert told == [(409, "refund_exceeds_capture", 0)] * 4
    assert [row[1] for row in refunds(session)] == [103_000]


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("GET", f"/payments/{ID}", "payment_not_found"),
        ("POST", f"/payments/{ID}/capture", "payment_not_found"),
        ("POST", f"/payments/{ID}/refunds", "payment_not_found"),
        ("POST", f"/refunds/{ID}/retry", "refund_not_found"),
        ("POST", f"/refunds/{ID}/paid-out", "refund_not_found"),
        ("GET", "/payments/7", "not_found"),
        ("POST", "/refunds/%00/retry", "not_found"),
    ],
)
def test_what_is_not_there_is_not_found(boss, method, path, code):
    body = BODY if path.endswith("refunds") else None

    answer = boss.client.open(ROOT + path, method=method, json=body, headers=boss.headers)

    assert (answer.status_code, answer.json["code"]) == (404, code)


def test_what_was_never_captured_has_nothing_to_send_back_or_to_take(shop, session, boss):
    shop.product("ring", 1)
    bought = purchase(shop, ring=1)

    refund = ask_back(boss, bought)
    taken = boss.post(f"{ROOT}/payments/{bought.opened['payment_id']}/capture")

    assert (refund.status_code, refund.json["code"]) == (404, "attempt_not_found")
    assert (taken.status_code, taken.json["code"]) == (409, "nothing_to_capture")
    assert (taken.json["detail"], taken.json["payment_status"]) == (
        "The payment is created.", "created",
    )  # fmt: skip


def test_a_refund_that_the_gateway_pays_is_not_paid_out_by_hand(session, boss, paid):
    bought, _ = paid
    refund_id = ask_back(boss, bought).json["id"]

    refused = boss.post(f"{ROOT}/refunds/{refund_id}/paid-out")

    assert (refused.status_code, refused.json["code"]) == (409, "refund_not_paid_by_hand")
    assert [row[2] for row in refunds(session)] == ["pending"]


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        ({"gateway": "paypal"}, [("#/gateway", "is none of the shop's gateways")]),
        ({"gateway": ""}, [("#/gateway", "Length must be between 1 and 40.")]),
        ({"day": "9999-12-31"}, [("#/day", "is not over")]),
        ({"day": "2026-13-01"}, [("#/day", "Not a valid date.")]),
        ({"day": 20260610}, [("#/day", "Not a valid date.")]),
        ({"hour": 1}, [("#/hour", "Unknown field.")]),
    ],
)
def test_a_day_that_cannot_be_compared_is_refused(session, boss, changes, errors):
    body = {"gateway": "razorpay", "day": "2026-06-10"} | changes

    refused = boss.post(f"{ROOT}/reconciliations", body)

    told = [(error["pointer"], error["detail"]) for error in refused.json["errors"]]
    assert (refused.status_code, told) == (422, errors)
    assert jobs_staged(session, "payments.reconcile_day") == 0


@pytest.mark.parametrize(
    ("moment", "latest"),
    [("2026-06-10T18:29:59", "2026-06-09"), ("2026-06-10T18:30:00", "2026-06-10")],
)
def test_a_day_can_be_compared_once_it_is_over_in_india(session, boss, monkeypatch, moment, latest):
    class Clock(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime.fromisoformat(moment).replace(tzinfo=tz)

    monkeypatch.setattr(routes, "datetime", Clock)
    next_day = str(date.fromisoformat(latest) + timedelta(days=1))

    answers = [
        boss.post(f"{ROOT}/reconciliations", {"gateway": "razorpay", "day": day}).status_code
        for day in (latest, next_day)
    ]

    assert answers == [202, 422]
    assert jobs_staged(session, "payments.reconcile_day") == 1


@pytest.mark.parametrize("day", ["today", "2026-6-1", "2026-06-31", "%00", "1"])
def test_differences_of_what_is_no_day_are_refused(clerk, day):
    refused = clerk.get(f"{ROOT}/reconciliations/razorpay/{day}")

    pointers = [error["pointer"] for error in refused.json["errors"]]
    assert (refused.status_code, pointers) == (422, ["#/day"])


@pytest.mark.parametrize("name", ["razorpay", "paypal", "%00", "%F0%9F%92%8D", "x" * 3_000])
def test_a_day_that_was_not_compared_has_no_differences(clerk, name):
    answer = clerk.get(f"{ROOT}/reconciliations/{name}/2026-06-10")

    assert (answer.status_code, answer.json) == (200, {"items": []})
