"""The commands: a demo catalogue, an admin, and what is in stock."""

import json
from pathlib import Path

import pytest
from sqlalchemy import func, select

from app.accounts.models import User
from app.catalog.models import Category, Product
from app.inventory.models import StockDrift, StockMovement
from tests.builders import values

CATALOGUE = json.loads(
    (Path(__file__).parents[2] / "app" / "catalog" / "demo_catalogue.json").read_text()
)


@pytest.fixture
def run(app):
    return lambda *arguments: app.test_cli_runner().invoke(args=arguments)


def test_seeding_stocks_about_sixty_pieces_and_again_changes_nothing(run, session, shop):
    first = run("seed")
    ledger = values(session.execute(select(StockMovement.reference, StockMovement.units)))

    again = run("seed")

    assert (first.exit_code, again.exit_code) == (0, 0)
    assert again.output == "60 products, 0 of them stocked just now.\n"
    assert values(session.execute(select(StockMovement.reference, StockMovement.units))) == ledger
    in_postgres = dict(values(session.execute(select(Product.sku, Product.stock_quantity))))
    assert in_postgres == {p["sku"]: p["stock"] for p in CATALOGUE["products"]}
    assert shop.levels("ORA-RG-FLASH20").available == 20


def test_the_demo_catalogue_is_believable(run, session):
    run("seed")

    products = session.scalars(select(Product)).all()

    assert sum(product.stock_quantity == 1 for product in products) >= 5
    assert {"rings", "necklaces", "bangles", "earrings"} <= set(
        session.scalars(select(Category.slug))
    )
    assert {product.hsn_code for product in products} == {"7113"}
    assert all(product.huid and product.purity and product.price > 0 for product in products)
    assert len({product.huid for product in products}) == len(products)


def test_seeding_leaves_a_changed_price_alone(run, session):
    run("seed")
    session.execute(Product.__table__.update().values(price=1))

    run("seed")

    assert set(session.scalars(select(Product.price))) == {1}


def test_an_admin_is_made_with_a_hashed_password(run, session):
    made = run("create-admin", "Owner@Example.com", "--password", "a long sentence")

    assert made.output == "owner@example.com is an admin now.\n"
    email, role, password_hash = session.execute(
        select(User.email, User.role, User.password_hash)
    ).one()
    assert (email, role) == ("owner@example.com", "admin")
    assert password_hash.startswith("$argon2id$")


@pytest.mark.parametrize(
    ("email", "password", "said"),
    [
        ("owner@example.com", "short", "at least 10 characters"),
        ("nobody", "a long sentence", "is not a mail address"),
        ("taken@example.com", "a long sentence", "There is an account with this mail address."),
    ],
)
def test_an_admin_that_cannot_be_is_refused(run, session, email, password, said):
    run("create-admin", "taken@example.com", "--password", "a long sentence")

    refused = run("create-admin", email, "--password", password)

    assert refused.exit_code != 0
    assert said in refused.output
    assert session.scalar(select(func.count()).select_from(User)) == 1


def test_stock_shows_every_number_behind_what_is_available(run, shop):
    shop.product("ring", 3)
    shop.customer().check_out(ring=2)

    shown = run("stock", "RING")

    assert shown.output.splitlines()[1].split() == ["RING", "3", "2", "0", "1", "3", "The", "ring"]


def test_stock_of_an_unknown_sku_is_an_error(run, app):
    refused = run("stock", "NOTHING")

    assert (refused.exit_code, refused.output) == (1, "Error: There is no product NOTHING.\n")


def test_check_stock_finds_nothing_where_all_is_equal(run, shop):
    shop.product("ring", 3)
    shop.product("chain", 1)
    shop.customer().check_out(ring=2)

    checked = run("check-stock")

    assert (checked.exit_code, checked.output) == (0, "2 products compared, 0 of them differ.\n")


def test_check_stock_names_what_differs_and_repairs_it_when_asked(run, shop, redis, session):
    shop.product("ring", 3)
    shop.product("chain", 1)
    shop.levels("ring")
    redis.hset("stock:{RING}", "on_hand", 9)

    found = run("check-stock", "--grace", "0")
    told = "RING: on_hand\n2 products compared, 1 of them differ.\n"
    assert (found.exit_code, found.output) == (1, told)
    assert shop.levels("ring").on_hand == 9
    assert session.scalar(select(func.count()).select_from(StockDrift)) == 0

    repaired = run("check-stock", "--grace", "0", "--repair", "RING")
    assert repaired.output.splitlines()[0] == "RING: on_hand (repaired)"
    assert shop.levels("ring").on_hand == 3
    assert session.scalar(select(func.count()).select_from(StockDrift)) == 1
    assert run("check-stock", "--grace", "0", "RING").exit_code == 0


def test_check_stock_of_an_unknown_sku_is_an_error(run, shop):
    refused = run("check-stock", "NOTHING")

    assert (refused.exit_code, refused.output) == (1, "Error: There is no product NOTHING.\n")


def test_a_purchase_limit_is_set_and_taken_away(run, shop):
    shop.product("ring", 9)

    assert run("limit-purchases", "RING", "2").output == "RING: 2 per customer.\n"
    assert shop.customer().check_out(ring=3).json["code"] == "purchase_limit_exceeded"
    assert run("limit-purchases", "RING", "0").output == "RING: no limit.\n"
    assert shop.customer().check_out(ring=3).status_code == 201


@pytest.mark.parametrize(
    ("arguments", "said"),
    [(("NOTHING", "1"), "There is no product NOTHING."), (("RING", "-1"), "-1")],
)
def test_a_purchase_limit_that_makes_no_sense_is_refused(run, shop, arguments, said):
    shop.product("ring", 9)

    refused = run("limit-purchases", *arguments)

    assert refused.exit_code != 0
    assert said in refused.output
