"""The second factor at the pages: set up, asked for, and a code is good once."""

import time
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
import segno
from sqlalchemy import select

from app.accounts import accounts, second_factor
from app.accounts.models import SignedInSession, User
from app.audit.models import Record
from app.backoffice import sessions
from app.core.db import transaction
from tests.backoffice.browser import Browser, email_of, give_role, words
from tests.backoffice.doors import FORMS, MENU, OWN, SHOWN, fill, post
from tests.backoffice.phone import (
    WRONG,
    begin,
    give,
    half_way,
    leads,
    letters_of,
    login,
    somebody,
    turn_on,
)

# Digits to a person and to Python, and none to an app.
INDIAN_DIGITS = "\N{DEVANAGARI DIGIT ONE}" * 6


class TestSettingUp:
    """Only who shows a code has it on."""

    def test_the_picture_and_the_letters_tell_an_app_the_same(self, staff, clock):
        begin(staff, clock)
        letters, email = letters_of(staff), email_of(staff.id)

        shown = staff.get("/account/").text

        secret = letters.replace(" ", "")
        address = f"otpauth://totp/ORA:{email.replace('@', '%40')}?secret={secret}&issuer=ORA"
        picture = segno.make_qr(address, error="m").svg_data_uri(scale=5, light="#fff")
        assert picture.replace("&", "&amp;") in shown.replace("&#39;", "'")
        parts = urlsplit(address)
        assert parse_qs(parts.query) == {"secret": [secret], "issuer": ["ORA"]}
        assert unquote(parts.path) == f"/ORA:{email}"
        assert len(secret) == 32

    def test_until_a_code_is_given_the_password_is_enough(self, shop, session, staff, clock):
        phone = begin(staff, clock)
        assert leads(shop, email_of(staff.id)) == "/admin/"

        for code in (
            phone.wrong_code(),
            "",
            "abcdef",
            "\N{DEVANAGARI DIGIT ONE}" * 6,
            phone.code(late=2),
        ):
            staff.send("/account/", "/second-factor/on", code=code)
            assert WRONG in words(staff.get("/account/"))

        assert session.scalars(select(User.totp_enabled_at)).all() == [None]

    def test_then_the_other_sessions_end_and_the_one_at_hand_stays(self, shop, staff, clock):
        copy = Browser(shop.app.test_client())
        copy.sign_in(email_of(staff.id))
        tokens = login(shop, email_of(staff.id)).json

        turn_on(staff, clock)

        assert staff.get("/").status_code == 200
        assert copy.get("/").status_code == 302
        bearer = {"Authorization": f"Bearer {tokens['refresh_token']}"}
        refreshed = shop.app.test_client().post("/api/v1/auth/refresh", headers=bearer)
        assert refreshed.json["code"] == "session_ended"

    def test_the_secret_is_shown_while_it_is_set_up_and_never_again(self, shop, staff, clock):
        phone = begin(staff, clock)
        copy = Browser(shop.app.test_client())
        copy.sign_in(email_of(staff.id))
        assert 'class="key"' not in copy.get("/account/").text

        staff.send("/account/", "/second-factor/on", code=phone.code())

        assert 'class="key"' not in staff.get("/account/").text
        assert post(staff, "/account/second-factor/begin") == 409
        assert 'class="key"' not in staff.get("/account/").text

    def test_each_try_to_set_it_up_has_a_secret_of_its_own(self, staff, clock):
        first = begin(staff, clock)
        second = begin(staff, clock)

        staff.send("/account/", "/second-factor/on", code=first.code())
        assert WRONG in words(staff.get("/account/"))

        staff.send("/account/", "/second-factor/on", code=second.code())
        assert "needs a code" in words(staff.get("/account/"))

    def test_nobody_switches_on_what_was_not_begun_in_this_session(self, shop, staff, clock):
        phone = begin(staff, clock)
        copy = Browser(shop.app.test_client())
        copy.sign_in(email_of(staff.id))

        assert post(copy, "/account/second-factor/on", code=phone.code()) == 422

    def test_nothing_secret_is_in_postgres_or_in_the_cookie(self, shop, session, staff, clock):
        turn_on(staff, clock)
        user = session.get(User, staff.id)
        secret = second_factor.secret_of(user, shop_secret=_secret(shop))

        kept = str(session.execute(select(User.__table__)).all()) + str(
            session.execute(select(Record.__table__)).all()
        )
        assert secret not in kept
        assert secret not in staff.client.get_cookie("ora_pages", path="/admin").value

    def test_a_customer_has_no_page_to_switch_it_on(self, session, staff):
        give_role(staff.id, "customer")

        assert staff.get("/account/").status_code == 302
        with pytest.raises(second_factor.SecondFactorOn):
            second_factor.begin(session, staff.id)


class TestSigningIn:
    """First the password, then the code."""

    def test_with_the_code_they_are_where_they_wanted_to_go(self, shop, clock):
        phone, _, email = somebody(shop, "staff", clock)
        browser = Browser(shop.app.test_client())

        asked = browser.sign_in(email, next="/admin/stock/?low=1")
        form = browser.client.get(asked.headers["Location"])
        token = form.text.split('name="csrf_token" value="')[1].split('"')[0]
        answer = browser.client.post(
            asked.headers["Location"], data={"csrf_token": token, "code": phone.code()}
        )

        assert answer.headers["Location"] == "/admin/stock/?low=1"
        assert browser.get("/").status_code == 200

    @pytest.mark.parametrize("late", [-1, 0, 1])
    def test_a_clock_may_be_half_a_minute_wrong(self, shop, clock, late):
        phone, _, email = somebody(shop, "staff", clock)
        clock.go_on(3)

        assert give(half_way(shop, email), phone.code(late)) == 302

    @pytest.mark.parametrize("late", [-2, 2, 3, 20])
    def test_an_old_code_is_none_and_neither_is_one_of_later(self, shop, clock, late):
        phone, _, email = somebody(shop, "staff", clock)
        clock.go_on(30)
        browser = half_way(shop, email)

        assert give(browser, phone.code(late)) == 401
        assert browser.get("/").status_code == 302
        assert give(browser, phone.code()) == 302

    def test_wrong_codes_are_told_of_and_let_nobody_in(self, shop, clock):
        phone, _, email = somebody(shop, "staff", clock)
        browser = half_way(shop, email)

        for code in (
            phone.wrong_code(),
            "",
            "12345",
            phone.code() + "0",
            "\N{ARABIC-INDIC DIGIT ONE}" * 6,
            "\x00",
        ):
            answer = browser.send("/sign-in/code", "", code=code)
            assert (answer.status_code, WRONG in words(answer)) == (401, True)
        assert browser.get("/").status_code == 302

    def test_a_code_is_good_once_and_none_before_it_is_good_after(self, shop, clock):
        phone, _, email = somebody(shop, "staff", clock)
        assert give(half_way(shop, email), phone.code(late=-1)) == 302
        browser = half_way(shop, email)

        for late in (-1, 0, 1):
            assert give(browser, phone.code(late)) == 401

        clock.go_on(2)
        assert give(browser, phone.code()) == 302

    def test_the_code_that_switched_it_on_signs_nobody_in(self, shop, staff, clock):
        phone = turn_on(staff, clock)

        assert give(half_way(shop, email_of(staff.id)), phone.code(late=1)) == 401

    def test_a_code_of_somebody_else_is_none(self, shop, clock):
        _, _, email = somebody(shop, "staff", clock)
        other, _, _ = somebody(shop, "staff", clock)

        assert give(half_way(shop, email), other.code()) == 401

    def test_half_a_session_sees_no_page_and_sends_no_form(self, shop, clock):
        facts = fill(shop)
        _, _, email = somebody(shop, "admin", clock)
        browser = half_way(shop, email)
        shown = [*MENU, *OWN, *(one.format_map(facts) for one in SHOWN), "/none"]

        token = browser.get("/sign-in/code").text.split('csrf_token" value="')[1].split('"')[0]
        answers = {path: browser.get(path) for path in shown}
        for path in FORMS.values():
            answers[f"POST {path}"] = browser.client.post(
                f"/admin{path.format_map(facts)}", data={"csrf_token": token}
            )

        led = {path: answer.headers.get("Location", "")[:15] for path, answer in answers.items()}
        assert led == dict.fromkeys(led, "/admin/sign-in/")
        assert "The ring" not in "".join(answer.text for answer in answers.values())

    def test_half_a_session_ends_after_five_minutes(self, shop, clock, monkeypatch):
        phone, _, email = somebody(shop, "staff", clock)
        browser = half_way(shop, email)
        real, ahead = time.time, sessions.HALF_SECONDS
        monkeypatch.setattr(sessions.time, "time", lambda: real() + ahead - 5)
        assert browser.get("/sign-in/code").status_code == 200

        monkeypatch.setattr(sessions.time, "time", lambda: real() + ahead + 1)

        answer = browser.get("/sign-in/code")
        assert (answer.status_code, answer.headers["Location"]) == (302, "/admin/sign-in/")
        assert phone

    def test_half_a_session_ends_with_the_password_it_was_begun_by(self, shop, clock):
        _, account_id, email = somebody(shop, "staff", clock)
        browser = half_way(shop, email)

        end_sessions(account_id)

        assert browser.get("/sign-in/code").status_code == 302

    def test_half_a_session_is_made_whole_once(self, shop, clock):
        phone, _, email = somebody(shop, "staff", clock)
        browser = half_way(shop, email)
        copy = Browser(shop.app.test_client())
        before = browser.client.get_cookie("ora_pages", path="/admin").value
        copy.client.set_cookie("ora_pages", before, path="/admin")
        assert copy.get("/sign-in/code").status_code == 200

        assert give(browser, phone.code()) == 302

        assert copy.get("/sign-in/code").status_code == 302
        assert copy.get("/").status_code == 302

    def test_the_whole_session_is_another_one(self, shop, session, clock):
        phone, account_id, email = somebody(shop, "staff", clock)
        browser = half_way(shop, email)
        newest = select(SignedInSession).order_by(SignedInSession.created_at.desc()).limit(1)
        half = session.scalars(newest.where(SignedInSession.user_id == account_id)).one()
        token = browser.get("/sign-in/code").text.split('csrf_token" value="')[1].split('"')[0]

        give(browser, phone.code())

        session.expire_all()
        whole = session.scalars(newest.where(SignedInSession.user_id == account_id)).one()
        assert whole.id != half.id
        assert (half.revoked_at is None, whole.revoked_at) == (False, None)
        assert token not in browser.get("/").text

    def test_codes_are_tried_as_often_as_passwords(self, another_app, shop, clock):
        phone, _, email = somebody(shop, "staff", clock)
        browser = Browser(another_app(rate_limits="on"))
        browser.sign_in(email)

        statuses = [give(browser, phone.wrong_code()) for _ in range(9)]

        assert statuses == [401] * 9
        locked = browser.send("/sign-in/code", "", code=phone.code())
        assert locked.status_code == 429
        assert "Try again in" in words(locked)
        assert browser.get("/").status_code == 302
        assert browser.sign_in(email).status_code == 429

    def test_wrong_passwords_lock_the_code_as_well(self, another_app, shop, clock):
        phone, _, email = somebody(shop, "staff", clock)
        browser = Browser(another_app(rate_limits="on"))
        browser.sign_in(email)
        other = Browser(browser.client.application.test_client())
        for _ in range(9):
            other.sign_in(email, "wrong")

        assert give(browser, phone.code()) == 429


def end_sessions(account_id):
    """What a new password does."""
    with transaction() as session:
        accounts.end_sessions(session, account_id)


def _secret(shop):
    return shop.app.config["ORA"].secret_key.get_secret_value()
