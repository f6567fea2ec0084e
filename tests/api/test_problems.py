"""Every error is one form, and tells nothing of the inside."""

import pytest
from sqlalchemy.exc import ProgrammingError

from app.core.problems import NotFound
from app.orders import orders
from tests.builders import ADDRESS

PROBLEM = "application/problem+json"


def about_blank(title, status, detail=None):
    body = {
        "type": "about:blank",
        "title": title,
        "status": status,
        "code": title.lower().replace(" ", "_"),
    }
    return body | ({"detail": detail} if detail else {})


def told(response):
    """The problem without the request's id, which has to be the header's."""
    assert response.mimetype == PROBLEM
    body = dict(response.json)
    assert body.pop("request_id") == response.headers["X-Request-Id"]
    assert body["status"] == response.status_code
    return body


def test_a_path_that_leads_nowhere_is_a_404(client):
    response = client.get("/api/v1/nothing")

    body = told(response)
    detail = body.pop("detail")
    assert body == about_blank("Not Found", 404)
    assert detail.startswith("The requested URL was not found")


def test_a_thing_that_is_not_there_is_a_404_of_its_own_kind(shop):
    buyer = shop.customer()

    response = buyer.get("/api/v1/orders/00000000-0000-4000-8000-000000000000")

    assert told(response) == {
        "type": "/problems/order-not-found",
        "title": "There is no such order among yours.",
        "status": 404,
        "code": "order_not_found",
    }


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "/api/v1/products", {"GET", "HEAD", "OPTIONS"}),
        ("GET", "/api/v1/checkout", {"POST", "OPTIONS"}),
        ("PATCH", "/api/v1/me/addresses", {"GET", "HEAD", "OPTIONS", "POST"}),
        ("POST", "/healthz", {"GET", "HEAD", "OPTIONS"}),
    ],
)
def test_a_method_that_a_path_does_not_have_is_a_405_that_names_those_it_has(
    client, method, path, allowed
):
    response = client.open(path, method=method)

    body = told(response)
    body.pop("detail")
    assert body == about_blank("Method Not Allowed", 405)
    assert set(response.headers["Allow"].split(", ")) == allowed


def test_a_body_of_64_kib_and_a_byte_is_a_413(client):
    response = client.post(
        "/api/v1/auth/login", data=b" " * 65_537, content_type="application/json"
    )

    body = told(response)
    assert (body["type"], body["status"], body["code"]) == (
        "about:blank",
        413,
        "request_entity_too_large",
    )


def test_a_body_that_is_not_said_to_be_json_is_a_415(client):
    response = client.post("/api/v1/auth/login", data=b"{}", content_type="text/plain")

    assert told(response) == about_blank(
        "Unsupported Media Type", 415, "The body has to be sent as application/json."
    )


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (
            b'{"a": ',
            "The body is not JSON: Expecting value: line 1 column 7 (char 6)",
        ),
        (b'{"a": NaN}', "The body is not JSON: cannot be read"),
        (b'{"a": "\xff"}', "The body is not JSON: cannot be read"),
    ],
)
def test_a_body_that_is_no_json_is_a_400_that_says_so(client, body, detail):
    response = client.post("/api/v1/auth/login", data=body, content_type="application/json")

    assert told(response) == about_blank("Bad Request", 400, detail)


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError("postgresql://ora:secret@db/ora"),
        KeyError("secret"),
        ProgrammingError("SELECT secret FROM users", {}, Exception("secret")),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_bug_is_a_500_that_tells_nothing_but_the_request_id(shop, monkeypatch, error):
    def fail(*args, **kwargs):
        raise error

    monkeypatch.setattr(orders, "page", fail)

    response = shop.customer().get("/api/v1/orders")

    assert told(response) == about_blank("Internal Server Error", 500)
    assert "secret" not in response.text + str(response.headers)


def test_a_problem_is_never_kept_by_a_cache_and_never_sniffed(client):
    headers = client.get("/api/v1/nothing").headers

    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("given", ["a", "abc-123._XYZ", "0" * 64])
def test_a_sane_request_id_is_echoed_in_header_and_problem(client, given):
    response = client.get("/api/v1/nothing", headers={"X-Request-Id": given})

    assert response.headers["X-Request-Id"] == response.json["request_id"] == given


@pytest.mark.parametrize(
    "given", ["", " ", "a b", "0" * 65, "<script>", "a\tb", "caf\xe9", "a;b", "a\x00b"]
)
def test_any_other_request_id_is_replaced(client, given):
    environ = {"HTTP_X_REQUEST_ID": given}

    response = client.get("/api/v1/nothing", environ_overrides=environ)

    own = response.headers["X-Request-Id"]
    assert own == response.json["request_id"] != given
    assert len(own) == 16
    assert set(own) <= set("0123456789abcdef")


def test_every_request_gets_an_id_of_its_own_also_where_it_succeeds(client):
    first, second = (client.get("/healthz").headers["X-Request-Id"] for _ in range(2))

    assert first != second


CHECKOUT = {"lines": [{"sku": "RING", "quantity": 1}], "shipping_address": ADDRESS}
NO_INTEGER = "Not a valid integer."
UNKNOWN = "Unknown field."


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        (
            CHECKOUT | {"lines": [{"sku": "RING", "quantity": "1"}]},
            [("#/lines/0/quantity", NO_INTEGER)],
        ),
        (
            CHECKOUT | {"lines": [{"sku": "RING", "quantity": 1}, {"sku": "CHAIN"}]},
            [("#/lines/1/quantity", "Missing data for required field.")],
        ),
        (CHECKOUT | {"lines": []}, [("#/lines", "Length must be between 1 and 50.")]),
        (
            CHECKOUT | {"lines": [{"sku": "RING", "quantity": 600}] * 2},
            [("#/lines", "RING: more than 1000 units")],
        ),
        (
            CHECKOUT | {"shipping_address": ADDRESS | {"pincode": "012345"}},
            [("#/shipping_address/pincode", "does not match [1-9][0-9]{5}")],
        ),
        (CHECKOUT | {"coupon": 1}, [("#/coupon", UNKNOWN)]),
        (CHECKOUT | {"a/b~c": 1}, [("#/a~1b~0c", UNKNOWN)]),
        ([], [("#", "Invalid input type.")]),
        (
            CHECKOUT | {"notes": 7, "expected_total": {"amount": -1, "currency": "USD"}},
            [
                ("#/expected_total/amount", "Must be greater than or equal to 0 and less than or"),
                ("#/expected_total/currency", "Must be equal to INR."),
                ("#/notes", "Not a valid string."),
            ],
        ),
    ],
)
def test_every_wrong_value_is_pointed_at(shop, body, errors):
    response = shop.customer().post("/api/v1/checkout", body, Idempotency_Key="k")

    problem = told(response)
    found = sorted((e["pointer"], e["detail"]) for e in problem.pop("errors"))
    assert problem == {
        "type": "/problems/validation-failed",
        "title": "The request has values that cannot be used; see errors.",
        "status": 422,
        "code": "validation_failed",
    }
    assert [pointer for pointer, _ in found] == [pointer for pointer, _ in errors]
    for (_, detail), (_, beginning) in zip(found, errors, strict=True):
        assert detail.startswith(beginning)


def test_a_wrong_value_of_the_query_is_pointed_at_too(client):
    response = client.get("/api/v1/products?limit=0&colour=red")

    assert sorted(told(response)["errors"], key=lambda e: e["pointer"]) == [
        {"pointer": "#/colour", "detail": UNKNOWN},
        {
            "pointer": "#/limit",
            "detail": "Must be greater than or equal to 1 and less than or equal to 100.",
        },
    ]


def test_each_problem_has_a_code_of_its_own():
    def all_below(kind):
        return [kind, *(k for sub in kind.__subclasses__() for k in all_below(sub))]

    problem = NotFound.__mro__[1]

    kinds = [kind for kind in all_below(problem) if kind.__module__.startswith("app.")]

    assert len({kind.code() for kind in kinds}) == len(kinds) > 15
    assert [kind for kind in kinds if not kind.title().endswith(".")] == []
