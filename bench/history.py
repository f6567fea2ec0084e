"""
A shop of some age: orders that were placed, paid or given up long ago, written by sets.

Every table and index is as large as those orders would have left it, a payment's three events and
their jobs included; texts that no index holds are short. Triggers and foreign keys are off while
it is written, and `app.inventory.ledger.disagreements` is what tells that it is sound.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import psycopg

from bench.house import PLENTY, House

ORDERS_A_CUSTOMER = 10


def live_through(house: House, *, orders: int, products: int) -> list[str]:
    """
    Let the shop have sold ``orders`` of two lines out of so many ``products``; returns their SKUs.

    Of ten orders eight were paid and confirmed, two expired. The house's customers have as many
    orders as all others. Other products may be put on sale before or after.
    """
    skus = house.stock("OLD", products, PLENTY)
    size = {"orders": orders, "products": products, "plenty": PLENTY}
    users = max(orders // ORDERS_A_CUSTOMER, len(house.customers))
    house.sql.execute(_USERS, {"users": users - len(house.customers)})
    house.sql.execute(_PAST, {"users": users, **size})
    with ThreadPoolExecutor(len(_LANES)) as pool:
        for done in [pool.submit(_write, house, lane, size) for lane in _LANES]:
            done.result()
    house.sql.execute("DROP TABLE past")
    house.sql.execute("VACUUM ANALYZE")
    house.sql.execute("CHECKPOINT")
    return skus


def _write(house: House, statements: Sequence[str], size: Mapping[str, int]) -> None:
    """Write tables one after the other, on a connection of their own."""
    url = house.env["MIGRATION_DATABASE_URL"].replace("+psycopg", "")
    with psycopg.connect(url) as connection:
        connection.execute("SET session_replication_role = replica")
        for statement in statements:
            connection.execute(statement, size)


def orders_of(house: House, customers: Sequence[object], count: int) -> list[tuple[str, int]]:
    """List orders of the past with the position of their customer among ``customers``."""
    rows = house.sql.execute(_OF, [customers, count])
    return [(str(order_id), int(position)) for order_id, position in rows]


_OF = """
    SELECT orders.id, position - 1 FROM orders
    JOIN unnest(%s::uuid[]) WITH ORDINALITY AS customer (id, position) ON user_id = customer.id
    WHERE number LIKE 'OLD-%%' ORDER BY orders.id LIMIT %s
"""
_USERS = """
    INSERT INTO users (id, email, password_hash, name, role)
    SELECT id, id || '@example.com', 'x', 'Meera Iyer', 'customer'
    FROM (SELECT gen_random_uuid() AS id FROM generate_series(1, %(users)s)) AS made
"""
# What each order was: a place in line decides its customer, its two products and its end.
_PAST = """
    CREATE UNLOGGED TABLE past AS
    WITH customer AS (SELECT id, row_number() OVER (ORDER BY id) - 1 AS place FROM users),
    product AS (
        SELECT id, sku, name, row_number() OVER (ORDER BY sku) - 1 AS place FROM products
        WHERE sku LIKE 'OLD-%%')
    SELECT n, gen_random_uuid() AS id, customer.id AS user_id, n %% 10 < 8 AS is_paid,
        first.id AS first_id, first.sku AS first_sku, first.name AS first_name,
        second.id AS second_id, second.sku AS second_sku, second.name AS second_name,
        now() - interval '300 days' * (1 - n / %(orders)s::float) - interval '1 day' AS at
    FROM generate_series(0, %(orders)s - 1) AS n
    JOIN customer ON customer.place = n %% %(users)s
    JOIN product AS first ON first.place = 2 * n %% %(products)s
    JOIN product AS second ON second.place = (2 * n + 1) %% %(products)s
"""
_ORDERS = """
    INSERT INTO orders (id, number, user_id, status, payment_status, subtotal, discount, tax,
        shipping_fee, total, shipping_address, billing_address, is_from_cart, expires_at,
        created_at)
    SELECT id, 'OLD-' || n, user_id, CASE WHEN is_paid THEN 'confirmed' ELSE 'expired' END,
        CASE WHEN is_paid THEN 'captured' ELSE 'pending' END, 200000, 0, 6000, 0, 206000,
        '{"city": "Chennai"}', '{"city": "Chennai"}', false, at + interval '15 minutes', at
    FROM past
"""
_LINES = """
    INSERT INTO order_lines (order_id, position, product_id, sku, name, hsn_code, quantity,
        unit_price, tax_basis_points, tax, total)
    SELECT id, 1, first_id, first_sku, first_name, '7113', 1, 100000, 300, 3000, 103000 FROM past
    UNION ALL
    SELECT id, 2, second_id, second_sku, second_name, '7113', 1, 100000, 300, 3000, 103000
    FROM past
"""
_RESERVATIONS = """
    INSERT INTO reservations (order_id, product_id, units, buyer, state, deadline_at, created_at)
    SELECT id, product_id, 1, user_id::text, CASE WHEN is_paid THEN 'committed' ELSE 'expired' END,
        at + interval '15 minutes', at
    FROM past, unnest(ARRAY[first_id, second_id]) AS product_id
"""
_ANSWERS = """
    INSERT INTO idempotency_keys (order_id, fingerprint, answer, created_at)
    SELECT id, md5(id::text) || md5(n::text), '{}', at FROM past
"""
_TRANSITIONS = """
    INSERT INTO order_transitions (order_id, from_status, to_status, actor, reason, created_at)
    SELECT id, 'pending', CASE WHEN is_paid THEN 'confirmed' ELSE 'expired' END,
        CASE WHEN is_paid THEN 'razorpay' ELSE 'clock' END, 'long ago', at + interval '1 minute'
    FROM past ORDER BY n
"""
_PAYMENTS = """
    INSERT INTO payments (id, order_id, gateway, gateway_order_id, amount, currency, status,
        created_at)
    SELECT gen_random_uuid(), id, 'razorpay', 'order_' || md5(id::text), 206000, 'INR',
        CASE WHEN is_paid THEN 'captured' ELSE 'created' END, at FROM past
"""
_ATTEMPTS = """
    INSERT INTO payment_attempts (gateway_payment_id, payment_id, order_id, status, amount,
        currency, method, outcome, begun_at, created_at)
    SELECT 'pay_' || md5(past.id::text), payments.id, past.id, 'captured', 206000, 'INR', 'upi',
        'kept', at, at
    FROM past JOIN payments ON payments.order_id = past.id WHERE is_paid
"""
_MOVEMENTS = """
    INSERT INTO stock_movements (product_id, kind, units, balance, reference, order_id, actor,
        created_at)
    SELECT product_id, 'sale', -1,
        %(plenty)s - row_number() OVER (PARTITION BY product_id ORDER BY n, sku),
        'sale:' || id || ':' || sku, id, 'razorpay', at
    FROM past, LATERAL (VALUES (first_id, first_sku), (second_id, second_sku)) AS line
        (product_id, sku)
    WHERE is_paid ORDER BY n, sku
"""
_ON_HAND = """
    UPDATE products SET stock_quantity = stock_quantity - sold, stock_version = stock_version + sold
    FROM (SELECT product_id, count(*) AS sold FROM stock_movements WHERE kind = 'sale'
        GROUP BY product_id) AS sale
    WHERE sale.product_id = products.id
"""
_EVENTS = """
    INSERT INTO webhook_events (event_id, gateway, event, body, status, received_at, processed_at)
    SELECT left(md5(id::text || event), 14) || n, 'razorpay', event, '{}', 'processed', at, at
    FROM past, unnest(ARRAY['payment.authorized', 'payment.captured', 'order.paid']) AS event
    WHERE is_paid ORDER BY n
"""
_JOBS = """
    INSERT INTO outbox (queue, name, arguments, attempts, due_at, done_at, created_at)
    SELECT 'webhooks', 'webhooks.process', jsonb_build_object('event_id', event_id), 1,
        received_at, received_at, received_at
    FROM webhook_events
    UNION ALL
    SELECT 'mail', 'announcements.spread', jsonb_build_object(
        'event', 'order.confirmed', 'subject', id, 'announcement_id', gen_random_uuid()),
        1, at, at, at
    FROM past WHERE is_paid
"""
# Two cores, two lanes; what reads a table comes after it in the same one.
_LANES = (
    (_ORDERS, _MOVEMENTS, _ON_HAND, _TRANSITIONS, _ANSWERS),
    (_PAYMENTS, _ATTEMPTS, _LINES, _RESERVATIONS, _EVENTS, _JOBS),
)
