"""Attacks on who somebody is: tokens, passwords, sessions, and what a request claims of itself."""

import base64
import hashlib
import hmac
import json
import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import jwt
import pytest
from sqlalchemy import select

from app.accounts import passwords
from app.accounts.models import PasswordReset, SignedInSession, User
from app.core import auth
from tests.api.snapshot import everything
from tests.backoffice.browser import email_of
from tests.builders import ADDRESS, PASSWORD
from tests.checkout.steps import basket, send
from tests.messages.post import open_post

ME = "/api/v1/me"
NEW = "another long sentence of hers"


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


def login(client, email, password=PASSWORD, **headers):
    body = {"email": email, "password": password}
    return client.post("/api/v1/auth/login", json=body, headers=headers)


@pytest.mark.parametrize(
    "claimed", [{"role": "admin"}, {"id": "1"}, {"is_admin": True}, {"email_verified": True}]
)
def test_attack_30_a_body_that_claims_more_than_was_asked(shop, session, redis, client, claimed):
    shop.product("ring", 5)
    buyer = shop.customer()
    order_id = send(buyer, basket(ring=1)).json["id"]
    before = everything(session, redis)
    new = {"email": "new@example.com", "password": PASSWORD, "name": "Asha"}

    tried = [
        client.post("/api/v1/auth/register", json=new | claimed),
        buyer.patch(ME, {"name": "Meera"} | claimed),
        buyer.post(f"{ME}/addresses", ADDRESS | claimed | {"user_id": str(buyer.id)}),
        send(buyer, basket(ring=1) | {"status": "confirmed", "user_id": str(buyer.id)}, "other"),
        buyer.post(f"/api/v1/orders/{order_id}/cancel", {"status": "confirmed"} | claimed),
    ]

    assert [answer.status_code for answer in tried] == [422] * 5
    assert everything(session, redis) == before


def part(value):
    return base64.urlsafe_b64encode(value).rstrip(b"=")


def signed(claims, secret, **header):
    """A token as anybody could write it who has a secret, whatever its header says."""
    told = [part(json.dumps(one).encode()) for one in ({"alg": "HS256"} | header, claims)]
    signature = hmac.digest(secret.encode(), b".".join(told), "sha256")
    return b".".join([*told, part(signature)]).decode()


FOREIGN = "somebody-else's-secret-key-of-no-worth"
# By whom each is signed, and what its header says.
TOKENS = {
    "says it is not signed": (None, {"alg": "none"}),
    "says it is not signed, in capitals": (None, {"alg": "NONE"}),
    "says it is signed by RSA": (None, {"alg": "RS256"}),
    "says it is signed by another hash": (None, {"alg": "HS512"}),
    "says what nobody understands": (None, {"crit": ["x-strict"], "x-strict": True}),
    "names a key of its own": (FOREIGN, {"kid": "../../dev/null"}),
    "names an empty key": ("", {"kid": "/dev/null"}),
    "names an address of keys": (FOREIGN, {"jku": "https://evil.example/keys"}),
    "carries its key": (FOREIGN, {"jwk": {"kty": "oct", "k": part(FOREIGN.encode()).decode()}}),
}


@pytest.mark.parametrize(("by", "header"), TOKENS.values(), ids=TOKENS)
def test_attack_31_a_token_that_says_how_it_is_to_be_checked(shop, settings, by, header):
    buyer = shop.customer()
    secret = settings.secret_key.get_secret_value()
    claims = jwt.decode(buyer.token, options={"verify_signature": False})
    assert buyer.client.get(ME, headers=bearer(signed(claims, secret))).status_code == 200

    answer = buyer.client.get(
        ME, headers=bearer(signed(claims, secret if by is None else by, **header))
    )

    assert (answer.status_code, answer.json["code"]) == (401, "unauthenticated")


def test_attack_32_a_token_of_the_other_kind_or_too_old(shop, client, monkeypatch):
    tokens = login(client, email_of(shop.customer().id)).json
    access, refresh = tokens["access_token"], tokens["refresh_token"]

    assert client.get(ME, headers=bearer(refresh)).status_code == 401
    assert client.post("/api/v1/auth/refresh", headers=bearer(access)).status_code == 401
    assert client.get(ME, headers=bearer(access)).status_code == 200

    later = datetime.now(UTC) + timedelta(days=31)
    monkeypatch.setattr(auth, "time", SimpleNamespace(time=later.timestamp))
    assert client.get(ME, headers=bearer(access)).status_code == 401
    assert client.post("/api/v1/auth/refresh", headers=bearer(refresh)).status_code == 401


def _signs_out(shop, client, thief, owner):
    return client.post("/api/v1/auth/logout", headers=bearer(thief["refresh_token"]))


def _ends_all(shop, client, thief, owner):
    return client.post("/api/v1/auth/logout-everywhere", headers=bearer(owner["access_token"]))


def _changes_the_password(shop, client, thief, owner):
    body = {"current_password": PASSWORD, "new_password": NEW}
    path = f"{ME}/change-password"
    return client.post(path, json=body, headers=bearer(owner["access_token"]))


def _is_demoted(shop, client, thief, owner):
    claims = jwt.decode(thief["access_token"], options={"verify_signature": False})
    path = f"/api/v1/admin/accounts/{claims['sub']}/role"
    return shop.customer(role="admin").post(path, {"role": "customer"})


@pytest.mark.parametrize("ending", [_signs_out, _ends_all, _changes_the_password, _is_demoted])
def test_attack_32_a_token_of_a_session_that_was_ended(shop, client, ending):
    """Both kinds of token end with their session, and not with their own time."""
    email = email_of(shop.customer(role="admin").id)
    thief, owner = login(client, email).json, login(client, email).json
    token = bearer(thief["access_token"])
    paths = [ME, "/api/v1/orders", f"{ME}/addresses", "/api/v1/returns", "/api/v1/admin/orders"]
    assert {client.get(path, headers=token).status_code for path in paths} == {200}

    assert ending(shop, client, thief, owner).status_code in (200, 204)

    assert {client.get(path, headers=token).status_code for path in paths} == {401}
    renewing = client.post("/api/v1/auth/refresh", headers=bearer(thief["refresh_token"]))
    assert renewing.status_code == 401


def test_attack_33_a_refresh_token_that_is_used_again(shop, session, client):
    first = login(client, email_of(shop.customer().id)).json
    second = client.post("/api/v1/auth/refresh", headers=bearer(first["refresh_token"])).json

    replayed = client.post("/api/v1/auth/refresh", headers=bearer(first["refresh_token"]))

    assert (replayed.status_code, replayed.json["code"]) == (401, "session_ended")
    # Which of the two is the thief nobody knows, so both are out.
    newest = client.post("/api/v1/auth/refresh", headers=bearer(second["refresh_token"]))
    assert newest.status_code == 401
    assert client.get(ME, headers=bearer(second["access_token"])).status_code == 401


def test_attack_34_who_has_an_account_is_not_told_by_signing_in_or_forgetting(
    shop, client, monkeypatch
):
    """What costs time is the hash, so it is counted and not timed."""
    email, hashed = email_of(shop.customer().id), Counter()
    real = passwords._passwords

    class Counting:
        def verify(self, password, expected):
            hashed[asked] += 1
            return real.verify(password, expected)

    monkeypatch.setattr(passwords, "_passwords", Counting())
    answers = {}
    for asked in (email, "nobody@example.com"):
        refused = login(client, asked, "not the password")
        told = {k: v for k, v in refused.json.items() if k != "request_id"}
        forgot = client.post("/api/v1/auth/forgot-password", json={"email": asked})
        answers[asked] = (refused.status_code, told, forgot.status_code, forgot.data)

    assert answers[email] == answers["nobody@example.com"]
    assert answers[email][0::2] == (401, 204)
    assert hashed == {email: 1, "nobody@example.com": 1}


def test_attack_34_who_has_an_account_is_told_by_registering_thirty_times_a_minute(
    shop, another_app
):
    """Who registers is signed in at once and has to be told; that it is taken is all."""
    client, email = another_app(rate_limits="on"), email_of(shop.customer().id)
    body = {"email": email, "password": PASSWORD, "name": "Asha"}

    answers = [client.post("/api/v1/auth/register", json=body) for _ in range(31)]

    assert Counter(a.status_code for a in answers) == {409: 30, 429: 1}
    assert {k for k in answers[0].json if k not in ("request_id", "type", "title")} == {
        "status", "code",
    }  # fmt: skip


def test_attack_35_passwords_are_tried_from_many_addresses_that_are_claimed(shop, another_app):
    client, email = another_app(rate_limits="on"), email_of(shop.customer().id)

    answers = [
        login(client, email, f"guess {n}", **{"X-Forwarded-For": f"10.0.0.{n}"}) for n in range(11)
    ]
    stuffing = [
        login(client, f"{n}@example.com", **{"X-Forwarded-For": f"10.0.1.{n}"}) for n in range(31)
    ]

    assert [a.status_code for a in answers] == [401] * 10 + [429]
    assert stuffing[-1].status_code == 429
    # Not even the right password, until the time is over.
    assert login(client, email).status_code == 429


def test_attack_36_the_token_of_a_forgotten_password(shop, session, monkeypatch, settings):
    email = email_of(shop.customer().id)
    client = shop.app.test_client()
    with open_post() as post:
        monkeypatch.setenv("MAIL_URL", post.url)
        forged = {"Host": "evil.example", "X-Forwarded-Host": "evil.example"}
        client.post("/api/v1/auth/forgot-password", json={"email": email}, headers=forged)
        shop.work("announcements", "mail")
        [letter] = [one.get_body(("plain",)).get_content() for one in post.letters]

    [link] = re.findall(r"(\S+)/reset-password\?token=(\S+)", letter)
    host, token = link
    assert "evil" not in letter
    assert host == settings.storefront_url.rstrip("/")
    # 6 bits a letter.
    assert len(token) * 6 >= 128
    [kept] = session.scalars(select(PasswordReset.token_hash)).all()
    assert kept == hashlib.sha256(token.encode()).hexdigest()
    body = {"token": token, "password": NEW}
    once = client.post("/api/v1/auth/reset-password", json=body)
    twice = client.post("/api/v1/auth/reset-password", json=body)
    assert (once.status_code, twice.status_code) == (204, 422)
    assert login(client, email, NEW).status_code == 200
    ended = select(SignedInSession.id).join(User, User.id == SignedInSession.user_id)
    ended = ended.where(User.email == email, SignedInSession.revoked_at.is_(None))
    assert len(session.scalars(ended).all()) == 1


def test_attack_37_headers_that_say_who_is_asking(shop, client):
    victim, thief = shop.customer(), shop.customer()
    boss = shop.customer(role="admin")
    claimed = {
        name: str(victim.id) for name in ("X-User-Id", "X-Customer-Id", "X-Forwarded-User", "From")
    } | {"X-Role": "admin", "X-Original-URL": f"/api/v1/admin/accounts/{boss.id}"}

    assert client.get(ME, headers=claimed).status_code == 401
    assert client.get(ME, headers=thief.headers | claimed).json["id"] == str(thief.id)
    assert client.get("/api/v1/admin/orders", headers=thief.headers | claimed).status_code == 403
