"""What /openapi.json says is valid, complete and true."""

import re

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from tests.api.endpoints import ENDPOINTS

PROBLEM = "application/problem+json"
NOT_DOCUMENTED = {"api-docs.openapi_json", "swagger_ui.show", "home", "static"}
HEALTH = {("GET", "/readyz"), ("GET", "/healthz/cron")}
METHODS = {"GET", "POST", "PUT", "PATCH", "DELETE"}


@pytest.fixture
def spec(client):
    return client.get("/openapi.json").json


def operations(spec):
    return {
        (method.upper(), path): operation
        for path, item in spec["paths"].items()
        for method, operation in item.items()
        if method.upper() in METHODS
    }


def resolved(spec, node):
    while "$ref" in node:
        found = spec
        for step in node["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        node = found
    return node


def errors_of(spec, operation):
    """The responses of an operation that tell of an error, by status."""
    return {
        status: resolved(spec, response)
        for status, response in operation["responses"].items()
        if not status.startswith(("1", "2", "3"))
    }


def test_the_document_is_valid_openapi_3_1(spec):
    found = [error.message for error in OpenAPIV31SpecValidator(spec).iter_errors()]

    assert spec["openapi"] == "3.1.0"
    assert found == []


# For people, and no part of the API.
PAGES = "/admin"


def test_every_route_of_the_shop_is_documented_and_nothing_else(app, spec):
    routes = {
        (method, re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule))
        for rule in app.url_map.iter_rules()
        if rule.endpoint not in NOT_DOCUMENTED and not rule.rule.startswith(PAGES)
        for method in rule.methods & METHODS
    }

    assert set(operations(spec)) == routes


def test_every_operation_of_the_api_tells_its_problems_with_an_example_of_each(spec):
    lacking = {}
    for name, operation in operations(spec).items():
        told = errors_of(spec, operation)
        lacking[name] = [
            status
            for status, response in told.items()
            if list(response.get("content", {})) != [PROBLEM]
            or (status != "default" and not response["content"][PROBLEM].get("examples"))
        ]
        if name[1].startswith("/api/") and not set(told) - {"default"}:
            lacking[name].append("none at all")

    wrong = {n: s for n, s in lacking.items() if s and n not in HEALTH}
    assert wrong == {}


def test_every_example_of_a_problem_is_one_of_that_status(spec):
    examples = [
        (int(status), code, example["value"])
        for operation in operations(spec).values()
        for status, response in errors_of(spec, operation).items()
        if status != "default" and PROBLEM in response.get("content", {})
        for code, example in response["content"][PROBLEM]["examples"].items()
    ]

    assert len(examples) > 50
    for status, code, value in examples:
        assert (value["status"], value["code"]) == (status, code)
        assert value["type"] == "/problems/" + code.replace("_", "-")
        assert {"title", "request_id"} <= value.keys()


def test_what_needs_a_token_says_so(app, spec):
    needing = {name for name, operation in operations(spec).items() if operation.get("security")}

    refused = {
        (method, path)
        for method, path in operations(spec)
        if path.startswith("/api/")
        and _answer(app, method, path).status_code == 401
        and path != "/api/v1/auth/login"
    }
    assert needing == refused


def _answer(app, method, path):
    """Ask without a token, with the body that the endpoint would take."""
    bodies = {(e.method, e.path): e.body for e in ENDPOINTS.values()}
    filled = path.replace("{sku}", "RING").replace("{slug}", "ring").replace("{code}", "DIWALI")
    filled = re.sub(r"{\w+_id}", "00000000-0000-4000-8000-000000000000", filled)
    shape = (
        re.sub(r"{(\w+)_id}", r"{\1}", path).replace("{sku}", "RING").replace("{code}", "DIWALI")
    )
    return app.test_client().open(filled, method=method, json=bodies.get((method, shape), {}))


def test_a_checkout_documents_its_idempotency_key(spec):
    checkout = operations(spec)["POST", "/api/v1/checkout"]

    keys = [p for p in checkout["parameters"] if p["name"] == "Idempotency-Key"]
    assert [(key["in"], key["required"], bool(key["example"])) for key in keys] == [
        ("header", True, True)
    ]


# What stands in the paths of the tried bodies, and what the documentation has in its place.
IN_PATHS = {
    "categories/rings": "categories/{slug}", "/ring/": "/{slug}/", "RING": "{sku}",
    "DIWALI": "{code}",
}  # fmt: skip


def _as_documented(path):
    for told, documented in IN_PATHS.items():
        path = path.replace(told, documented)
    return re.sub(r"{(?!sku|slug|code)(\w+)}", r"{\1_id}", path)


def test_bad_bodies_are_tried_on_every_endpoint_that_takes_one(spec):
    taking = {
        name
        for name, operation in operations(spec).items()
        if "application/json" in operation.get("requestBody", {}).get("content", {})
        and name[1].startswith("/api/")
    }

    tried = {(e.method, _as_documented(e.path)) for e in ENDPOINTS.values()}
    assert tried == taking
