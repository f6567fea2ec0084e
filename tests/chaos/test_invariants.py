"""Each check of a run's files can fail: one thing is made wrong, and its invariant says so."""

from collections.abc import Callable

import pytest

from chaos import invariants
from chaos.evidence import Evidence, Row


def one(found: Evidence, table: str, **like: object) -> Row:
    """The first row of a table that is so."""
    rows = [r for r in found.rows(table) if all(r[k] == v for k, v in like.items())]
    assert rows, f"no {table} {like} to be made wrong"
    return rows[0]


def a_unit_vanishes(found: Evidence) -> None:
    one(found, "products")["stock_quantity"] -= 1


def a_movement_vanishes(found: Evidence) -> None:
    found.rows("stock_movements").remove(one(found, "stock_movements", kind="sale"))


def an_order_gets_a_unit_more(found: Evidence) -> None:
    one(found, "reservations", state="committed")["units"] += 1


def redis_has_a_unit_more(found: Evidence) -> None:
    row = next(r for r in found.rows("redis") if r["stock"]["server"] == r["run_id"])
    row["stock"]["on_hand"] = str(int(row["stock"]["on_hand"]) + 1)


def a_sample_was_above_the_truth(found: Evidence) -> None:
    found.rows("samples").append({"at": 1.0, "sku": "x", "available": 2, "truth": 1})


def the_reconciler_found_a_missing_hold(found: Evidence) -> None:
    product_id = one(found, "products")["id"]
    drift = {"kind": "missing", "product_id": product_id, "details": {}, "is_repaired": True}
    found.rows("stock_drifts").append(drift)


def a_paid_unit_is_never_settled(found: Evidence) -> None:
    order = one(found, "orders", status="confirmed")
    found.rows("redis")[0]["committed"][order["id"]] = "1"


def a_hold_outlives_its_order(found: Evidence) -> None:
    one(found, "reservations", state="expired")["state"] = "pending"


def a_capture_has_no_end(found: Evidence) -> None:
    one(found, "payment_attempts", status="captured")["outcome"] = None


def money_is_kept_for_a_cancelled_order(found: Evidence) -> None:
    row = one(found, "payment_attempts", status="captured", outcome="kept", amount_refunded=0)
    found.orders[row["order_id"]]["status"] = "cancelled"


def an_order_is_confirmed_that_nobody_paid(found: Evidence) -> None:
    one(found, "orders", status="expired")["status"] = "confirmed"


def the_gateway_took_money_we_do_not_know(found: Evidence) -> None:
    row = one(found, "gateway_payments", captured=True)
    found.rows("gateway_payments").append(row | {"id": "pay_another"})


def a_refund_is_smaller_here_than_there(found: Evidence) -> None:
    one(found, "refunds", status="processed")["amount"] -= 1


def a_serial_is_missing(found: Evidence) -> None:
    found.rows("invoices").append({"kind": "invoice", "financial_year": "2627", "serial": 10**6,
                                   "reference": "x"})  # fmt: skip


def a_refund_was_made_twice(found: Evidence) -> None:
    for number in range(2):
        found.rows("gateway_refunds").append(
            {"id": f"rfnd_{number}", "receipt": "one", "status": "failed", "payment_id": "",
             "amount": 1}
        )  # fmt: skip


def an_order_jumps(found: Evidence) -> None:
    one(found, "order_transitions", to_status="confirmed")["to_status"] = "shipped"


def an_order_stays_pending(found: Evidence) -> None:
    one(found, "orders", status="confirmed")["status"] = "pending"


def an_event_is_never_worked(found: Evidence) -> None:
    one(found, "webhook_events")["status"] = "received"


def a_job_is_given_up(found: Evidence) -> None:
    one(found, "outbox")["failed_at"] = "2026-11-30 00:00:00+00:00"


def a_coupon_is_used_once_too_often(found: Evidence) -> None:
    one(found, "coupons", code="FEW-OF-THEM")["uses"] = 51


def a_paisa_is_lost_in_a_total(found: Evidence) -> None:
    one(found, "orders")["total"] -= 1


def an_acknowledged_order_is_gone(found: Evidence) -> None:
    row = one(found, "clients", op="checkout", status=201)
    found.orders.pop(row["id"])


def a_refused_checkout_left_an_order(found: Evidence) -> None:
    key = one(found, "clients", op="checkout", status=201)["key"]
    for row in found.rows("clients"):
        if row.get("key") == key:
            row |= {"status": 409, "problem": "insufficient-stock"}
            row.pop("id", None)


def an_order_lacks_a_line(found: Evidence) -> None:
    found.rows("order_lines").remove(one(found, "order_lines"))


def a_cancellation_was_acknowledged_and_is_not_there(found: Evidence) -> None:
    order = one(found, "orders", status="confirmed")
    asked = {"op": "cancel", "order": order["id"], "status": 200, "t0": 0, "who": order["user_id"]}
    found.rows("clients").append(asked)


def staff_moved_an_order_twice(found: Evidence) -> None:
    row = next(r for r in found.rows("order_transitions") if r["actor"].startswith("staff"))
    found.rows("order_transitions").append(row | {"id": 10**9})


def a_transaction_is_left_open(found: Evidence) -> None:
    left = {"pid": 1, "state": "idle in transaction", "seconds": 60.0}
    found.rows("rest")[0]["left"].append(left)


def a_mail_was_never_sent(found: Evidence) -> None:
    found.rows("mails").pop()


SABOTAGES: dict[Callable[[Evidence], None], str] = {
    a_unit_vanishes: "I1",
    a_movement_vanishes: "I1",
    an_order_gets_a_unit_more: "I2",
    redis_has_a_unit_more: "I3",
    a_sample_was_above_the_truth: "I3",
    the_reconciler_found_a_missing_hold: "I3",
    a_paid_unit_is_never_settled: "I4",
    a_hold_outlives_its_order: "I4",
    a_capture_has_no_end: "I5",
    money_is_kept_for_a_cancelled_order: "I5",
    an_order_is_confirmed_that_nobody_paid: "I5",
    the_gateway_took_money_we_do_not_know: "I6",
    a_refund_is_smaller_here_than_there: "I6",
    a_serial_is_missing: "I7",
    a_refund_was_made_twice: "I7",
    an_order_jumps: "I8",
    an_order_stays_pending: "I8",
    an_event_is_never_worked: "I9",
    a_job_is_given_up: "I9",
    a_coupon_is_used_once_too_often: "I10",
    a_paisa_is_lost_in_a_total: "I11",
    an_acknowledged_order_is_gone: "I12",
    a_refused_checkout_left_an_order: "I12",
    an_order_lacks_a_line: "I12",
    a_cancellation_was_acknowledged_and_is_not_there: "I12",
    staff_moved_an_order_twice: "I13",
    a_transaction_is_left_open: "I14",
    a_mail_was_never_sent: "I15",
}


@pytest.mark.parametrize(
    ("sabotage", "name"), SABOTAGES.items(), ids=lambda x: getattr(x, "__name__", x)
)
def test_a_check_turns_red(found, sabotage, name):
    check = invariants.INVARIANTS[name]
    assert list(check(found)) == []

    sabotage(found)

    assert list(check(found))


def test_every_invariant_has_a_way_to_turn_red():
    assert set(SABOTAGES.values()) == set(invariants.INVARIANTS)
