"""Only a token that this shop signed, and that is still good, lets anybody in."""

import base64
import json
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from uuid import uuid4

import jwt
import pytest
from sqlalchemy import delete

from app.accounts.models import SignedInSession, User
from app.core import auth
from tests.api.snapshot import everything

OTHER_SECRET = "somebody-else's-secret-key-of-no-worth"
REFUSED = {
    "type": "/problems/unauthenticated",
    "title": "The request does not say who is asking, or its token cannot be used.",
    "status": 401,
    "code": "unauthenticated",
}


@pytest.fixture
def secret(settings):
    return settings.secret_key.get_secret_value()


@pytest.fixture
def buyer(shop):
    return shop.customer()


def claims_of(token):
    return jwt.decode(token, options={"verify_signature": False})


def part(value):
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def told(response):
    """What a refusal says, without what differs from one to the next."""
    assert response.headers["WWW-Authenticate"] == "Bearer"
    assert response.mimetype == "application/problem+json"
    return {k: v for k, v in response.json.items() if k not in ("request_id", "detail")}


def show_account(client, authorization):
    return client.get("/api/v1/me", headers={"Authorization": authorization})


def test_a_token_made_by_hand_with_our_secret_would_be_let_in(client, buyer, secret):
    """The forgeries below fail for what is wrong with each, not for how they are made."""
    token = jwt.encode(claims_of(buyer.token), secret, "HS256")

    assert show_account(client, f"Bearer {token}").status_code == 200


def test_a_token_that_was_let_in_before_lets_nobody_in_after_its_end(client, buyer, monkeypatch):
    authorization = f"Bearer {buyer.token}"
    before = show_account(client, authorization)

    end = claims_of(buyer.token)["exp"]
    monkeypatch.setattr(auth, "time", SimpleNamespace(time=lambda: end))
    after = show_account(client, authorization)

    assert (before.status_code, after.status_code, told(after)) == (200, 401, REFUSED)


FORGERIES = {
    "expired": lambda claims, secret: jwt.encode(
        claims | {"exp": datetime.now(UTC) - timedelta(seconds=1)}, secret, "HS256"
    ),
    "signed by another": lambda claims, _: jwt.encode(claims, OTHER_SECRET, "HS256"),
    "signed with another algorithm": lambda claims, secret: jwt.encode(
        claims, secret + secret, "HS512"
    ),
    "not signed": lambda claims, _: jwt.encode(claims, None, "none"),
    "not signed, in capitals": lambda claims, _: f"{part({'alg': 'NONE'})}.{part(claims)}.",
    "without its signature": lambda claims, secret: (
        jwt.encode(claims, secret, "HS256").rpartition(".")[0] + "."
    ),
    "of another claim under the old signature": lambda claims, secret: ".".join((
        jwt.encode(claims, secret, "HS256").split(".")[0],
        part(claims | {"role": "admin"}),
        jwt.encode(claims, secret, "HS256").split(".")[2],
    )),
    "of another issuer": lambda claims, secret: jwt.encode(
        claims | {"iss": "another shop"}, secret, "HS256"
    ),
    "of no issuer": lambda claims, secret: jwt.encode(
        {k: v for k, v in claims.items() if k != "iss"}, secret, "HS256"
    ),
    "not good before tomorrow": lambda claims, secret: jwt.encode(
        claims | {"nbf": datetime.now(UTC) + timedelta(days=1)}, secret, "HS256"
    ),
    "of nobody": lambda claims, secret: jwt.encode(
        {k: v for k, v in claims.items() if k != "sub"}, secret, "HS256"
    ),
    "of somebody who is no id": lambda claims, secret: jwt.encode(
        claims | {"sub": "meera"}, secret, "HS256"
    ),
    "no token": lambda *_: "garbage",
    "three dots": lambda *_: "...",
    "no text": lambda *_: "\xff.\xfe.\xfd",
    "no JSON inside": lambda *_: "e30.e30.e30",
    "a list inside": lambda *_: f"{part({'alg': 'HS256'})}.{part([1])}.AAAA",
    "empty": lambda *_: "",
    "8 KiB long": lambda *_: "a" * 8_192,
    "two tokens": lambda claims, secret: jwt.encode(claims, secret, "HS256") + " x",
}  # fmt: skip


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forged_or_spent_token_lets_nobody_in(client, buyer, secret, name):
    token = FORGERIES[name](claims_of(buyer.token), secret)

    response = show_account(client, f"Bearer {token}")

    assert (response.status_code, told(response)) == (401, REFUSED)


@pytest.mark.parametrize(
    "authorization", ["", "Bearer", "Basic bWVlcmE6cGFzcw==", "bearer", "Token abc", "\x00"]
)
def test_whoever_brings_no_token_is_not_let_in(client, authorization):
    response = show_account(client, authorization)

    assert (response.status_code, told(response)) == (401, REFUSED)


def test_whoever_says_nothing_is_not_let_in(client):
    response = client.get("/api/v1/me")

    assert (response.status_code, told(response)) == (401, REFUSED)


def test_a_forged_token_buys_nothing(shop, client, session, redis, secret):
    shop.product("ring", 1)
    buyer = shop.customer()
    claims = claims_of(buyer.token) | {"sub": str(uuid4())}
    headers = {"Authorization": f"Bearer {jwt.encode(claims, OTHER_SECRET, 'HS256')}"}
    before = everything(session, redis)

    response = client.put("/api/v1/cart/items/RING", json={"quantity": 1}, headers=headers)

    assert (response.status_code, told(response)) == (401, REFUSED)
    assert everything(session, redis) == before


def test_a_token_outlives_its_account_only_to_be_refused(buyer, session):
    session.execute(delete(SignedInSession))
    session.execute(delete(User))

    response = buyer.get("/api/v1/me")

    assert (response.status_code, response.json["code"]) == (401, "session_ended")


def test_a_forged_staff_token_shows_no_stock_numbers(shop, client, buyer):
    shop.product("ring", 3)
    token = jwt.encode(claims_of(buyer.token) | {"role": "admin"}, OTHER_SECRET, "HS256")

    response = client.get(
        "/api/v1/inventory?sku=RING", headers={"Authorization": f"Bearer {token}"}
    )

    assert (response.status_code, told(response)) == (401, REFUSED)
