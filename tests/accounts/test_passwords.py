"""Passwords that are changed or forgotten, and addresses that are shown to be one's own."""

import re

import pytest
from sqlalchemy import func, select, update

from app.accounts.models import PasswordReset, SignedInSession, User
from app.core.jobs import Job
from tests.api.snapshot import everything
from tests.builders import PASSWORD
from tests.checkout.steps import at_once
from tests.messages.post import open_post
from workers import cleanup

NEW = "another long sentence of hers"
EMAIL = "meera@example.com"


@pytest.fixture
def post(app, monkeypatch):
    """The post office that the mails of this test go to."""
    with open_post() as opened:
        monkeypatch.setenv("MAIL_URL", opened.url)
        yield opened


@pytest.fixture
def client(app):
    return app.test_client()


@pytest.fixture
def registered(client):
    """An account as it is made over HTTP, with its tokens."""
    body = {"email": EMAIL, "password": PASSWORD, "name": "Meera Iyer"}
    return client.post("/api/v1/auth/register", json=body).json


def bearer(tokens, kind="access_token"):
    return {"Authorization": f"Bearer {tokens[kind]}"}


def login(client, password=PASSWORD):
    return client.post("/api/v1/auth/login", json={"email": EMAIL, "password": password})


def forgot(client, email=EMAIL):
    return client.post("/api/v1/auth/forgot-password", json={"email": email})


def reset(client, token, password=NEW):
    body = {"token": token, "password": password}
    return client.post("/api/v1/auth/reset-password", json=body)


def token_in(post, page):
    """The token of the last letter whose link leads to a page."""
    for letter in reversed(post.letters):
        text = letter.get_body(("plain",)).get_content()
        if found := re.search(rf"/{page}\?token=(\S+)", text):
            return found[1]
    raise AssertionError("no such letter")


class TestForgotten:
    """A password is set anew by whoever reads the account's mail."""

    @pytest.fixture
    def token(self, shop, client, registered, post):  # noqa: ARG002 - whose it is
        assert forgot(client).status_code == 204
        shop.work("announcements", "mail")
        return token_in(post, "reset-password")

    def test_it_is_set_once_and_ends_every_session(self, client, registered, token):
        assert reset(client, token).status_code == 204

        assert login(client).status_code == 401
        assert login(client, NEW).status_code == 200
        refreshed = client.post("/api/v1/auth/refresh", headers=bearer(registered, "refresh_token"))
        assert refreshed.json["code"] == "session_ended"
        again = reset(client, token, PASSWORD)
        assert (again.status_code, again.json["code"]) == (422, "reset_refused")
        assert login(client, NEW).status_code == 200

    def test_nobody_but_the_mail_has_the_token(self, session, token):
        assert session.scalars(select(PasswordReset.token_hash)).one() != token
        arguments = session.scalars(select(Job.arguments)).all()
        assert token not in str(arguments)

    def test_after_an_hour_it_is_too_late(self, client, session, token):
        session.execute(update(PasswordReset).values(expires_at=func.now()))

        assert reset(client, token).json["code"] == "reset_refused"
        assert login(client).status_code == 200

    def test_a_second_mail_makes_the_first_one_void(self, shop, client, token, post):
        forgot(client)
        shop.work("announcements", "mail")
        newer = token_in(post, "reset-password")

        assert reset(client, token).json["code"] == "reset_refused"
        assert reset(client, newer).status_code == 204

    def test_of_two_at_once_one_sets_it(self, app, token):
        answers = at_once(
            [
                lambda password=password: reset(app.test_client(), token, password)
                for password in (NEW, NEW + "!", NEW + "?")
            ]
        )

        assert sorted(answer.status_code for answer in answers) == [204, 422, 422]

    @pytest.mark.usefixtures("registered")
    def test_the_answer_does_not_tell_who_has_an_account(self, shop, client, post):
        known, unknown = forgot(client), forgot(client, "nobody@example.com")

        assert (known.status_code, known.data) == (unknown.status_code, unknown.data)
        shop.work("announcements", "mail")
        assert {str(letter["To"]) for letter in post.letters} == {EMAIL}

    @pytest.mark.parametrize("token", ["", "x", "é" * 20, "x" * 301])
    def test_what_is_no_token_is_refused(self, client, session, redis, token):
        before = everything(session, redis)

        assert reset(client, token).status_code == 422
        assert everything(session, redis) == before

    def test_a_short_password_leaves_the_token_good(self, client, token):
        refused = reset(client, token, "short")

        assert [error["pointer"] for error in refused.json["errors"]] == ["#/password"]
        assert reset(client, token).status_code == 204

    def test_spent_ones_are_forgotten(self, client, session, token):
        cleanup.forget_resets()
        assert session.scalar(select(func.count()).select_from(PasswordReset)) == 1

        reset(client, token)
        cleanup.forget_resets()

        assert session.scalar(select(func.count()).select_from(PasswordReset)) == 0


def test_a_password_is_changed_by_who_knows_it_and_other_sessions_end(client, registered):
    other = login(client).json
    body = {"current_password": PASSWORD, "new_password": NEW}

    changed = client.post("/api/v1/me/change-password", json=body, headers=bearer(registered))

    assert changed.status_code == 204
    assert login(client).status_code == 401
    assert login(client, NEW).status_code == 200
    kept = client.post("/api/v1/auth/refresh", headers=bearer(registered, "refresh_token"))
    ended = client.post("/api/v1/auth/refresh", headers=bearer(other, "refresh_token"))
    assert (kept.status_code, ended.status_code) == (200, 401)


def test_who_does_not_know_a_password_does_not_change_it(client, session, redis, registered):
    before = everything(session, redis)
    body = {"current_password": "a guess of somebody", "new_password": NEW}

    refused = client.post("/api/v1/me/change-password", json=body, headers=bearer(registered))

    assert (refused.status_code, refused.json["code"]) == (422, "wrong_password")
    assert everything(session, redis) == before


def test_all_sessions_are_ended_at_once(client, session, registered):
    login(client)

    assert (
        client.post("/api/v1/auth/logout-everywhere", headers=bearer(registered)).status_code == 204
    )

    assert None not in session.scalars(select(SignedInSession.revoked_at)).all()


class TestVerifying:
    """An address is shown to be one's own."""

    def verify(self, client, token):
        return client.post("/api/v1/auth/verify-email", json={"token": token})

    def me(self, client, registered):
        return client.get("/api/v1/me", headers=bearer(registered)).json

    def test_by_the_link_of_the_first_mail(self, shop, client, registered, post):
        assert registered["account"]["email_verified_at"] is None
        shop.work("announcements", "mail")

        for _ in range(2):
            assert self.verify(client, token_in(post, "verify-email")).status_code == 204

        assert self.me(client, registered)["email_verified_at"] is not None

    def test_the_mail_is_sent_again_until_it_is_verified(self, shop, client, registered, post):
        def send_again():
            return client.post("/api/v1/me/verify-email", headers=bearer(registered))

        shop.work("announcements", "mail")
        assert send_again().status_code == 204
        shop.work("announcements", "mail")
        assert len(post.letters) == 2
        self.verify(client, token_in(post, "verify-email"))

        send_again()
        shop.work("announcements", "mail")

        assert len(post.letters) == 2

    @pytest.mark.parametrize("token", ["x", "WyJ4IiwgInkiXQ.aaaa.bbbb", "é", "x" * 1_000])
    def test_what_is_no_link_of_ours_verifies_nothing(self, client, registered, token):
        refused = self.verify(client, token)

        assert (refused.status_code, refused.json["code"]) == (422, "verification_refused")
        assert self.me(client, registered)["email_verified_at"] is None

    @pytest.mark.usefixtures("registered")
    def test_an_address_that_was_given_up_is_not_verified(self, shop, client, session, post):
        shop.work("announcements", "mail")
        session.execute(update(User).values(email="other@example.com"))

        assert self.verify(client, token_in(post, "verify-email")).status_code == 422

    @pytest.mark.usefixtures("registered")
    def test_accounts_of_nobody_are_forgotten_after_a_month(self, shop, session):
        old = func.now() - func.make_interval(0, 0, 0, 31)
        buyer, clerk = shop.customer(), shop.customer(role="staff")
        shop.product("ring", 1)
        assert buyer.check_out(ring=1).status_code == 201
        session.execute(update(User).values(created_at=old))
        fresh = shop.customer()

        cleanup.forget_unverified()

        assert set(session.scalars(select(User.id))) == {buyer.id, clerk.id, fresh.id}
