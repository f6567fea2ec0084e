"""The earlier system's products, units and customers are taken over once, by the shop's rules."""

import csv
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, select, text

from app import create_app
from app.accounts.models import Address, User
from app.catalog.models import Category, Product
from app.core.db import transaction
from app.core.jobs import Job
from app.inventory.models import StockMovement
from ops import move_in
from tests.builders import values

# As ops/move_in.toml assumes it.
SCHEMA = Path(__file__).with_name("earlier.sql").read_text()
LEFT = {
    ("products", "OLD-3"), ("units", "OLD-2"), ("customers", "2"), ("customers", "3"),
    ("addresses", "1"), ("open_orders", "A-2"), ("loose_captures", "pay_3"),
}  # fmt: skip


@pytest.fixture(scope="module")
def earlier(server_urls):
    """The address of the earlier system's database."""
    url = make_url(server_urls.admin["DATABASE_URL"])
    name = "earlier_system"
    owner = create_engine(url, isolation_level="AUTOCOMMIT")
    with owner.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    there = create_engine(url.set(database=name))
    with there.begin() as connection:
        connection.exec_driver_sql(SCHEMA)
    there.dispose()
    yield url.set(database=name).render_as_string(hide_password=False)
    with owner.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    owner.dispose()


@pytest.fixture
def run(app, earlier, tmp_path):
    """Run the command; gives how it ended and the rows that it did not take."""
    with transaction() as session:
        session.add(Category(slug="rings", name="Rings"))

    def once(*options):
        report = tmp_path / "report.csv"
        ended = move_in.main(["--from", earlier, "--report", str(report), *options])
        create_app()
        rows = list(csv.DictReader(report.read_text().splitlines())) if report.exists() else []
        return ended, {(row["kind"], row["key"]) for row in rows}

    return once


def test_a_trial_tells_everything_and_changes_nothing(run, session, capsys):
    assert run() == (1, LEFT)

    told = capsys.readouterr().out
    assert told.startswith(
        "Would be: 1 addresses taken, 1 customers taken, 2 products created, 7 units.\n"
    )
    assert "loose_captures pay_3: 309000 paise were taken for order A-3" in told
    assert values(session.execute(select(Product.sku))) == []
    assert values(session.execute(select(User.email))) == []


def test_it_is_taken_by_the_shops_own_rules(run, session, shop):
    assert run("--carry-out") == (1, LEFT)

    products = select(Product.sku, Product.price, Product.stock_quantity).order_by(Product.sku)
    assert values(session.execute(products)) == [("OLD-1", 309_000, 7), ("OLD-2", 309_000, 0)]
    movements = select(StockMovement.kind, StockMovement.units, StockMovement.balance)
    assert values(session.execute(movements)) == [("receipt", 7, 7)]
    assert shop.levels("old-1").available == 7
    people = select(User.email, User.phone, User.role, User.email_verified_at)
    assert values(session.execute(people)) == [
        ("meera@example.com", "+919876543210", "customer", None)
    ]
    assert values(session.execute(select(Address.line1, Address.pincode))) == [
        ("14 Temple Street", "600004")
    ]


def test_doing_it_again_takes_nothing_twice(run, session):
    run("--carry-out")

    assert run("--carry-out") == (1, LEFT)

    assert values(session.execute(select(StockMovement.units))) == [(7,)]
    assert len(values(session.execute(select(User.id)))) == 1
    assert len(values(session.execute(select(Address.id)))) == 1


def test_who_moved_in_signs_in_by_a_new_password_alone(run, client, session):
    run("--carry-out")

    body = {"email": "meera@example.com", "password": "of the earlier system"}
    assert client.post("/api/v1/auth/login", json=body).status_code == 401
    client.post("/api/v1/auth/forgot-password", json={"email": "meera@example.com"})
    staged = select(Job.name).where(Job.name == "mail.send_password_reset")
    assert values(session.execute(staged)) == [("mail.send_password_reset",)]


@pytest.mark.parametrize(
    ("mapping", "complaint"),
    [
        ('products = "SELECT 1 AS units"', "products: the query gives no column sku"),
        ('products = "SELECT * FROM nowhere"', 'products: relation "nowhere" does not exist'),
        ('products = "DELETE FROM \\"User\\" RETURNING 1 AS sku"', "in a read-only transaction"),
        ('shoes = "SELECT 1"', "asks for shoes"),
        ("products = ", "cannot be read"),
    ],
)
def test_a_mapping_that_cannot_be_used_is_named_and_nothing_is_taken(
    run, session, tmp_path, capsys, mapping, complaint
):
    path = tmp_path / "mapping.toml"
    path.write_text(mapping)

    assert run("--carry-out", "--mapping", str(path))[0] == 1

    assert complaint in capsys.readouterr().err
    assert values(session.execute(select(Product.sku))) == []
