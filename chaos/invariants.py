"""What has to be true after every run: I1 to I15, each a function that yields what is not."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from app.orders.orders import TRANSITIONS
from app.treasury.audit import PAID_FOR
from chaos.clients import visible
from chaos.evidence import Evidence, Row

Check = Callable[[Evidence], Iterator[str]]
# Drifts that may have promised too much; the others hid units until they were repaired.
OVERSELLING = {"on_hand", "missing", "deadline", "ledger"}


def i1(found: Evidence) -> Iterator[str]:
    """On hand is the sum of the movements, the last one's balance, and not below nothing."""
    moved: Counter[str] = Counter()
    last: dict[str, Row] = {}
    for row in found.rows("stock_movements"):
        moved[row["product_id"]] += row["units"]
        if row["id"] > last.get(row["product_id"], {"id": 0})["id"]:
            last[row["product_id"]] = row
    for product in found.rows("products"):
        on_hand, booked = product["stock_quantity"], moved[product["id"]]
        balance = last.get(product["id"], {"balance": 0})["balance"]
        if not on_hand == booked == balance or on_hand < 0:
            yield f"{product['sku']}: {on_hand} on hand, {booked} moved, {balance} the balance"
    yield from _of_app(found, "check-stock")


def i2(found: Evidence) -> Iterator[str]:
    """No more is sold than came; the sales of each order are its units, less what came back."""
    received: Counter[str] = Counter()
    net: Counter[tuple[str, str]] = Counter()
    for row in found.rows("stock_movements"):
        if row["order_id"] is None:
            received[row["product_id"]] += row["units"]
        else:
            net[row["order_id"], row["product_id"]] -= row["units"]
    sold: Counter[str] = Counter()
    for (_, product_id), units in net.items():
        sold[product_id] += units
    for product_id, units in sold.items():
        if units > received[product_id]:
            yield f"{found.skus[product_id]}: {units} sold of {received[product_id]}"
    kept = _kept_units(found)
    for key in net.keys() | kept.keys():
        if net[key] != kept[key]:
            yield f"order {key[0]}, {found.skus[key[1]]}: {net[key]} moved, {kept[key]} bought"


def _kept_units(found: Evidence) -> Counter[tuple[str, str]]:
    """Count what each order has by its reservations, units that were written off counted out."""
    kept: Counter[tuple[str, str]] = Counter()
    for row in found.rows("reservations"):
        if row["state"] == "committed":
            kept[row["order_id"], row["product_id"]] += row["units"] - row["returned"]
    products = {sku: product_id for product_id, sku in found.skus.items()}
    of_return = {row["id"]: row["order_id"] for row in found.rows("returns")}
    for row in found.rows("return_dispositions"):
        # Taken back, and at once out of the shop: its movements add up to nothing.
        if row["disposition"] != "restock":
            kept[of_return[row["return_id"]], products[row["sku"]]] += row["quantity"]
    return kept


def i3(found: Evidence) -> Iterator[str]:
    """Redis is as Postgres at rest, and never sold more than there was."""
    held: Counter[str] = Counter()
    now = found.about()["collected_at"]
    for row in found.rows("reservations"):
        if row["state"] == "pending" and row["deadline"] > now:
            held[found.skus[row["product_id"]]] += row["units"]
    yield from _shelves(found, held)
    for row in found.rows("stock_drifts"):
        if row["kind"] in OVERSELLING:
            yield f"drift {row['kind']} of {found.skus[row['product_id']]}: {row['details']}"
    for row in found.rows("samples"):
        yield f"at {row['at']}: Redis sold {row['available']} of {row['sku']}, {row['truth']} there"


def _shelves(found: Evidence, held: Counter[str]) -> Iterator[str]:
    """Compare each product of which Redis knows all counters."""
    known: defaultdict[str, list[Row]] = defaultdict(list)
    for seen in found.rows("redis"):
        # What another run was told of counts for nothing, and is loaded anew when it is asked for.
        if seen["stock"].get("server") == seen["run_id"]:
            known[seen["sku"]].append(seen)
    for product in found.rows("products"):
        sku, counters = product["sku"], known[product["sku"]]
        if len(counters) >= product["counters"]:
            yield from _shelf(sku, counters, product["stock_quantity"], held[sku])


def _shelf(sku: str, counters: list[Row], on_hand: int, held: int) -> Iterator[str]:
    """Compare what Redis has of a product with Postgres, and with its own parts."""
    names = ("on_hand", "reserved", "committed")
    told = {name: sum(int(seen["stock"][name]) for seen in counters) for name in names}
    parts = {
        "on_hand": on_hand,
        "reserved": sum(_units(seen["members"]) for seen in counters),
        "committed": sum(int(n) for seen in counters for n in seen["committed"].values()),
    }
    live = sum(_units(seen["live"]) for seen in counters)
    if told != parts or live != held or min(told.values()) < 0:
        yield f"{sku}: Redis says {told} and {live} live, it is {parts} and {held} held"


def _units(members: list[str]) -> int:
    return sum(int(member.split(":")[1]) for member in members)


def i4(found: Evidence) -> Iterator[str]:
    """Each live hold has a pending order; nothing is committed that is settled; none is overdue."""
    now = found.about()["collected_at"]
    for row in found.rows("reservations"):
        order = found.orders[row["order_id"]]
        if row["state"] == "pending" and order["status"] != "pending":
            yield f"order {order['id']} is {order['status']}, its reservation pending"
        if row["state"] == "committed" and order["status"] not in {*PAID_FOR, "cancelled"}:
            yield f"order {order['id']} is {order['status']}, its reservation committed"
        if row["state"] == "pending" and row["deadline"] < now - _SWEPT_SECONDS:
            yield f"order {order['id']} is pending, {now - row['deadline']:.0f} s overdue"
    yield from _live_holds(found)


def _live_holds(found: Evidence) -> Iterator[str]:
    for row in found.rows("redis"):
        for order_id in row["committed"]:
            yield f"{row['counter']}: order {order_id} is committed and not settled"
        for member in row["live"]:
            order = found.orders.get(member.split(":")[0], {"status": "unknown to Postgres"})
            if order["status"] not in {"pending", "unknown to Postgres"}:
                yield f"{row['counter']}: {member} is held, the order is {order['status']}"


_MOMENT_SECONDS = 5
# The expiry looks every ten seconds.
_SWEPT_SECONDS = 30


def i5(found: Evidence) -> Iterator[str]:
    """All that was captured went back or is kept, for one payment of a confirmed order."""
    captured = [row for row in found.rows("payment_attempts") if row["status"] == "captured"]
    kept = Counter(row["order_id"] for row in captured if row["outcome"] == "kept")
    for row in captured:
        left = row["amount"] - row["amount_refunded"] - row["amount_lost"]
        status = found.orders[row["order_id"]]["status"]
        is_right = {
            "kept": left == 0 or (left > 0 and status in PAID_FOR),
            "refunded": left == 0,
        }.get(row["outcome"], False)
        if not is_right:
            yield (
                f"{row['gateway_payment_id']}: {row['outcome']}, {left} paise left, order {status}"
            )
    yield from (f"order {order}: {n} payments kept" for order, n in kept.items() if n > 1)
    for order in found.orders.values():
        is_paid = order["pays_on_delivery"] or kept[order["id"]]
        if order["status"] in PAID_FOR and not is_paid:
            yield f"order {order['id']} is {order['status']}, and nobody paid"
    yield from _of_app(found, "check-money")


def i6(found: Evidence) -> Iterator[str]:
    """Our payments and refunds are the gateway's, both ways."""
    ours = {
        row["gateway_payment_id"]: row["amount"]
        for row in found.rows("payment_attempts")
        if row["status"] == "captured"
    }
    known = {row["gateway_order_id"] for row in found.rows("payments")}
    captured = [row for row in found.rows("gateway_payments") if row["captured"]]
    theirs = {row["id"]: row["amount"] for row in captured}
    for payment in captured:
        if payment["order_id"] not in known:
            yield f"payment {payment['id']} is of order {payment['order_id']}, unknown to us"
    yield from _apart("captured", ours, theirs)
    processed = {
        row["gateway_refund_id"]: row["amount"]
        for row in found.rows("refunds")
        if row["status"] == "processed"
    }
    returned = {
        row["id"]: row["amount"]
        for row in found.rows("gateway_refunds")
        if row["status"] == "processed" and row["payment_id"] in theirs
    }
    yield from _apart("refunded", processed, returned)


def _apart(what: str, ours: Mapping[str, int], theirs: Mapping[str, int]) -> Iterator[str]:
    for one in sorted(ours.keys() | theirs.keys()):
        if ours.get(one) != theirs.get(one):
            yield f"{what} {one}: {ours.get(one)} here, {theirs.get(one)} at the gateway"


def i7(found: Evidence) -> Iterator[str]:
    """Nothing has a double, and the serials of invoices have no gap."""
    names: dict[str, tuple[str, ...]] = {
        "webhook_events": ("event_id",), "payment_attempts": ("gateway_payment_id",),
        "refunds": ("reference",), "stock_movements": ("reference",),
        "orders": ("number",), "idempotency_keys": ("order_id",), "payments": ("gateway_order_id",),
        "invoices": ("reference",), "return_dispositions": ("reference",),
    }  # fmt: skip
    for table, columns in names.items():
        rows = (tuple(row[name] for name in columns) for row in found.rows(table))
        for value, count in Counter(rows).items():
            if count > 1 and value != (None,):
                yield f"{table} has {value} {count} times"
    receipts = Counter(
        row["receipt"] for row in found.rows("gateway_refunds") if row.get("receipt")
    )
    yield from (f"refund {name} was made {n} times" for name, n in receipts.items() if n > 1)
    serials: dict[tuple[str, str], list[int]] = defaultdict(list)
    for row in found.rows("invoices"):
        serials[row["kind"], row["financial_year"]].append(row["serial"])
    for series, numbers in serials.items():
        if sorted(numbers) != list(range(1, len(numbers) + 1)):
            yield f"serials of {series} have a gap or a double"


def i8(found: Evidence) -> Iterator[str]:
    """Each order came to where it is by steps that there are, and came to rest."""
    at = dict.fromkeys(found.orders, "pending")
    for row in sorted(found.rows("order_transitions"), key=lambda row: int(row["id"])):
        order_id, to = row["order_id"], row["to_status"]
        if at[order_id] != row["from_status"] or to not in TRANSITIONS[at[order_id]]:
            yield f"order {order_id} went from {at[order_id]} ({row['from_status']}) to {to}"
        at[order_id] = to
    for order in found.orders.values():
        if at[order["id"]] != order["status"]:
            yield f"order {order['id']} is {order['status']}, its steps led to {at[order['id']]}"
    now = found.about()["collected_at"]
    for order in found.orders.values():
        if order["status"] == "pending" and order["expires"] < now - _SWEPT_SECONDS:
            yield f"order {order['id']} is still pending"


def i9(found: Evidence) -> Iterator[str]:
    """Nothing waits in the inbox or the outbox, nor was anything given up."""
    for row in found.rows("webhook_events"):
        if row["status"] in {"received", "failed"}:
            yield f"event {row['event_id']} ({row['event']}) is {row['status']}: {row['note']}"
    # What has come due a moment ago is found by the next sweep.
    swept = found.about()["collected_at"] - _SWEPT_SECONDS
    for row in found.rows("outbox"):
        if row["failed_at"] is not None:
            yield f"job {row['id']} {row['name']} was given up: {row['last_error']}"
        elif row["done_at"] is None and (row["attempts"] or _is_past(row["due_at"], swept)):
            yield f"job {row['id']} {row['name']} waits since {row['due_at']}: {row['last_error']}"


def i10(found: Evidence) -> Iterator[str]:
    """No coupon was used more often than it may be, by all or by one; the counts are true."""
    live = [row for row in found.rows("coupon_uses") if row["given_back_at"] is None]
    of_all = Counter(row["coupon_id"] for row in live)
    of_each = Counter((row["coupon_id"], row["user_id"]) for row in live)
    limits = {row["id"]: row for row in found.rows("coupons")}
    for coupon_id, coupon in limits.items():
        most = coupon["usage_limit"]
        if of_all[coupon_id] != coupon["uses"] or (most is not None and of_all[coupon_id] > most):
            yield f"{coupon['code']}: {of_all[coupon_id]} uses, {coupon['uses']} counted, of {most}"
    for (coupon_id, user_id), uses in of_each.items():
        most = limits[coupon_id]["usage_limit_per_customer"]
        if most is not None and uses > most:
            yield f"{limits[coupon_id]['code']}: {uses} uses by {user_id}, of {most}"
    for row in found.rows("coupon_customers"):
        if row["uses"] != of_each[row["coupon_id"], row["user_id"]]:
            yield f"{limits[row['coupon_id']]['code']}: {row['uses']} counted for {row['user_id']}"


def i11(found: Evidence) -> Iterator[str]:
    """Totals are those of their lines, to the paisa."""
    lines: dict[str, list[Row]] = defaultdict(list)
    for row in found.rows("order_lines"):
        lines[row["order_id"]].append(row)
        net = row["unit_price"] * row["quantity"] - row["discount"]
        tax = net * row["tax_basis_points"] / 10_000
        if row["total"] != net + row["tax"] or abs(row["tax"] - tax) > 1:
            yield f"order {row['order_id']}, {row['sku']}: total {row['total']}, tax {row['tax']}"
    for order in found.orders.values():
        of_order = lines[order["id"]]
        summed = {
            "subtotal": sum(row["unit_price"] * row["quantity"] for row in of_order),
            "discount": sum(row["discount"] for row in of_order),
            "tax": sum(row["tax"] for row in of_order),
        }
        told = {name: order[name] for name in summed}
        total = sum(row["total"] for row in of_order) + order["shipping_fee"]
        if told != summed or order["total"] != total or not of_order:
            yield f"order {order['id']}: {told}, {order['total']}; its lines: {summed}, {total}"


def i13(found: Evidence) -> Iterator[str]:
    """Each move and each receipt of staff is there once."""
    steps = Counter(
        (row["order_id"], row["from_status"], row["to_status"])
        for row in found.rows("order_transitions")
        if row["actor"].startswith("staff")
    )
    yield from (f"staff moved {step} {count} times" for step, count in steps.items() if count > 1)
    done = Counter((row["return_id"], row["sku"]) for row in found.rows("return_dispositions"))
    yield from (f"return {which} was received {n} times" for which, n in done.items() if n > 1)


def i14(found: Evidence) -> Iterator[str]:
    """Nobody holds a transaction or waits for a lock, and connections are as many as may be."""
    for row in found.rows("rest"):
        for one in row["left"]:
            # A step of the clock's own, which is over in a moment, is nothing.
            if one["seconds"] < _MOMENT_SECONDS:
                continue
            yield f"connection {one['pid']} is {one['state']} for {one['seconds']:.0f} s"
        if row["connections"]["of_shop"] > row["connections"]["most"]:
            yield f"{row['connections']}"


def i15(found: Evidence) -> Iterator[str]:
    """Each notification was mailed, under a name of its own; repeats are the same mail."""
    told = Counter(row["id"] for row in found.rows("mails"))
    names = {one.strip("<>").partition("@")[0] for one in told}
    for row in found.rows("notifications"):
        name = f"{row['event']}.{row['order_id']}.{row['id']}"
        if row["mail_error"] is None and name not in names:
            yield f"no mail of {name}"


def _is_past(at: str, now: float) -> bool:

    return datetime.fromisoformat(at).timestamp() < now


def _of_app(found: Evidence, check: str) -> Iterator[str]:
    for row in found.rows("app_checks"):
        if row["check"] == check and row["code"] != 0:
            yield f"flask {check} says: {row['text']}"


INVARIANTS: Mapping[str, Check] = {
    "I1": i1, "I2": i2, "I3": i3, "I4": i4, "I5": i5, "I6": i6, "I7": i7, "I8": i8, "I9": i9,
    "I10": i10, "I11": i11, "I12": visible, "I13": i13, "I14": i14, "I15": i15,
}  # fmt: skip


def check(found: Evidence) -> dict[str, list[str]]:
    """Check all of them; what is wrong, by invariant."""
    return {name: list(one(found)) for name, one in INVARIANTS.items()}


def describe() -> dict[str, Any]:
    """Say each in a sentence."""
    return {name: (one.__doc__ or "").strip().split("\n")[0] for name, one in INVARIANTS.items()}
