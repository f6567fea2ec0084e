"""
Conservation: what has to be true of the books once a history has come to rest.

The numbers are those of the invariants in docs/simulation.md. Nothing here knows the shop or its
servers: `tests/sim/test_conserve.py` feeds it books made by hand, good and bad.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Row = Mapping[str, Any]

# How an order may go on; from the others it does not.
STEPS = {
    "pending": {"confirmed", "cancelled", "expired"},
    "expired": {"confirmed"},
    "cancelled": {"confirmed"},
    "confirmed": {"processing", "cancelled"},
    "processing": {"shipped", "cancelled"},
    "shipped": {"delivered"},
    "delivered": {"return_requested"},
    "return_requested": {"returned", "delivered"},
}
CONFIRMED = ("confirmed", "processing", "shipped", "delivered", "return_requested", "returned")
AT_REST = (*CONFIRMED, "cancelled", "expired")
# What nobody here has to do anything about.
STORYLESS = "no story for this event"


def breaches(books: Any) -> list[str]:
    """Name everything that must not be, each with the number of its invariant."""
    return [
        f"{number}: {finding}"
        for number, looks in _LOOKS.items()
        for look in looks
        for finding in look(books)
    ]


def _ledger(books: Any) -> Iterator[str]:
    for product in books.products:
        movements = [one for one in books.movements if one["product_id"] == product["id"]]
        summed, on_hand = sum(one["units"] for one in movements), product["on_hand"]
        if on_hand != summed or on_hand < 0:
            yield f"{product['sku']} has {on_hand} on hand, and movements of {summed}"
        balance = 0
        for one in movements:
            balance += one["units"]
            if one["balance"] != balance or balance < 0:
                yield f"{product['sku']} has a balance of {one['balance']}, and not {balance}"


def _sales(books: Any) -> Iterator[str]:
    """Each order that was ever confirmed moved its units, once, less what came back."""
    was_confirmed = {
        one["order_id"] for one in books.transitions if one["to_status"] == "confirmed"
    }
    wanted: Counter[tuple[str, str]] = Counter()
    for line in books.lines:
        if line["order_id"] in was_confirmed:
            gone = line["cancelled_quantity"] + line["returned_quantity"]
            wanted[line["order_id"], line["product_id"]] = line["quantity"] - gone
    moved: Counter[tuple[str, str]] = Counter()
    for one in books.movements:
        if one["order_id"] is not None:
            moved[one["order_id"], one["product_id"]] -= one["units"]
    for key in sorted(wanted.keys() | moved.keys()):
        if wanted[key] != moved[key]:
            yield f"order {key[0]} should have taken {wanted[key]} units, and took {moved[key]}"


def _shelves(books: Any) -> Iterator[str]:
    """Redis has what Postgres has, to the unit."""
    for product in books.products:
        shelf = books.redis[product["sku"]]
        if not shelf["is_known"]:
            continue
        live = {o: u for o, (u, until_ms) in shelf["members"].items() if until_ms > books.now_ms}
        pending = {
            one["order_id"]: one["units"] for one in books.reservations
            if one["product_id"] == product["id"] and one["state"] == "pending"
        }  # fmt: skip
        told = shelf["on_hand"], shelf["reserved"], shelf["committed"]
        listed = sum(u for u, _ in shelf["members"].values()), sum(shelf["commits"].values())
        if told != (product["on_hand"], *listed):
            yield f"{product['sku']}: Redis counts {told}, of {product['on_hand']} and {listed}"
        if live != pending or shelf["commits"]:
            yield f"{product['sku']}: Redis holds {live} and {shelf['commits']}, not {pending}"


def _limits(books: Any) -> Iterator[str]:
    """Nobody has more of a limited product than they may, and Redis counts what they have."""
    for product in books.products:
        if product["limit"]:
            rows = [one for one in books.reservations if one["product_id"] == product["id"]]
            yield from _limit(product, books.redis[product["sku"]], rows)


def _limit(product: Row, shelf: Row, rows: Sequence[Row]) -> Iterator[str]:
    held: Counter[str] = Counter()
    bought: Counter[str] = Counter()
    for one in rows:
        if one["state"] == "pending":
            held[one["buyer"]] += one["units"]
        elif one["state"] == "committed":
            bought[one["buyer"]] += one["units"] - one["returned"]
    for buyer, units in (held + bought).items():
        if units > product["limit"]:
            yield f"{buyer} has {units} of {product['sku']}, and may have {product['limit']}"
    ours = held + Counter({f"{buyer}/paid": units for buyer, units in bought.items()})
    theirs = Counter(shelf["buyers"])
    if shelf["is_known"] and +theirs != +ours:
        yield f"{product['sku']}: Redis has {dict(theirs)} for its buyers, and not {dict(ours)}"


def _holds(books: Any) -> Iterator[str]:
    """Each live hold has a pending order, and none is past its deadline."""
    status = {one["id"]: one["status"] for one in books.orders}
    for one in books.reservations:
        if one["state"] == "pending":
            if status.get(one["order_id"]) != "pending":
                yield f"units are held for order {one['order_id']}, {status.get(one['order_id'])}"
            if one["deadline_ms"] <= books.now_ms:
                yield f"units are held for order {one['order_id']} past their deadline"
        is_sold = status.get(one["order_id"]) in CONFIRMED
        if is_sold and one["state"] != "committed":
            yield f"order {one['order_id']} is confirmed, and its units are {one['state']}"


def _captures(books: Any) -> Iterator[str]:
    """Every captured paisa is kept for one confirmed order, or goes back."""
    orders = {one["id"]: one for one in books.orders}
    captured = [one for one in books.tries if one["status"] == "captured"]
    for one in captured:
        refunded = sum(
            back["amount"] for back in books.refunds
            if back["try_id"] == one["id"] and back["status"] != "failed"
        )  # fmt: skip
        left = one["amount"] - refunded - one["amount_lost"]
        if refunded != one["amount_refunded"]:
            yield f"{one['id']} counts {one['amount_refunded']} as refunded, and not {refunded}"
        if left < 0:
            yield f"{one['id']} gave back {-left} more than came"
        is_kept = one["outcome"] == "kept"
        status = orders[one["order_id"]]["status"]
        if is_kept and one["amount"] != orders[one["order_id"]]["total"]:
            yield f"{one['id']} pays {one['amount']} for order {one['order_id']} of another price"
        if not is_kept and left:
            yield f"{one['id']} is {one['outcome']}, and {left} paise of it are nobody's"
        if is_kept and left and status not in CONFIRMED:
            yield f"{one['id']} keeps {left} paise for an order that is {status}"


def _payers(books: Any) -> Iterator[str]:
    """See that each confirmed order is paid once, or is to be paid at the door."""
    kept = Counter(one["order_id"] for one in books.tries if one["outcome"] == "kept")
    for order in books.orders:
        if order["status"] in CONFIRMED and not order["pays_on_delivery"] and not kept[order["id"]]:
            yield f"order {order['id']} is {order['status']}, and nobody paid"
        if kept[order["id"]] > 1:
            yield f"order {order['id']} is paid {kept[order['id']]} times"


def _gateway(books: Any) -> Iterator[str]:
    """Compare the gateway's captures with ours, both ways."""
    ours = {one["id"]: one for one in books.tries if one["status"] == "captured"}
    theirs = {one["id"]: one for one in books.gateway_payments if one["captured"]}
    for payment_id in sorted(theirs.keys() - ours.keys()):
        yield f"nobody here knows of the capture {payment_id}"
    for payment_id, one in ours.items():
        other = theirs.get(payment_id)
        if other is None and payment_id.startswith("pay_"):
            yield f"the gateway knows nothing of {payment_id}"
        elif other is not None and other["amount"] != one["amount"]:
            yield f"{payment_id} is {one['amount']} here and {other['amount']} there"


def _backs(books: Any) -> Iterator[str]:
    """Compare the gateway's refunds with ours, both ways."""
    theirs = {one["id"] for one in books.gateway_payments if one["captured"]}
    own = {one["gateway_id"]: one for one in books.refunds if one["gateway_id"]}
    backs = {one["id"]: one for one in books.gateway_refunds if one["payment_id"] in theirs}
    for refund_id, back in backs.items():
        mine = own.get(refund_id)
        if mine is None or (mine["amount"], mine["status"]) != (back["amount"], back["status"]):
            yield f"refund {refund_id} is {mine} here, {back['amount']} {back['status']} there"
    for one in books.refunds:
        is_at_gateway = one["try_id"].startswith("pay_") and one["status"] != "failed"
        if is_at_gateway and one["gateway_id"] not in backs:
            yield f"the gateway knows nothing of the refund {one['id']}, {one['status']}"


def _once(books: Any) -> Iterator[str]:
    """Nothing that has a name of its own is there twice."""
    lists: dict[str, Sequence[object]] = {
        "movement": [one["reference"] for one in books.movements],
        "refund": [one["reference"] for one in books.refunds],
        "try": [one["id"] for one in books.tries],
        "event": [one["id"] for one in books.events],
        "answer": [one["order_id"] for one in books.answers],
    }
    for what, names in lists.items():
        for name, times in Counter(names).items():
            if times > 1:
                yield f"the {what} {name} is there {times} times"


def _paths(books: Any) -> Iterator[str]:
    """Each order went a legal way, and is at its end."""
    at = {one["id"]: "pending" for one in books.orders}
    for one in books.transitions:
        if one["from_status"] != at[one["order_id"]]:
            was = at[one["order_id"]]
            yield f"order {one['order_id']} left {one['from_status']}, and was {was}"
        if one["to_status"] not in STEPS.get(one["from_status"], ()):
            yield f"order {one['order_id']} went from {one['from_status']} to {one['to_status']}"
        at[one["order_id"]] = one["to_status"]
    for order in books.orders:
        if order["status"] != at[order["id"]] or order["status"] not in AT_REST:
            yield f"order {order['id']} is {order['status']}, and its path ends {at[order['id']]}"


def _queues(books: Any) -> Iterator[str]:
    """Nothing waits, and nothing was given up."""
    for one in books.jobs:
        yield f"the job {one['name']} waits after {one['attempts']} tries: {one['last_error']}"
    for one in books.events:
        is_known = one["status"] == "ignored" and one["note"] == STORYLESS
        if one["status"] != "processed" and not is_known:
            yield f"the event {one['event']} is {one['status']}: {one['note']}"


def _totals(books: Any) -> Iterator[str]:
    """Each order's total is what its lines come to."""
    for order in books.orders:
        lines = [line for line in books.lines if line["order_id"] == order["id"]]
        for line in lines:
            price = line["unit_price"] * line["quantity"]
            if line["total"] != price - line["discount"] + line["tax"]:
                yield f"a line of order {order['id']} comes to {line['total']}"
        summed = sum(line["total"] for line in lines) + order["shipping_fee"]
        if summed != order["total"]:
            yield f"order {order['id']} comes to {order['total']}, and its lines to {summed}"


_LOOKS = {
    "I1": [_ledger],
    "I2": [_sales],
    "I3": [_shelves],
    "I4": [_holds],
    "I5": [_captures, _payers],
    "I6": [_gateway, _backs],
    "I7": [_once],
    "I8": [_paths],
    "I9": [_queues],
    "I10": [_limits],
    "I11": [_totals],
}
