"""
The back office at the size of a big shop: how long its lists, searches and reports take to make.

Each page is asked for in this process, by the app's test client, so that what is told is the
shop's own time, its queries included, without a network. What is rare lies at the old end of
its table, where a list that is read from the new end finds it last.
"""

import contextlib
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from http import HTTPStatus

import psycopg
from flask.testing import FlaskClient

from app import create_app, disconnect
from app.accounts import accounts
from app.accounts.models import User
from app.core.db import transaction
from app.core.ids import new_id
from app.core.india import INDIA
from app.core.pages import encode_cursor
from app.fulfilment.schemas import PAYMENT_STATUSES
from bench.history import live_through
from bench.house import ADDRESS, ROOT, House, house
from bench.invariants import breaches
from bench.measure import Plan, Section
from bench.memory import MEBIBYTE

PRODUCTS = 10_000
WARM, TIMES, QUICK_TIMES = 3, 20, 5
# A page of these lists is aimed at within it; what sums a month up is only told.
AIM_MS = 50
TABS = ("all", "to pack", "packing", "on the way", "returns", "unpaid")
PHONE = "+919800000007"
# In one order of ten.
COMMON = "OLD-000000"
SUBSCRIBER = "00000000-0000-4000-8000-000000000001"


def measure(plan: Plan) -> Section:
    """Measure pages in milliseconds, median and worst; and what the export of all orders takes."""
    section = Section("pages")
    orders = plan.of(1_000_000, 20_000)
    with house() as shop:
        skus = live_through(shop, orders=orders, products=plan.of(PRODUCTS, 500))
        fill_in(shop)
        with signed_in(shop) as client:
            for name, path in paths(shop).items():
                _tell(section, name, *waits(client, path, plan.of(TIMES, QUICK_TIMES)))
        _tell_export(section, shop)
        section.breaches += breaches(shop, skus)
    return section


def fill_in(shop: House) -> None:
    """Let orders have been delivered, some be under way, some money gone back, some jobs failed."""
    url = shop.env["MIGRATION_DATABASE_URL"].replace("+psycopg", "")
    facts = {
        "address": json.dumps(ADDRESS), "phone": PHONE, "common": COMMON, "subscriber": SUBSCRIBER,
    }  # fmt: skip
    with psycopg.connect(url) as connection:
        connection.execute("SET session_replication_role = replica")
        for statement in _SINCE:
            connection.execute(statement, facts)
    for table in ("orders", "users"):
        shop.sql.execute(f"VACUUM FULL {table}")
    shop.sql.execute("VACUUM ANALYZE")
    shop.sql.execute("CHECKPOINT")


@contextlib.contextmanager
def signed_in(shop: House) -> Iterator[FlaskClient]:
    """Make the app in this process, with an admin at its pages."""
    before = dict(os.environ)
    os.environ |= shop.env
    try:
        client = create_app().test_client()
        who = User(
            id=new_id(), email="admin@example.com", name="Asha", password_hash="", role="admin"
        )  # fmt: skip
        with transaction() as session:
            session.add(who)
            session.flush()
            started = accounts.start_session(session, who)
        now = int(time.time())
        with client.session_transaction("/admin/") as cookie:
            cookie |= {"user": str(who.id), "sign_in": str(started.id), "began": now, "seen": now}
        yield client
    finally:
        disconnect()
        os.environ.clear()
        os.environ |= before


def paths(shop: House) -> Mapping[str, str]:
    """Name what is asked for."""
    [(number, at, order_id, email, paid, sku)] = shop.sql.execute(_OLD)
    oldest = encode_cursor(at.isoformat(), order_id)
    days = [datetime.now(UTC).date() - timedelta(days=days) for days in (365, 0)]
    year = "&from={}&to={}".format(*days)
    return {
        "today": "/",
        **{f"orders, {tab}": f"/orders/?view={tab.replace(' ', '+')}" for tab in TABS},
        "orders, the oldest": f"/orders/?cursor={oldest}",
        **{f"orders, {name}": f"/orders/?{query}" for name, query in _narrowed(sku, at).items()},
        "orders, a number": f"/orders/?q={number}",
        "orders, a mail address": f"/orders/?q={email}",
        "orders, a phone": f"/orders/?q={PHONE.replace('+', '%2B')}",
        "orders, a pay_ id": f"/orders/?q={paid}",
        "orders, an unknown mail address": "/orders/?q=nobody@example.com",
        "orders, an unknown phone": "/orders/?q=9811111111",
        "orders, an unknown number": "/orders/?q=ORA-NONE",
        "an order": f"/orders/{order_id}",
        "stock": "/stock/",
        "stock, low": "/stock/?low=1",
        "stock, a search": "/stock/?q=OLD-000499",
        "stock, an unknown one": "/stock/?q=nothing+of+it",
        "files": "/imports/",
        "prices": "/prices/",
        "prices, a search": "/prices/?q=OLD-000499",
        "coupons": "/coupons/",
        "coupons, active": "/coupons/?view=active",
        "people": "/people/",
        "people, staff": "/people/?view=staff",
        "people, guests": "/people/?view=guests",
        "people, a mail address": f"/people/?q={email}",
        **{
            f"money, {view}": f"/money/?view={view.replace(' ', '+')}"
            for view in ("payments", "refunds", "disputes", "paid, not matched", "days compared")
        },
        "returns": "/returns/",
        **{
            f"webhooks, {view}": f"/webhooks/?view={view.replace(' ', '+')}"
            for view in ("all", "failing", "given up", "waiting", "ignored")
        },
        **{f"alerts, {view}": f"/alerts/?view={view}" for view in ("open", "closed", "all")},
        "alerts, open ones of a kind": "/alerts/?view=open&kind=dispute",
        "alerts, closed ones of a kind": "/alerts/?view=closed&kind=dispute",
        "subscribers": "/subscribers/",
        **{
            f"a subscriber, {view}": f"/subscribers/{SUBSCRIBER}?view={view}"
            for view in ("all", "pending", "delivered", "failed")
        },
        "pre-orders": "/pre-orders/",
        "a pre-order": "/pre-orders/OLD-000001",
        "pre-orders, arrived": "/pre-orders/?view=arrived",
        "pre-orders, waited for": "/pre-orders/?view=waited+for",
        "jobs": "/jobs/",
        "audit log": "/log/",
        "audit log, somebody": "/log/?actor=staff:asha",
        "audit log, an order": f"/log/?subject=orders&subject_id={order_id}",
        "audit log, refunds": "/log/?subject=refunds",
        "operations": "/operations/",
        **{f"report, {name}": f"/reports/?report={name}" for name in _REPORTS},
        **{f"report of a year, {name}": f"/reports/?report={name}{year}" for name in _REPORTS},
    }


def _narrowed(sku: str, at: datetime) -> Mapping[str, str]:
    """Name what the list is narrowed by; ``sku`` and ``at`` are of the oldest orders."""
    day = at.astimezone(INDIA).date()
    rare, common = f"sku={sku}", f"sku={COMMON}"
    return {
        **{f"payment {one}": f"payment_status={one}" for one in PAYMENT_STATUSES},
        "a rare product": rare,
        "a common product": common,
        "a common product, packing": f"{common}&view=packing",
        "a common product, refunded": f"{common}&payment_status=refunded",
        "a rare gateway": "gateway=stripe",
        "a common gateway": "gateway=razorpay",
        "an unused gateway": "gateway=cash_on_delivery",
        "a rare gateway, unpaid": "gateway=stripe&view=unpaid",
        "an old day": f"from={day}&to={day}",
        "an old day, refunded": f"from={day}&to={day}&payment_status=refunded",
        "an old day, a common product": f"from={day}&to={day}&{common}",
        "a year, a rare product": f"from={day}&{rare}",
        "all at once": f"view=to+pack&{common}&gateway=razorpay&from={day}&payment_status=captured",
    }


_REPORTS = ("sales", "payments", "funnel", "products", "taxes", "returns", "inventory")


def waits(client: FlaskClient, path: str, times: int) -> tuple[list[float], int]:
    """Ask for a page so often; tells how long each took, in milliseconds, and how many failed."""
    found, failed = [], 0
    for number in range(WARM + times):
        begun = time.perf_counter()
        answer = client.get(f"/admin{path}")
        if number >= WARM:
            found.append((time.perf_counter() - begun) * 1000)
        # Postgres ends a statement that takes too long.
        failed += answer.status_code not in (HTTPStatus.OK, HTTPStatus.FOUND)
        # More than a second, twice, tells enough.
        if sum(found) > TIMES * AIM_MS and len(found) > 1:
            break
    return found, failed


def _tell(section: Section, name: str, took: list[float], failed: int) -> None:
    note = f"worst of {len(took)}: {max(took):,.0f}" + (
        f"; FAILED {failed} times" if failed else ""
    )
    over = f"; over {AIM_MS}" if statistics.median(took) > AIM_MS else ""
    section.tell(name, took, "ms", note + over)


def _tell_export(section: Section, shop: House) -> None:
    """Take all orders in a process of their own, whose memory is nobody else's."""
    taken = subprocess.run(
        [sys.executable, "-m", "bench.export"],
        cwd=ROOT, env=shop.env, check=True, stdout=subprocess.PIPE,
    )  # fmt: skip
    found = json.loads(taken.stdout)
    rows = f"{found['rows']:,} orders, {found['bytes'] / MEBIBYTE:,.0f} MiB"
    section.tell("export of all orders, first byte", found["first_ms"], "ms")
    section.tell("export of all orders", found["seconds"], "s", rows)
    section.tell("export of all orders, growth", found["grown"] / MEBIBYTE, "MiB", "at the most")
    section.tell("export of all orders, peak", found["peak"] / MEBIBYTE, "MiB", "of the process")


_OLD = """
    SELECT orders.number, orders.created_at, orders.id, users.email, gateway_payment_id,
        (SELECT sku FROM order_lines WHERE order_id = orders.id ORDER BY position LIMIT 1)
    FROM orders JOIN users ON users.id = user_id
    JOIN payment_attempts ON payment_attempts.order_id = orders.id
    ORDER BY orders.created_at, orders.id OFFSET 40 LIMIT 1
"""
# In the order of their numbers the oldest come first.
_SINCE = (
    """
    UPDATE orders SET shipping_address = %(address)s::jsonb, billing_address = %(address)s::jsonb,
        status = CASE WHEN status = 'expired' THEN 'expired'
            WHEN created_at < (SELECT min(created_at) + interval '2 hours' FROM orders)
                THEN 'shipped'
            WHEN created_at > (SELECT max(created_at) - interval '12 hours' FROM orders)
                THEN 'confirmed'
            ELSE 'delivered' END
    """,
    """
    UPDATE orders SET status = (ARRAY['pending', 'processing', 'return_requested'])[n %% 3 + 1],
        payment_status = CASE n %% 3 WHEN 0 THEN 'pending' ELSE payment_status END
    FROM (SELECT id AS that, row_number() OVER (ORDER BY created_at, id) AS n
        FROM orders WHERE status = 'shipped') AS old
    WHERE id = that AND n %% 4 > 0
    """,
    """
    UPDATE orders SET payment_status = (ARRAY['refunded', 'partially_refunded'])[n %% 2 + 1]
    FROM (SELECT id AS that, row_number() OVER (ORDER BY created_at, id) AS n
        FROM orders WHERE status = 'delivered' ORDER BY created_at, id LIMIT 40) AS old
    WHERE id = that
    """,
    """
    UPDATE payments SET gateway = 'stripe'
    WHERE id IN (SELECT id FROM payments ORDER BY created_at, id LIMIT 40)
    """,
    """
    UPDATE order_lines SET product_id = common.id, sku = common.sku, name = common.name
    FROM products AS common
    WHERE common.sku = %(common)s AND position = 2 AND hashtext(order_id::text) %% 10 = 0
    """,
    """
    UPDATE users SET phone = '+9197' || lpad((abs(hashtext(id::text)) %% 100000000)::text, 8, '0')
    """,
    """
    UPDATE users SET phone = %(phone)s
    WHERE id = (SELECT user_id FROM orders ORDER BY created_at LIMIT 1)
    """,
    """
    UPDATE users SET role = 'staff', email = 'staff-' || email, created_at = now() - interval '1 y'
    WHERE id IN (SELECT id FROM users ORDER BY id LIMIT 5)
    """,
    """
    INSERT INTO refunds (id, gateway_payment_id, gateway_refund_id, amount, status, reason,
        reference, actor, created_at, ended_at)
    SELECT gen_random_uuid(), gateway_payment_id, 'rfnd_' || md5(gateway_payment_id), 103000,
        'processed', 'returned', 'bench:' || gateway_payment_id, 'staff:asha', created_at,
        created_at + interval '1 hour'
    FROM payment_attempts WHERE hashtext(gateway_payment_id) %% 25 = 0
    """,
    """
    INSERT INTO audit_log (actor, action, subject, subject_id, before, after, at)
    SELECT CASE WHEN n < 20 THEN 'staff:asha' ELSE 'admin:meera' END, 'update', 'products',
        n::text, '{"price": 100000}', '{"price": 101000}',
        now() - interval '300 days' * (1 - n / 100000.0)
    FROM generate_series(1, 100000) AS n
    """,
    """
    UPDATE webhook_events SET status = (ARRAY['received', 'failed', 'ignored'])[n %% 3 + 1],
        tries = 3, note = 'no such order', processed_at = NULL
    FROM (SELECT event_id AS that, row_number() OVER (ORDER BY received_at, event_id) AS n
        FROM webhook_events ORDER BY received_at, event_id LIMIT 60) AS old
    WHERE event_id = that
    """,
    """
    UPDATE outbox SET done_at = NULL, last_error = 'no answer',
        failed_at = CASE WHEN id %% 2 = 0 THEN created_at END
    WHERE id IN (SELECT id FROM outbox ORDER BY id LIMIT 40)
    """,
    # What was closed is much, and what is open is old.
    """
    INSERT INTO alerts (id, kind, subject, detail, created_at, closed_at, closed_by)
    SELECT gen_random_uuid(), CASE WHEN n %% 1000 < 2 THEN 'dispute' ELSE 'amount_mismatch' END,
        n::text, 'long ago', now() - interval '300 days' * (1 - n / 20000.0),
        CASE WHEN n > 60 THEN now() END, CASE WHEN n > 60 THEN 'staff:asha' END
    FROM generate_series(1, 20000) AS n
    """,
    """
    UPDATE payment_attempts SET outcome = 'refunded' WHERE gateway_payment_id IN (
        SELECT gateway_payment_id FROM payment_attempts ORDER BY created_at LIMIT 40)
    """,
    """
    INSERT INTO subscribers (id, name, url, events)
    SELECT CASE WHEN n = 1 THEN %(subscriber)s::uuid ELSE gen_random_uuid() END, 'the ERP',
        'https://erp.example/', '{*}'
    FROM generate_series(1, 20) AS n
    """,
    # The one that is looked at hears little beside the others.
    """
    INSERT INTO subscriber_deliveries (id, subscriber_id, event_id, event, subject, status, tries,
        created_at, delivered_at)
    SELECT gen_random_uuid(), subscribers.id, gen_random_uuid(), 'order.placed',
        gen_random_uuid(), state, 1, at, CASE state WHEN 'delivered' THEN at END
    FROM subscribers, generate_series(1, 2000) AS n, LATERAL (
        SELECT now() - interval '30 days' * (1 - n / 2000.0) AS at, CASE WHEN n < 20 THEN 'failed'
            WHEN n < 40 THEN 'pending' ELSE 'delivered' END AS state) AS made
    WHERE n %% 10 = 0 OR subscribers.id <> %(subscriber)s
    """,
    """
    UPDATE products SET preorder_ships_on = current_date + 30
    WHERE sku IN (SELECT sku FROM products WHERE sku LIKE 'OLD-%%' ORDER BY sku LIMIT 10)
    """,
    """
    UPDATE order_lines SET ships_on = current_date + 30 FROM products
    WHERE products.id = product_id AND preorder_ships_on IS NOT NULL AND order_id IN (
        SELECT id FROM orders ORDER BY created_at LIMIT 200)
    """,
    """
    INSERT INTO preorder_arrivals (id, product_id, ships_on, promised, received, actor, created_at)
    SELECT gen_random_uuid(), id, current_date, 1, 2, 'staff:asha', created_at FROM products
    """,
    """
    INSERT INTO waitlist_entries (id, product_id, user_id, created_at, told_at)
    SELECT gen_random_uuid(), products.id, users.id, now() - interval '1 day',
        CASE WHEN place > 5 THEN now() END
    FROM (SELECT id, row_number() OVER (ORDER BY sku DESC) AS place FROM products) AS products,
        (SELECT id FROM users ORDER BY id LIMIT 20) AS users
    WHERE place <= 100
    """,
)
