"""The storefront's files, and the way through to the shop's API."""

import json
from contextlib import contextmanager

import pytest
from flask import Flask, Response, request

from sandbox import create_app
from sandbox.config import Settings
from tests.serving import serving


@contextmanager
def shopfront(webhook_url):
    app = create_app(Settings(webhook_url=webhook_url))
    try:
        yield app.test_client()
    finally:
        app.extensions["sandbox"].close()


@pytest.fixture
def before_a_shop():
    """A storefront before a shop that tells what it was asked."""
    shop = Flask("shop")

    @shop.route("/api/<path:rest>", methods=["GET", "POST", "PUT"])
    def told(rest):
        asked = {
            "method": request.method, "path": request.full_path,
            "body": request.get_data(as_text=True), "headers": dict(request.headers),
        }  # fmt: skip
        return Response(
            json.dumps(asked), 429, {"Retry-After": "7", "X-Request-Id": "r1", "Set-Cookie": "a=b"},
            mimetype="application/problem+json",
        )  # fmt: skip

    with serving(shop) as url, shopfront(f"{url}/webhooks/razorpay") as client:
        yield client


def test_what_the_browser_asks_reaches_the_shop_and_the_answer_comes_back(before_a_shop):
    headers = {
        "Authorization": "Bearer t", "Idempotency-Key": "k", "Cookie": "secret=1",
        "X-Forwarded-For": "1.2.3.4",
    }  # fmt: skip

    answer = before_a_shop.post("/shop/api/v1/checkout?a=1&a=2", json={"x": 1}, headers=headers)

    asked = json.loads(answer.text)
    assert (asked["method"], asked["path"]) == ("POST", "/api/v1/checkout?a=1&a=2")
    assert json.loads(asked["body"]) == {"x": 1}
    assert asked["headers"]["Authorization"] == "Bearer t"
    assert asked["headers"]["Idempotency-Key"] == "k"
    assert not {"Cookie", "X-Forwarded-For"} & asked["headers"].keys()
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "7")
    assert (answer.mimetype, answer.headers["X-Request-Id"]) == ("application/problem+json", "r1")
    assert "Set-Cookie" not in answer.headers


def test_a_shop_that_is_not_there_is_told_as_a_shop_would():
    with shopfront("http://127.0.0.1:9/webhooks/razorpay") as client:
        answer = client.get("/shop/api/v1/products")

    assert (answer.status_code, answer.json["code"]) == (503, "service_unavailable")
    assert answer.headers["Retry-After"] == "2"


def test_nothing_but_the_api_can_be_reached_through_it(before_a_shop):
    for path in ("/shop/admin/", "/shop/webhooks/razorpay", "/shop/api/../admin/", "/shop/metrics"):
        assert before_a_shop.get(path).status_code == 404, path


def test_its_files_run_nothing_from_elsewhere(before_a_shop):
    assert before_a_shop.get("/shop").headers["Location"] == "/shop/"
    for name in ("", "shop.js", "api.js", "art.js", "shop.css", "mark.svg"):
        answer = before_a_shop.get(f"/shop/{name}", buffered=True)
        policy = answer.headers["Content-Security-Policy"]
        assert answer.status_code == 200
        assert "default-src 'none'; script-src 'self'; style-src 'self'" in policy
        assert "unsafe" not in policy
        assert "http://www.w3.org" in answer.text or "http" not in answer.text
    assert before_a_shop.get("/shop/..%2fwsgi.py").status_code == 404
    assert before_a_shop.get("/shop/none.js").status_code == 404
