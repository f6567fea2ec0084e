"""Paths and queries that nobody should send are refused, and nothing changes."""

import json
from base64 import urlsafe_b64encode

import pytest

from tests.api.endpoints import open_scene
from tests.api.snapshot import everything

UUID = "00000000-0000-4000-8000-000000000000"
PATHS = [
    "/api/v1/products/a%00b",
    "/api/v1/products/%00",
    "/api/v1/products/..%2f..%2fetc%2fpasswd",
    "/api/v1/products/../../../etc/passwd",
    "/api/v1/products/A-Capital",
    "/api/v1/products/a_b",
    "/api/v1/products/caf%C3%A9",
    "/api/v1/products/%ff",
    "/api/v1/products/" + "a" * 201,
    "/api/v1/products/" + "a" * 10_000,
    "/api/v1/products/" + "a" * 200,
    "/api/v1/products/nothing-of-this-name/",
    "/api/v1/cart/items/ring",
    "/api/v1/cart/items/RING%00",
    "/api/v1/cart/items/RING%0A",
    "/api/v1/cart/items/" + "A" * 41,
    "/api/v1/cart/items/../../orders",
    "/docs/%00",
    "/docs/../wsgi.py",
    "/docs/..%2f..%2f..%2fwsgi.py",
    "/docs/nothing.js",
    "/%00",
    "/%ff",
    "/" + "a" * 10_000,
]
IDS = [
    "1",
    "%00",
    "..",
    UUID[:-1],
    UUID + "0",
    UUID.replace("-", ""),
    "{" + UUID + "}",
    "urn:uuid:" + UUID,
    UUID.replace("0", "g"),
    UUID + "%0A",
    "-1",
    "null",
    "'%20OR%201=1--",
]
ABOUT_ORDERS = ["", "/payment-status", "/payments", "/cancel"]


@pytest.mark.parametrize("method", ["GET", "PUT", "POST", "DELETE"])
def test_a_path_that_is_none_of_ours_leads_nowhere(shop, session, redis, method):
    scene = open_scene(shop)
    before = everything(session, redis)

    answers = {
        path[:60]: scene.buyer.client.open(
            path, method=method, json={"quantity": 1}, headers=scene.buyer.headers
        )
        for path in PATHS
    }

    wrong = {
        path: response.status_code
        for path, response in answers.items()
        if response.status_code not in (404, 405) or response.mimetype != "application/problem+json"
    }
    assert wrong == {}
    assert everything(session, redis) == before


@pytest.mark.parametrize("wrong_id", [*IDS, UUID])
def test_an_id_that_is_none_leads_nowhere(shop, session, redis, wrong_id):
    scene = open_scene(shop)
    before = everything(session, redis)

    answers = [
        scene.buyer.client.open(
            f"/api/v1/orders/{wrong_id}{what}", method=method, headers=scene.buyer.headers
        )
        for what in ABOUT_ORDERS
        for method in ("GET", "POST")
    ]
    answers += [
        scene.buyer.client.open(
            f"/api/v1/me/addresses/{wrong_id}", method=method, headers=scene.buyer.headers
        )
        for method in ("GET", "DELETE")
    ]

    assert {r.status_code for r in answers} <= {404, 405}
    assert {r.mimetype for r in answers} == {"application/problem+json"}
    assert everything(session, redis) == before


def cursor(*position):
    return urlsafe_b64encode(json.dumps(position).encode()).decode().rstrip("=")


WRONG_PAGES = [
    "limit=0",
    "limit=-1",
    "limit=101",
    "limit=1000000000",
    "limit=" + "9" * 5_000,
    "limit=1.5",
    "limit=",
    "limit=true",
    "limit=one",
    "limit=%00",
    "limit=1%00",
    "limit=NaN",
    "limit=1e1",
    "cursor=%00",
    "cursor=garbage",
    "cursor=!!!",
    "cursor=caf%C3%A9",
    "cursor=%F0%9F%92%8D",
    "cursor=" + "A" * 300,
    "cursor=" + "A" * 301,
    "cursor=" + "W" * 100_000,
    "cursor=" + cursor(),
    "cursor=" + cursor(None, None),
    "cursor=" + cursor("newest", "not-a-uuid"),
    "cursor=" + cursor("newest", 7),
    "cursor=" + cursor("newest", True),
    "cursor=" + cursor("newest", UUID, UUID),
    "cursor=" + cursor({"newest": UUID}, UUID),
    "cursor=" + urlsafe_b64encode(b"[" * 200).decode(),
    "cursor=" + urlsafe_b64encode(b"9" * 200).decode(),
    "colour=red",
    "%00=1",
    "limit=1&page=2",
]
WRONG_PRODUCTS = [
    "sort=random",
    "sort=",
    "sort=id;DROP TABLE orders",
    "in_stock=maybe",
    "in_stock=",
    "q=%00",
    "q=" + "a" * 101,
    "category=%00",
    "category=" + "a" * 101,
    "sort=price&cursor=" + cursor("price", 10**30, UUID),
    "sort=price&cursor=" + cursor("price", -(10**30), UUID),
    "sort=price&cursor=" + cursor("price", "100", UUID),
    "sort=price&cursor=" + cursor("price", True, UUID),
    "sort=price&cursor=" + cursor("price", 1.5, UUID),
    "sort=name&cursor=" + cursor("name", "\ud800", UUID),
    "sort=name&cursor=" + cursor("name", "a\x00", UUID),
    "sort=name&cursor=" + cursor("name", 7, UUID),
    "sort=name&cursor=" + cursor("name", "a", "b"),
]
WRONG_ORDERS = [
    "cursor=" + cursor("yesterday", UUID),
    "cursor=" + cursor("2026-01-01T00:00:00\ud800", UUID),
    "cursor=" + cursor("2026-01-01T00:00:00+00:00", "1"),
    "cursor=" + cursor("2026-13-01T00:00:00+00:00", UUID),
    "cursor=" + cursor("2026-01-01T00:00:00+00:00", 10**100),
    "cursor=" + cursor(10**100, UUID),
]
WRONG_INVENTORY = [
    "",
    "sku=",
    "sku=ring",
    "sku=%00",
    "sku=RING%00",
    "sku=RING&colour=red",
    "sku=" + "A" * 41,
    "&".join(f"sku=A-{n}" for n in range(201)),
    "sku=RING&sku=NOT-OURS",
]


@pytest.mark.parametrize(
    ("path", "queries"),
    [
        ("/api/v1/products", [*WRONG_PAGES, *WRONG_PRODUCTS]),
        ("/api/v1/orders", [*WRONG_PAGES, *WRONG_ORDERS]),
        ("/api/v1/inventory", WRONG_INVENTORY),
    ],
)
def test_a_query_that_cannot_be_meant_is_refused(shop, session, redis, path, queries):
    scene = open_scene(shop)
    before = everything(session, redis)

    answers = {query[:80]: scene.buyer.get(f"{path}?{query}") for query in queries}

    wrong = {
        query: (response.status_code, response.text[:100])
        for query, response in answers.items()
        if (response.status_code, response.mimetype) != (422, "application/problem+json")
    }
    assert wrong == {}
    assert everything(session, redis) == before


def test_the_same_parameter_twice_is_one_of_the_two_and_no_mistake_of_ours(shop):
    for name in ("ring", "chain"):
        shop.product(name, 1)

    response = shop.customer().get("/api/v1/products?limit=1&limit=1")

    assert (response.status_code, len(response.json["items"])) == (200, 1)


def test_bytes_in_a_query_that_are_no_text_find_nothing(shop, client):
    shop.product("ring", 1)

    response = client.get("/api/v1/products?q=%ff%fe")

    assert (response.status_code, response.json) == (200, {"items": [], "next_cursor": None})


@pytest.mark.parametrize("key", ["\x00", "a\x00b", "\x7f", "a\tb", "caf\xe9", "k" * 256])
def test_an_idempotency_key_that_cannot_be_told_apart_safely_is_refused(shop, session, redis, key):
    scene = open_scene(shop)
    before = everything(session, redis)

    response = scene.buyer.client.post(
        "/api/v1/checkout",
        json={"lines": [{"sku": "RING", "quantity": 1}]},
        headers=scene.buyer.headers,
        environ_overrides={"HTTP_IDEMPOTENCY_KEY": key},
    )

    assert (response.status_code, response.json["errors"]) == (
        422,
        [
            {
                "pointer": "#/Idempotency-Key",
                "detail": "has to be 1 to 255 visible ASCII characters",
            }
        ],
    )
    assert everything(session, redis) == before
