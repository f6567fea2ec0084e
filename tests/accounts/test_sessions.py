"""A session lives by its newest refresh token, and ends for both parties where two have one."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select, text, update

from app.accounts import accounts
from app.accounts.models import SignedInSession, User
from app.core.db import transaction
from tests.builders import PASSWORD

MEERA = {"email": "meera@example.com", "password": PASSWORD, "name": "Meera Iyer"}
ENDED = {
    "type": "/problems/session-ended",
    "title": "The session has ended or its refresh token was used before; sign in again.",
    "status": 401,
    "code": "session_ended",
}


@pytest.fixture
def tokens(client):
    """The tokens of a session that has just begun."""
    return client.post("/api/v1/auth/register", json=MEERA).json


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


def refresh(client, token):
    return client.post("/api/v1/auth/refresh", headers=bearer(token))


def log_out(client, token):
    return client.post("/api/v1/auth/logout", headers=bearer(token))


def problem(response):
    assert response.headers["WWW-Authenticate"] == "Bearer"
    return {k: v for k, v in response.json.items() if k != "request_id"}


def test_a_refresh_token_gives_a_new_pair(client, tokens):
    renewed = refresh(client, tokens["refresh_token"])

    assert renewed.status_code == 200
    assert renewed.json.keys() == {"access_token", "refresh_token", "expires_in"}
    assert renewed.json["refresh_token"] != tokens["refresh_token"]
    me = client.get("/api/v1/me", headers=bearer(renewed.json["access_token"]))
    assert me.json == tokens["account"]


def test_each_new_refresh_token_is_good_for_one_exchange(client, tokens, session):
    token = tokens["refresh_token"]

    for _ in range(3):
        token = refresh(client, token).json["refresh_token"]

    assert [row.revoked_at for row in session.scalars(select(SignedInSession))] == [None]


def test_a_refresh_token_used_twice_ends_the_session_for_both_who_have_it(client, tokens):
    stolen = tokens["refresh_token"]
    newest = refresh(client, stolen).json["refresh_token"]

    again = refresh(client, stolen)
    after = refresh(client, newest)

    assert (again.status_code, problem(again)) == (401, ENDED)
    assert (after.status_code, problem(after)) == (401, ENDED)


def test_the_end_of_one_session_leaves_the_others(client, tokens):
    other = client.post(
        "/api/v1/auth/login", json={"email": MEERA["email"], "password": PASSWORD}
    ).json
    refresh(client, tokens["refresh_token"])
    assert refresh(client, tokens["refresh_token"]).status_code == 401

    response = refresh(client, other["refresh_token"])

    assert response.status_code == 200


def test_one_refresh_token_exchanged_at_the_same_time_gives_one_pair_at_most(app, tokens):
    def exchange(_):
        return refresh(app.test_client(), tokens["refresh_token"]).status_code

    with ThreadPoolExecutor(4) as pool:
        answers = sorted(pool.map(exchange, range(4)))

    assert answers == [200, 401, 401, 401]


def test_after_signing_out_the_session_is_not_renewed(client, tokens):
    left = log_out(client, tokens["refresh_token"])

    response = refresh(client, tokens["refresh_token"])

    assert (left.status_code, left.data) == (204, b"")
    assert (response.status_code, problem(response)) == (401, ENDED)


def test_signing_out_twice_is_signing_out(client, tokens, session):
    log_out(client, tokens["refresh_token"])
    before = session.scalars(select(SignedInSession.revoked_at)).all()

    again = log_out(client, tokens["refresh_token"])

    assert again.status_code == 204
    assert session.scalars(select(SignedInSession.revoked_at)).all() == before


def test_an_access_token_renews_and_ends_nothing(client, tokens, session):
    answers = [f(client, tokens["access_token"]) for f in (refresh, log_out)]

    assert [(r.status_code, r.json["code"]) for r in answers] == [(401, "unauthenticated")] * 2
    assert session.scalars(select(SignedInSession.revoked_at)).all() == [None]


def test_a_refresh_token_opens_nothing_but_its_renewal(client, tokens):
    paths = ["/api/v1/me", "/api/v1/orders", "/api/v1/cart", "/api/v1/me/addresses"]

    answers = [client.get(path, headers=bearer(tokens["refresh_token"])) for path in paths]

    assert [(r.status_code, r.json["code"]) for r in answers] == [(401, "unauthenticated")] * 4


def test_of_two_exchanges_at_once_the_later_one_waits_and_ends_the_session(tokens, session):
    began = session.scalars(select(SignedInSession)).one()
    told = began.id, began.refresh_id
    waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")

    def exchange_as_well():
        with transaction() as another:
            another.execute(text("SET LOCAL lock_timeout = '1min'"))
            return accounts.renew_session(another, *told)

    with ThreadPoolExecutor(1) as pool:
        with transaction() as first:
            assert accounts.renew_session(first, *told) is not None
            first.flush()
            second = pool.submit(exchange_as_well)
            while not session.scalar(waiting):
                assert not second.done()
        assert second.result() is None


def test_a_role_counts_as_it_is_and_not_as_a_token_says(client, tokens, session):
    """Also where it was changed past the shop, so that no session was ended."""
    told = bearer(tokens["access_token"])
    assert client.get("/api/v1/me", headers=told).status_code == 200

    session.execute(update(User).values(role="staff"))

    assert client.get("/api/v1/me", headers=told).status_code == 401
