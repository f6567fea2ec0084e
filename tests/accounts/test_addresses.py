"""Addresses in India, each its customer's own; an order keeps the one it was placed with."""

import pytest
from sqlalchemy import select

from app.accounts.models import Address
from tests.builders import ADDRESS

MUMBAI = {
    "name": "Arjun Rao", "phone": "+919812345678", "line1": "7 Marine Drive",
    "line2": "Flat 3", "city": "Mumbai", "state": "Maharashtra", "pincode": "400020",
}  # fmt: skip
PATH = "/api/v1/me/addresses"


def shown(values, address_id):
    return values | {"id": address_id, "country": "IN"}


def test_an_address_is_added_shown_and_listed_in_the_order_of_adding(shop):
    buyer = shop.customer()

    first, second = buyer.post(PATH, ADDRESS), buyer.post(PATH, MUMBAI)

    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json == shown(ADDRESS, first.json["id"])
    assert buyer.get(f"{PATH}/{second.json['id']}").json == shown(MUMBAI, second.json["id"])
    assert buyer.get(PATH).json == {"items": [first.json, second.json]}


def test_a_new_customer_has_no_addresses(shop):
    assert shop.customer().get(PATH).json == {"items": []}


def test_an_address_is_replaced_as_a_whole(shop):
    buyer = shop.customer()
    address_id = buyer.post(PATH, MUMBAI).json["id"]
    without_line2 = {k: v for k, v in ADDRESS.items() if k != "line2"}

    response = buyer.put(f"{PATH}/{address_id}", without_line2)

    assert (response.status_code, response.json) == (200, shown(ADDRESS, address_id))
    assert buyer.get(PATH).json == {"items": [response.json]}


def test_a_removed_address_is_gone(shop, session):
    buyer = shop.customer()
    kept, gone = (buyer.post(PATH, values).json["id"] for values in (ADDRESS, MUMBAI))

    response = buyer.delete(f"{PATH}/{gone}")

    assert (response.status_code, response.data) == (204, b"")
    assert buyer.get(f"{PATH}/{gone}").status_code == 404
    assert [str(i) for i in session.scalars(select(Address.id))] == [kept]


def test_removing_an_address_twice_says_that_it_is_gone(shop):
    buyer = shop.customer()
    gone = buyer.post(PATH, ADDRESS).json["id"]
    buyer.delete(f"{PATH}/{gone}")

    response = buyer.delete(f"{PATH}/{gone}")

    assert (response.status_code, response.json["code"]) == (404, "address_not_found")


def test_another_customers_address_is_not_there(shop):
    owner, stranger = shop.customer(), shop.customer()
    address = owner.post(PATH, ADDRESS).json
    path = f"{PATH}/{address['id']}"

    answers = [stranger.get(path), stranger.put(path, MUMBAI), stranger.delete(path)]

    assert [(r.status_code, r.json["code"]) for r in answers] == [(404, "address_not_found")] * 3
    assert stranger.get(PATH).json == {"items": []}
    assert owner.get(PATH).json == {"items": [address]}


def test_an_address_is_nobodys_without_a_token(shop, client):
    address_id = shop.customer().post(PATH, ADDRESS).json["id"]

    answers = [
        client.get(PATH),
        client.get(f"{PATH}/{address_id}"),
        client.post(PATH, json=ADDRESS),
    ]

    assert [r.status_code for r in answers] == [401] * 3


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("pincode", pincode) for pincode in (
            "012345", "12345", "1234567", "60000a", "600 004", "६०००४२", "-60004", "6000.4", "",
        )),
        *(("state", state) for state in (
            "", "tamil nadu", "TN", "Madras", "California", "Tamil Nadu ", "Tamil\u00a0Nadu",
        )),
        *(("phone", phone) for phone in (
            "", "12345", "1234567890", "+1 650 253 0000", "+44 7911 123456", "9876543210123",
            "044 2345 6789", "1800 123 4567", "phone", "+91", "5876543210",
        )),
        *(("name", name) for name in ("", "   ", "M" * 101, "Meera\nIyer", "Meera\x00")),
        *(("line1", line) for line in ("", "\t", "x" * 201, "14 Temple\r\nStreet")),
        ("line2", "x" * 201),
        *(("city", city) for city in ("", "C" * 101)),
    ],
)  # fmt: skip
def test_what_the_post_cannot_deliver_to_is_refused(shop, session, field, value):
    response = shop.customer().post(PATH, ADDRESS | {field: value})

    assert (response.status_code, response.json["code"]) == (422, "validation_failed")
    assert {error["pointer"] for error in response.json["errors"]} == {f"#/{field}"}
    assert session.scalars(select(Address)).all() == []


@pytest.mark.parametrize(
    "written",
    ["9876543210", "09876543210", "+91 98765 43210", "+91-98765-43210", "(+91) 98765 43210"],
)
def test_a_phone_number_is_kept_in_one_form_however_it_is_written(shop, written):
    response = shop.customer().post(PATH, ADDRESS | {"phone": written})

    assert (response.status_code, response.json["phone"]) == (201, "+919876543210")


@pytest.mark.parametrize("state", ["Delhi", "Ladakh", "Andaman and Nicobar Islands", "Telangana"])
def test_the_states_and_territories_of_today_are_known(shop, state):
    assert shop.customer().post(PATH, ADDRESS | {"state": state}).status_code == 201


def test_what_people_write_around_a_line_is_trimmed_and_composed(shop):
    decomposed = "  Cafe\u0301 Road  "

    response = shop.customer().post(PATH, ADDRESS | {"line1": decomposed, "pincode": " 600004 "})

    assert response.status_code == 201
    assert (response.json["line1"], response.json["pincode"]) == ("Caf\u00e9 Road", "600004")


def test_an_id_and_a_country_are_not_the_customers_to_choose(shop, session):
    buyer = shop.customer()

    answers = [buyer.post(PATH, ADDRESS | extra) for extra in ({"id": "1"}, {"country": "US"})]

    assert [r.status_code for r in answers] == [422, 422]
    assert session.scalars(select(Address)).all() == []


@pytest.mark.parametrize("afterwards", ["changed", "removed"])
def test_an_order_keeps_the_address_it_was_placed_with(shop, afterwards):
    shop.product("ring", 1)
    buyer = shop.customer()
    address_id = buyer.post(PATH, ADDRESS).json["id"]
    order = buyer.post(
        "/api/v1/checkout",
        {"lines": [{"sku": "RING", "quantity": 1}], "shipping_address_id": address_id},
        Idempotency_Key="k",
    ).json

    if afterwards == "changed":
        buyer.put(f"{PATH}/{address_id}", MUMBAI)
    else:
        buyer.delete(f"{PATH}/{address_id}")

    placed_with = ADDRESS | {"country": "IN"}
    assert order["shipping_address"] == order["billing_address"] == placed_with
    assert buyer.order(order["id"]) == order
