from concurrent.futures import ThreadPoolExecutor

import pytest
import stripe

from tests.sandbox.test_stripe import open_account


@pytest.fixture
def account(sandbox, shop):
    with open_account(sandbox, shop) as opened:
        yield opened


def test_a_charge_is_refunded_in_parts(account):
    charge = account.paid()

    first = account.v1.refunds.create(
        {
            "charge": charge.id,
            "amount": 20000,
            "reason": "requested_by_customer",
            "metadata": {"order": "7"},
        }
    )
    partly = account.v1.charges.retrieve(charge.id)
    rest = account.v1.refunds.create({"payment_intent": charge.payment_intent})
    wholly = account.v1.charges.retrieve(charge.id)

    assert first.id.startswith("re_")
    assert (first.object, first.status, first.amount) == ("refund", "succeeded", 20000)
    assert (first.charge, first.payment_intent) == (charge.id, charge.payment_intent)
    assert (first.reason, first.metadata.to_dict()) == ("requested_by_customer", {"order": "7"})
    assert (partly.amount_refunded, partly.refunded) == (20000, False)
    assert rest.amount == 30000
    assert (wholly.amount_refunded, wholly.refunded) == (50000, True)
    assert account.v1.refunds.retrieve(first.id) == first


def test_a_refunded_charge_is_not_refunded_again(account):
    charge = account.paid()
    account.v1.refunds.create({"charge": charge.id})

    with pytest.raises(stripe.InvalidRequestError) as refusal:
        account.v1.refunds.create({"charge": charge.id})
    assert (refusal.value.http_status, refusal.value.code) == (400, "charge_already_refunded")


def test_no_more_is_refunded_than_is_left(account):
    charge = account.paid()
    account.v1.refunds.create({"charge": charge.id, "amount": 20000})

    with pytest.raises(stripe.InvalidRequestError, match=r"300\.01 INR") as refusal:
        account.v1.refunds.create({"charge": charge.id, "amount": 30001})
    assert (refusal.value.code, refusal.value.param) == (None, "amount")


def test_refunds_at_once_are_never_too_much(account):
    charge = account.paid()

    def refund(_):
        data = {"charge": charge.id, "amount": "20000"}
        return account.call("POST", "/v1/refunds", data=data).status_code

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(refund, range(8)))

    assert sorted(answers) == [200] * 2 + [400] * 6
    assert account.v1.charges.retrieve(charge.id).amount_refunded == 40000


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({}, None),
        ({"charge": "ch_1", "payment_intent": "pi_1"}, None),
        ({"charge": "ch_1", "amount": 0}, "amount"),
        ({"charge": "ch_1", "reason": "regret"}, "reason"),
        ({"charge": "ch_1"}, "charge"),
        ({"payment_intent": "pi_1"}, "payment_intent"),
    ],
)
def test_a_refund_of_nothing_is_refused(account, body, param):
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        account.v1.refunds.create(body)
    assert refusal.value.param == param


def test_only_captured_money_is_refunded(account):
    manual = account.intent(capture_method="manual")
    authorized = account.pay(manual, "authorized")
    failed = account.pay(account.intent(), "failed")

    for body in (
        {"payment_intent": manual.id},
        {"charge": authorized.id},
        {"charge": failed.id},
        {"payment_intent": failed.payment_intent},
    ):
        with pytest.raises(stripe.InvalidRequestError):
            account.v1.refunds.create(body)


def test_refunds_are_listed_by_what_they_are_of(account):
    charge, other = account.paid(), account.paid()
    refunds = [account.v1.refunds.create({"charge": charge.id, "amount": n}).id for n in (1, 2, 3)]
    account.v1.refunds.create({"charge": other.id})

    page = account.v1.refunds.list({"charge": charge.id, "limit": 2})

    assert ([one.id for one in page.data], page.has_more) == (refunds[:0:-1], True)
    assert [one.id for one in page.auto_paging_iter()] == refunds[::-1]
    of_intent = account.v1.refunds.list({"payment_intent": charge.payment_intent})
    assert len(of_intent.data) == 3


@pytest.mark.parametrize(("status", "refunded"), [("succeeded", 20000), ("failed", 0)])
def test_a_pending_refund_ends(account, status, refunded):
    account.drive("faults", route="refunds.create", refund_status="pending", next_n=1)
    charge = account.paid()
    pending = account.v1.refunds.create({"charge": charge.id, "amount": 20000})
    held = account.v1.charges.retrieve(charge.id).amount_refunded

    account.drive(f"refunds/{pending.id}", status=status, deliver="none")
    ended = account.v1.refunds.retrieve(pending.id)

    assert (pending.status, held) == ("pending", 20000)
    assert ended.status == status
    assert account.v1.charges.retrieve(charge.id).amount_refunded == refunded


def test_a_refund_that_failed_is_made_anew(account):
    account.drive("faults", route="refunds.create", refund_status="failed", next_n=1)
    charge = account.paid()

    failed = account.v1.refunds.create({"charge": charge.id})
    again = account.v1.refunds.create({"charge": charge.id})

    assert (failed.status, failed.failure_reason) == ("failed", "expired_or_canceled_card")
    assert (again.status, again.amount) == ("succeeded", 50000)


def test_a_refund_may_fail_after_it_succeeded_and_then_has_ended(account):
    charge = account.paid()
    refund = account.v1.refunds.create({"charge": charge.id})

    account.drive(f"refunds/{refund.id}", status="failed", deliver="none")

    assert account.v1.charges.retrieve(charge.id).refunded is False
    error = account.refused(f"refunds/{refund.id}", status="succeeded")
    assert error["message"] == "The refund is failed and cannot become succeeded."


def test_an_account_without_money_refunds_nothing(account):
    charge = account.paid()
    account.drive("faults", route="refunds.create", no_balance=True)

    with pytest.raises(stripe.InvalidRequestError) as refusal:
        account.v1.refunds.create({"charge": charge.id})
    assert refusal.value.code == "balance_insufficient"


def test_a_disputed_charge_is_not_refunded_until_it_is_won(account):
    charge = account.paid()
    dispute = account.drive("disputes", charge=charge.id, deliver="none")

    with pytest.raises(stripe.InvalidRequestError, match="charged back") as refusal:
        account.v1.refunds.create({"charge": charge.id})
    account.drive(f"disputes/{dispute['id']}", status="won", deliver="none")

    assert refusal.value.code == "charge_disputed"
    assert account.v1.charges.retrieve(charge.id).disputed is True
    assert account.v1.refunds.create({"charge": charge.id}).status == "succeeded"


def test_a_dispute_is_of_what_is_not_refunded(account):
    charge = account.paid()
    account.v1.refunds.create({"charge": charge.id, "amount": 20000})

    assert account.refused("disputes", charge=charge.id, amount=30001)["param"] == "amount"
    dispute = account.drive("disputes", charge=charge.id, deliver="none")

    assert dispute["id"].startswith("dp_")
    assert (dispute["amount"], dispute["status"]) == (30000, "needs_response")
    assert account.refused("disputes", charge=charge.id)["code"] == "charge_disputed"


def test_a_decided_dispute_stays_decided(account):
    dispute = account.drive("disputes", charge=account.paid().id, amount=100, deliver="none")
    account.drive(f"disputes/{dispute['id']}", status="lost", deliver="none")

    error = account.refused(f"disputes/{dispute['id']}", status="won")

    assert error["message"] == "The dispute is lost already."
    assert account.refused("disputes/dp_1", status="won")["code"] == "resource_missing"
    assert account.refused(f"disputes/{dispute['id']}")["code"] == "parameter_missing"


def test_a_payout_is_what_is_left(account):
    account.paid()
    charge = account.paid()
    account.v1.refunds.create({"charge": charge.id, "amount": 10000})
    account.drive("disputes", charge=charge.id, amount=5000, deliver="none")

    first = account.drive("payouts", amount=1000, deliver="none")
    rest = account.drive("payouts", deliver="none")

    assert first["id"].startswith("po_")
    assert (first["amount"], rest["amount"], rest["status"]) == (1000, 84000, "paid")
    assert account.refused("payouts")["code"] == "balance_insufficient"
