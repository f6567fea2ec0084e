"""Whatever is sent as a body, the answer is a problem of the sender's, and nothing changes."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.api.endpoints import ENDPOINTS, Endpoint, open_scene
from tests.api.snapshot import everything

JSON = "application/json"
NESTED = b"[" * 30_000 + b"]" * 30_000

BROKEN = {
    "half an object": b'{"quantity": ',
    "two values": b"{} {}",
    "a comma too many": b'{"quantity": 1,}',
    "no JSON at all": b"quantity=1",
    "bytes that are no UTF-8": b'{"quantity": "\xff\xfe\xfd"}',
    "a NUL byte": b"\x00",
    "a NUL byte in a string": b'{"quantity": "\x00"}',
    "30,000 lists in one another": NESTED,
    "30,000 lists never closed": b"[" * 30_000,
}
NOT_OBJECTS = {
    "a list": b"[]",
    "a number": b"1",
    "a text": b'"quantity"',
    "true": b"true",
    "null": b"null",
    "a list of lists": b"[" * 400 + b"]" * 400,
}
# As JSON text, since some of it no Python value stands for; with the status it has to have.
WRONG_EVERYWHERE = {
    b"true": 422,
    b"1.0": 422,
    b"[]": 422,
    b"{}": 422,
    b"[[[[[[]]]]]]": 422,
    b"null": 422,
    b"1e999": 422,
    b"9" * 4_000: 422,
    b"9" * 5_000: 400,
    b"NaN": 400,
    b"Infinity": 400,
    b"-Infinity": 400,
    NESTED: 400,
    b'"\\u0000"': 422,
    b'"RI\\u0000NG"': 422,
    b'"\\ud800"': 422,
    b'"\x00"': 400,
    b'"' + b"x" * 50_000 + b'"': 422,
    b'"' + b"x" * 100_000 + b'"': 413,
}
WRONG_FOR_NUMBERS = dict.fromkeys((b'"1"', b"1.5", b"-1", b"9223372036854775808"), 422)
WRONG_FOR_TEXTS = dict.fromkeys((b"1", b'""'), 422)
# A password may have any characters, so a sign-in with these is merely refused.
ALLOWED_PASSWORDS = (b'"\\u0000"', b'"RI\\u0000NG"')


def bad_bodies(endpoint: Endpoint) -> Iterator[tuple[str, bytes, str | None, int]]:
    """Name, body, content type and expected status of every mistake."""
    valid = endpoint.body
    allowed = endpoint.allowed | {(pointer, b"null") for pointer in endpoint.nullable}
    text = json.dumps(valid).encode()
    for content_type in (None, "text/plain", "application/x-www-form-urlencoded", "image/png"):
        yield f"sent as {content_type}", text, content_type, 415
    for name, body in BROKEN.items():
        yield name, body, JSON, 400
    for name, body in NOT_OBJECTS.items():
        yield name, body, JSON, 422
    yield "more than 64 KiB", text + b" " * 65_536, JSON, 413
    yield "an unknown field", json.dumps(valid | {"is_admin": True}).encode(), JSON, 422
    yield "a field without a name", json.dumps(valid | {"": 1}).encode(), JSON, 422
    for pointer, value in _values(valid, "#"):
        for wrong, status in _wrong_for(value).items():
            if (pointer, wrong) in allowed:
                continue
            replaced = json.dumps(_replaced(valid, pointer)).encode().replace(b'"@"', wrong)
            yield f"{pointer} is {_short(wrong)}", replaced, JSON, status


def _wrong_for(value: Any) -> dict[bytes, int]:
    if isinstance(value, int):
        return WRONG_EVERYWHERE | WRONG_FOR_NUMBERS
    if isinstance(value, str):
        return WRONG_EVERYWHERE | WRONG_FOR_TEXTS
    return WRONG_EVERYWHERE | WRONG_FOR_TEXTS | WRONG_FOR_NUMBERS


def _short(text: bytes) -> str:
    return text.decode() if len(text) <= 20 else f"{text[:5].decode()}... {len(text)} long"


def _values(value: Any, pointer: str) -> Iterator[tuple[str, Any]]:
    below = value.items() if isinstance(value, dict) else enumerate(value)
    for step, part in below:
        yield f"{pointer}/{step}", part
        if isinstance(part, dict | list):
            yield from _values(part, f"{pointer}/{step}")


def _replaced(value: Any, pointer: str) -> Any:
    copy = json.loads(json.dumps(value))
    *steps, last = pointer.removeprefix("#/").split("/")
    part = copy
    for step in steps:
        part = part[int(step) if isinstance(part, list) else step]
    part[int(last) if isinstance(part, list) else last] = "@"
    return copy


@pytest.mark.parametrize("name", ENDPOINTS)
def test_every_bad_body_is_refused_with_a_problem_and_changes_nothing(shop, session, redis, name):
    scene, endpoint = open_scene(shop), ENDPOINTS[name]
    before = everything(session, redis)

    answers = {}
    for mistake, body, content_type, status in bad_bodies(endpoint):
        response = scene.buyer.client.open(
            scene.path(endpoint),
            method=endpoint.method,
            data=body,
            content_type=content_type,
            headers=scene.headers(endpoint),
        )
        answers[mistake] = (status, response)

    wrong = {
        mistake: (response.status_code, response.mimetype, response.text[:200])
        for mistake, (status, response) in answers.items()
        if (response.status_code, response.mimetype) != (status, "application/problem+json")
        and not _is_refused_sign_in(name, mistake, response.status_code)
    }
    assert wrong == {}
    assert len(answers) >= 40
    assert everything(session, redis) == before


def _is_refused_sign_in(name: str, mistake: str, status: int) -> bool:
    passwords = {f"#/password is {wrong.decode()}" for wrong in ALLOWED_PASSWORDS}
    return name == "login" and mistake in passwords and status == 401


@pytest.mark.parametrize("name", ENDPOINTS)
def test_the_body_that_the_mistakes_were_made_in_is_itself_well_formed(shop, name):
    scene, endpoint = open_scene(shop), ENDPOINTS[name]

    response = scene.buyer.client.open(
        scene.path(endpoint),
        method=endpoint.method,
        json=endpoint.body,
        headers=scene.headers(endpoint),
    )

    # There is no such account to sign in to, and no such payment to verify.
    # Nothing is captured that could be refunded, shipped or given up in part; a day is compared
    # afterwards.
    expected = {
        "login": 401, "verify a payment": 404, "replay events": 404, "refund": 404,
        "compare a day": 202, "move an order": 409, "cancel units": 409,
        "cancel units for their customer": 409, "ask for a return": 409,
        "decide on a return": 404, "receive a return": 404, "end a repair": 404,
        "deliver again": 404, "forget a password": 204, "set a password": 422,
        "verify an address": 422, "change a password": 422, "leave": 422,
        "ask for a quote": 422, "change a coupon": 404, "find a guest's order": 404,
        "wait for a product": 422, "open a pre-order": 409, "postpone a pre-order": 409,
        "end a pre-order": 409, "arrange images": 422,
    }  # fmt: skip
    made = {
        "register",
        "add an address",
        "check out",
        "adjust",
        "add a subscriber",
        "make a coupon",
        "make a product",
        "make a category",
    }
    assert response.status_code == expected.get(name, 201 if name in made else 200)


BODY_MAY_BE_LEFT_OUT = {
    "change a category",
    "wait for a product", "ask for one's turn",
    "cancel", "cancel an order for its customer", "open a payment", "change an account",
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(ENDPOINTS.keys() - BODY_MAY_BE_LEFT_OUT))
def test_a_body_left_out_is_refused_where_one_is_needed(shop, session, redis, name):
    scene, endpoint = open_scene(shop), ENDPOINTS[name]
    before = everything(session, redis)

    response = scene.buyer.client.open(
        scene.path(endpoint),
        method=endpoint.method,
        headers=scene.headers(endpoint),
    )

    # A checkout without lines is one of the cart, and there is nothing in it.
    code = "cart_empty" if name in ("check out", "ask for a quote") else "validation_failed"
    assert (response.status_code, response.json["code"]) == (422, code)
    assert everything(session, redis) == before


GARBAGE = [(body, JSON) for body in (*BROKEN.values(), *NOT_OBJECTS.values())]
GARBAGE += [(b"a=b", "text/plain"), (b"x" * 100_000, JSON)]


def test_opening_a_payment_needs_no_body_but_takes_none_that_is_garbage(shop, session, redis):
    scene = open_scene(shop)
    before = everything(session, redis)

    answers = [
        scene.buyer.client.post(
            f"/api/v1/orders/{scene.names['order']}/payments",
            data=body,
            content_type=content_type,
            headers=scene.buyer.headers,
        ).status_code
        for body, content_type in GARBAGE
    ]

    assert set(answers) <= {400, 413, 415, 422}
    assert everything(session, redis) == before


@pytest.mark.parametrize("path", ["/api/v1/auth/refresh", "/api/v1/auth/logout"])
def test_garbage_sent_to_end_or_renew_a_session_without_its_token_changes_nothing(
    shop, session, redis, path
):
    scene = open_scene(shop)
    before = everything(session, redis)

    answers = [
        scene.buyer.client.post(path, data=body, content_type=content_type).json["code"]
        for body, content_type in GARBAGE
    ]

    assert answers == ["unauthenticated"] * len(GARBAGE)
    assert everything(session, redis) == before


def test_garbage_that_razorpay_did_not_sign_is_not_stored(shop, session, redis):
    scene = open_scene(shop)
    before = everything(session, redis)

    answers = [
        scene.buyer.client.post("/webhooks/razorpay", data=body, content_type=content_type).json
        for body, content_type in GARBAGE
    ]

    assert {(a["status"], a["code"]) for a in answers} == {(400, "invalid_webhook_signature")}
    assert everything(session, redis) == before
