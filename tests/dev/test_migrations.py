"""The migrations, on a database with the last release's data in it."""

import os
import subprocess
import sys

import psycopg
import pytest

from dev.servers import PostgresServer
from dev.stack import ROOT

# What the first release wrote: a product of which five came and two were sold, in one order.
FIRST_RELEASE = """
INSERT INTO categories (id, slug, name, position) VALUES (gen_random_uuid(), 'rings', 'Rings', 1);
INSERT INTO products (id, sku, slug, name, description, category_id, metal, purity,
    gross_weight_mg, net_weight_mg, hsn_code, price, tax_basis_points, is_active, stock_quantity,
    stock_version, low_stock_threshold)
SELECT gen_random_uuid(), sku, lower(sku), sku, 'A piece.', id, 'gold', '22K', 5000, 4800, '7113',
    100000, 300, true, units, 2, 1
FROM categories, (VALUES ('RING', 3), ('CHAIN', 0)) AS piece (sku, units);
INSERT INTO users (id, email, password_hash, name, role)
VALUES ('00000000-0000-4000-8000-00000000000a', 'meera@example.com', 'x', 'Meera', 'customer');
INSERT INTO orders (id, number, user_id, status, payment_status, subtotal, discount, tax,
    shipping_fee, total, shipping_address, billing_address, is_from_cart, expires_at)
VALUES ('00000000-0000-4000-8000-00000000000b', 'ORA-1',
    '00000000-0000-4000-8000-00000000000a', 'confirmed', 'captured', 200000, 0, 6000, 0, 206000,
    '{}', '{}', false, now());
INSERT INTO reservations (order_id, product_id, units, state, deadline_at)
SELECT '00000000-0000-4000-8000-00000000000b', id, 2, 'committed', now()
FROM products WHERE sku = 'RING';
INSERT INTO stock_movements (product_id, kind, units, reference, actor)
SELECT id, kind, moved, kind, 'cli' FROM products, (VALUES ('receipt', 5), ('sale', -2))
    AS movement (kind, moved) WHERE sku = 'RING';
"""


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    """A Postgres of this file alone."""
    server = PostgresServer(tmp_path_factory.mktemp("migrated") / "postgres", durable=False)
    server.start()
    yield server.owner_url
    server.remove()


def alembic(url, *arguments):
    done = subprocess.run(
        [sys.executable, "-m", "alembic", *arguments], cwd=ROOT, check=False, text=True,
        env=os.environ | {"APP_ENV": "test", "MIGRATION_DATABASE_URL": url}, capture_output=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_the_first_releases_stock_is_carried_over_and_back(database):
    alembic(database, "upgrade", "0001")
    with psycopg.connect(database.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(FIRST_RELEASE)

        alembic(database, "upgrade", "head")

        ask = connection.execute
        assert ask("SELECT kind, units, balance FROM stock_movements ORDER BY id").fetchall() == [
            ("receipt", 5, 5),
            ("sale", -2, 3),
        ]
        assert ask("SELECT buyer, returned FROM reservations").fetchall() == [
            ("00000000-0000-4000-8000-00000000000a", 0)
        ]
        assert ask("SELECT DISTINCT stock_epoch, purchase_limit FROM products").fetchall() == [
            (0, 0)
        ]
        with pytest.raises(psycopg.errors.RestrictViolation, match="append-only"):
            ask("UPDATE stock_movements SET units = 9")
        with pytest.raises(psycopg.errors.IntegrityConstraintViolation, match="the ledger says"):
            ask("UPDATE products SET stock_quantity = 9 WHERE sku = 'CHAIN'")

        alembic(database, "downgrade", "0001")

        assert ask("SELECT kind, units FROM stock_movements ORDER BY id").fetchall() == [
            ("receipt", 5),
            ("sale", -2),
        ]
        with pytest.raises(psycopg.errors.RestrictViolation, match="append-only"):
            ask("DELETE FROM stock_movements")
