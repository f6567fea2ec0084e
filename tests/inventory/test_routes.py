import pytest

from app.inventory import scripts
from tests.builders import sku_of
from tests.inventory.shelf import ASHA, claim


def ask(client, *names, headers=None):
    query = [("sku", sku_of(name)) for name in names]
    return client.get("/api/v1/inventory", query_string=query, headers=headers)


def test_anybody_may_ask_what_is_available_in_the_order_of_asking(shop, client):
    shop.product("ring", 3)
    shop.product("chain", 1)
    shop.product("anklet", 0)
    shop.customer().check_out(ring=1)

    answer = ask(client, "ring", "anklet", "chain")

    assert answer.status_code == 200
    assert answer.json == {
        "items": [
            {"sku": "RING", "available": 2, "low_stock": False},
            {"sku": "ANKLET", "available": 0, "low_stock": True},
            {"sku": "CHAIN", "available": 1, "low_stock": True},
        ]
    }


def test_a_customer_sees_no_more_than_anybody(shop, client):
    shop.product("ring", 3)

    answer = ask(client, "ring", headers=shop.customer().headers)

    assert answer.json == {"items": [{"sku": "RING", "available": 3, "low_stock": False}]}


@pytest.mark.parametrize("role", ["staff", "admin"])
def test_staff_see_the_numbers_behind_what_is_available(shop, client, redis, role):
    shop.product("ring", 5)
    shop.customer().check_out(ring=1)
    scripts.commit(redis, claim(ASHA, {"RING": 2}))

    answer = ask(client, "ring", headers=shop.customer(role=role).headers)

    assert answer.json == {
        "items": [
            {
                "sku": "RING", "available": 2, "low_stock": False,
                "on_hand": 5, "reserved": 1, "committed": 2,
            }
        ]
    }  # fmt: skip


def test_low_is_at_the_threshold_and_not_above(shop, client):
    shop.product("ring", 4, low_stock_threshold=3)
    shop.product("chain", 3, low_stock_threshold=3)

    answer = ask(client, "ring", "chain")

    assert [item["low_stock"] for item in answer.json["items"]] == [False, True]


def test_a_product_asked_for_twice_is_told_once(shop, client):
    shop.product("ring", 3)
    shop.product("chain", 3)

    answer = ask(client, "ring", "chain", "ring")

    assert [item["sku"] for item in answer.json["items"]] == ["RING", "CHAIN"]


def test_an_unknown_product_is_refused_by_name(shop, client):
    shop.product("ring", 3)

    answer = ask(client, "ring", "nosuch")

    assert answer.status_code == 422
    assert answer.json == {
        "type": "/problems/unknown-sku",
        "title": "The shop has no product with this SKU.",
        "status": 422,
        "code": "unknown_sku",
        "detail": "There is no product NOSUCH.",
        "skus": ["NOSUCH"],
        "request_id": answer.headers["X-Request-Id"],
    }


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ({"sku": [f"ORA-{number}" for number in range(201)]}, "#/sku"),
        ({}, "#/sku"),
        ({"sku": ["ring"]}, "#/sku/0"),
        ({"sku": ["RING", "RING'; --"]}, "#/sku/1"),
        ({"sku": ["RING"], "colour": ["red"]}, "#/colour"),
    ],
    ids=["201 products", "no product", "lower case", "no SKU", "unknown parameter"],
)
def test_a_question_that_is_none_is_pointed_at(client, query, pointer):
    answer = client.get("/api/v1/inventory", query_string=query)

    assert (answer.status_code, answer.json["code"]) == (422, "validation_failed")
    assert [error["pointer"] for error in answer.json["errors"]] == [pointer]


def test_two_hundred_products_may_be_asked_for_at_once(shop, client):
    names = [f"ring_{number}" for number in range(200)]
    for name in names:
        shop.product(name, 1)

    answer = ask(client, *names)

    assert answer.status_code == 200
    assert [item["sku"] for item in answer.json["items"]] == [sku_of(name) for name in names]
    assert {item["available"] for item in answer.json["items"]} == {1}


@pytest.mark.parametrize(
    "header", ["Bearer abc", "Bearer a.b.c", "Bearer "], ids=["no token", "garbage", "empty"]
)
def test_a_token_that_is_none_is_refused_although_none_is_needed(shop, client, header):
    shop.product("ring", 3)

    answer = ask(client, "ring", headers={"Authorization": header})

    assert (answer.status_code, answer.json["code"]) == (401, "unauthenticated")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_what_is_available_can_be_told_without_redis(shop, client, monkeypatch):
    from app.core import redis_client
    from dev.ports import free_port

    shop.product("ring", 3)
    shop.customer().check_out(ring=1)

    with redis_client.make_client(f"redis://127.0.0.1:{free_port()}/0") as dead:
        monkeypatch.setattr(redis_client, "_redis", dead)
        answer = ask(client, "ring")

    assert answer.json == {"items": [{"sku": "RING", "available": 2, "low_stock": False}]}
