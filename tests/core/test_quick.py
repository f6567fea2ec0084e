"""Bodies read without their schema: the same or left to the schema, whatever comes."""

import json
from datetime import UTC
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Request
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import Schema, ValidationError, fields, post_dump, pre_load
from werkzeug.test import EnvironBuilder

from app.checkout.schemas import CheckoutSchema, VerificationSchema
from app.core.quick import quick_body, quick_dump
from app.orders.schemas import OrderSchema

READ = quick_body(CheckoutSchema)
SCHEMA = CheckoutSchema()
ADDRESS = {
    "name": "Meera Iyer", "phone": "98765 43210", "line1": " 14 Temple Street ",
    "city": "Chennai", "state": "Tamil Nadu", "pincode": "600004",
}  # fmt: skip
BODY = {"lines": [{"sku": "RING", "quantity": 1}], "shipping_address": ADDRESS}

odd = st.one_of(
    st.none(), st.booleans(), st.integers(-1, 101), st.floats(-2, 2),
    st.sampled_from(["", " ", "x" * 201, "e\u0301", "\u200b", "a\nb", "\x00", "\ud800", "RING\n"]),
    st.text(max_size=5), st.lists(st.none(), max_size=2), st.just({}),
)  # fmt: skip


def mostly(usual: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Give what is usual, and now and then what is not."""
    return st.integers(0, 7).flatmap(lambda one: odd if one == 0 else usual)


lines = st.lists(
    st.fixed_dictionaries(
        {
            "sku": mostly(st.sampled_from(["RING", "CHAIN", "ring", "A" * 40, "A" * 41])),
            "quantity": mostly(st.sampled_from([1, 2, 100, 10**9])),
        },
        optional={"more": st.none()},
    ),
    max_size=4,
)
addresses = st.fixed_dictionaries(
    {name: mostly(st.just(value)) for name, value in ADDRESS.items()},
    optional={"line2": mostly(st.just("Mylapore")), "country": st.just("IN")},
)
bodies = st.fixed_dictionaries(
    {},
    optional={
        "lines": mostly(lines),
        "shipping_address": mostly(addresses),
        "billing_address": mostly(addresses),
        "shipping_address_id": mostly(st.uuids().map(str)),
        "expected_total": mostly(st.just({"amount": 100, "currency": "INR"})),
        "notes": mostly(st.just("a gift")),
        "unknown": odd,
    },
)


def sent(body: bytes, *, content_type: str = "application/json") -> Request:
    return Request(
        EnvironBuilder(method="POST", data=body, content_type=content_type).get_environ()
    )


@given(bodies)
def test_what_is_read_quickly_the_schema_reads_as_well(body):
    read = READ(sent(json.dumps(body).encode()))

    if read is not None:
        assert read == SCHEMA.load(body)


@given(bodies)
def test_what_the_schema_refuses_is_left_to_it(body):
    try:
        SCHEMA.load(body)
    except ValidationError:
        assert READ(sent(json.dumps(body).encode())) is None


@pytest.mark.parametrize(
    "body",
    [
        BODY,
        BODY | {"notes": None, "billing_address": ADDRESS},
        {"shipping_address_id": "0190c2f4-0000-7000-8000-000000000000"},
        BODY | {"expected_total": {"amount": 1, "currency": "INR"}},
        BODY | {"notes": "e\u0301"},
    ],
)
def test_a_usual_body_is_read_without_its_schema(body):
    assert READ(sent(json.dumps(body).encode())) == SCHEMA.load(body)


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{", b"null", b"{}{}", b"\xff", b"[" * 100_000, b"NaN"]
)
def test_what_is_no_object_is_left_to_the_schema(body):
    assert READ(sent(body)) is None


def test_a_body_that_is_not_said_to_be_json_is_left_to_the_schema():
    assert READ(sent(json.dumps(BODY).encode(), content_type="text/plain")) is None
    assert READ(sent(json.dumps(BODY).encode(), content_type="application/json; charset=utf-8"))


class Renamed(Schema):
    one = fields.String(data_key="two")


class Prepared(Schema):
    one = fields.String()

    @pre_load
    def prepare(self, body: Any, **_: Any) -> Any:
        return body


@pytest.mark.parametrize("schema", [Renamed, Prepared, VerificationSchema])
def test_a_schema_that_does_more_is_refused_at_once(schema):
    with pytest.raises(ValueError, match=schema.__name__):
        quick_body(schema)


TELL = quick_dump(OrderSchema)
ORDER_SCHEMA = OrderSchema()
text = st.none() | st.text(max_size=5)
amounts = st.integers(0, 2**40)
moments = st.datetimes(timezones=st.just(UTC))
addresses_told = st.none() | st.dictionaries(
    st.sampled_from([*ADDRESS, "line2", "country", "unknown"]), text
)
lines_told = st.builds(
    SimpleNamespace,
    sku=text, name=text, quantity=amounts, unit_price=amounts, tax=amounts, total=amounts,
)  # fmt: skip
orders_told = st.fixed_dictionaries(
    {},
    optional={
        "id": st.none() | st.uuids(),
        "number": text,
        "status": text,
        "payment_status": text,
        "pays_on_delivery": st.booleans() | st.none(),
        "lines": st.none() | st.lists(lines_told, max_size=3),
        "subtotal": st.none() | amounts,
        "tax": amounts,
        "total": amounts,
        "shipping_address": addresses_told,
        "billing_address": addresses_told,
        "notes": text,
        "expires_at": st.none() | moments,
        "created_at": moments,
        "unknown": text,
    },
)


@given(order=orders_told)
def test_what_is_written_quickly_the_schema_writes_as_well(order):
    expected = ORDER_SCHEMA.dump(order)

    assert TELL(order) == expected
    assert list(TELL(order)) == list(expected)
    assert TELL(SimpleNamespace(**order)) == expected


class Renaming(Schema):
    given_name = fields.String(attribute="name", data_key="givenName")
    ages = fields.List(fields.Integer())


def test_a_writer_knows_the_names_of_a_schema():
    person = SimpleNamespace(name="Meera", ages=[3, None])

    assert quick_dump(Renaming)(person) == Renaming().dump(person)


class Hooked(Schema):
    name = fields.String()

    @post_dump
    def shout(self, told, **_):
        return {"name": told["name"].upper()}


def test_a_schema_that_does_more_than_its_fields_needs_itself_to_write():
    with pytest.raises(ValueError, match="Hooked needs its schema"):
        quick_dump(Hooked)
