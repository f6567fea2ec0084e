"""Files in and out, from a shell."""

import pytest

from tests.transfers.files import HEADER, product, read, table


@pytest.fixture
def run(shop):
    shop.product("ring", 5)
    return lambda *args: shop.app.test_cli_runner().invoke(args=args)


def test_a_file_is_imported(shop, run, tmp_path):
    file = tmp_path / "products.csv"
    file.write_text(table(HEADER, product("CROWN"), product("RING", slug="ring")))

    tried = run("import", "products", str(file), "--dry-run")
    done = run("import", "products", str(file))

    assert (tried.exit_code, tried.stdout) == (0, "Would be: 1 created, 1 unchanged.\n")
    assert (done.exit_code, done.stdout) == (0, "1 created, 1 unchanged.\n")
    assert "0 of 2 rows" in done.stderr
    assert shop.on_hand("crown") == 0


def test_bad_rows_are_listed_and_the_exit_says_so(run, tmp_path):
    file = tmp_path / "stock.csv"
    file.write_text(table(("sku", "delta", "reason"), ("RING", -9, "counted")))

    refused = run("import", "stock", str(file))

    assert refused.exit_code == 1
    assert refused.stdout == "row 2, delta: only 5 are available\n"
    assert "Nothing was imported: 1 errors." in refused.stderr


def test_what_is_no_table_is_told_of(run, tmp_path):
    file = tmp_path / "orders.csv"
    file.write_text("number\r\n")

    refused = run("import", "products", str(file))

    assert refused.exit_code == 1
    assert "sku is missing" in refused.stderr
    assert run("import", "orders", str(file)).exit_code == 2


def test_tables_are_exported(shop, run):
    order = shop.customer().check_out(ring=1).json

    assert [row["sku"] for row in read(run("export", "products").stdout)] == ["RING"]
    assert [row["available"] for row in read(run("export", "stock").stdout)] == ["4"]
    assert [row["id"] for row in read(run("export", "orders").stdout)] == [order["id"]]
    assert read(run("export", "orders", "--until", "2020-01-01").stdout) == []
    assert run("export", "products", "--status", "pending").exit_code == 2
