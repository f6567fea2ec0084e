"""The second factor at the pages: switched off, reset, and wanted of admins."""

import pytest
from sqlalchemy import func, select

from app.accounts import second_factor
from app.accounts.models import User
from app.audit.models import Record
from tests.backoffice.browser import Browser, email_of, enter, words
from tests.backoffice.doors import FORMS, MENU, SHOWN, fill, post
from tests.backoffice.phone import WRONG, give, half_way, leads, login, somebody, turn_on
from tests.builders import PASSWORD, values


class TestSwitchingOff:
    """Who has a code, or an admin."""

    def test_by_a_code_and_by_nothing_else(self, shop, staff, clock):
        phone = turn_on(staff, clock)

        for code in (phone.wrong_code(), phone.code(late=1)):
            staff.send("/account/", "/second-factor/off", code=code)
            assert WRONG in words(staff.get("/account/"))
        staff.send("/account/", "/second-factor/off", code=phone.code())

        assert "your password is enough" in words(staff.get("/account/"))
        assert leads(shop, email_of(staff.id)) == "/admin/"

    def test_set_up_anew_the_old_phone_is_of_no_use(self, shop, staff, clock):
        old = turn_on(staff, clock)
        staff.send("/account/", "/second-factor/off", code=old.code())
        clock.go_on()
        new = turn_on(staff, clock)
        clock.go_on()

        browser = half_way(shop, email_of(staff.id))

        assert give(browser, old.code()) == 401
        assert give(browser, new.code()) == 302

    def test_an_admin_resets_it_and_it_is_written_down(self, shop, session, admin, clock):
        staff = enter(shop, "staff")
        turn_on(staff, clock)
        path = f"/people/{staff.id}"
        asked = admin.get(path).text
        assert "Reset the second factor of Meera Iyer? Their password alone" in asked

        admin.send(path, "/reset-second-factor")

        assert "signs in by the password alone now" in words(admin.get(path))
        assert staff.get("/").status_code == 302
        assert leads(shop, email_of(staff.id)) == "/admin/"
        columns = Record.actor, Record.before["totp_enabled_at"].astext, Record.after
        query = select(*columns).where(Record.subject_id == str(staff.id))
        *_, (actor, was_on, after) = values(session.execute(query.order_by(Record.id)))
        assert (actor, was_on is None) == (f"admin:{admin.id}", False)
        assert after == {"totp_generation": 2, "totp_enabled_at": None, "totp_last_step": None}

    def test_staff_cannot_and_nobody_their_own(self, session, admin, staff, clock):
        turn_on(admin, clock)

        assert "Reset second factor" not in staff.get(f"/people/{admin.id}").text
        assert post(staff, f"/people/{admin.id}/reset-second-factor") == 403
        assert "Reset second factor" not in admin.get(f"/people/{admin.id}").text
        assert post(admin, f"/people/{admin.id}/reset-second-factor") == 409

        query = select(func.count()).select_from(User).where(User.totp_enabled_at.is_not(None))
        assert session.scalar(query) == 1

    def test_of_whom_there_is_none_it_is_not_reset(self, session, admin, staff):
        nobody = "00000000-0000-4000-8000-000000000000"

        assert post(admin, f"/people/{nobody}/reset-second-factor") == 404
        assert post(admin, f"/people/{staff.id}/reset-second-factor") == 302
        assert staff.get("/").status_code == 200
        assert session.get(User, staff.id).totp_generation == 0

    def test_who_works_here_no_more_has_none(self, session, admin, shop, clock):
        _, account_id, _ = somebody(shop, "staff", clock)

        for role, is_kept in (("admin", True), ("customer", False)):
            admin.send(f"/people/{account_id}", "/role", role=role)
            session.expire_all()
            assert second_factor.is_on(session.get(User, account_id)) is is_kept

    def test_the_last_admin_is_let_in_by_a_command(self, shop, session, clock):
        _, account_id, email = somebody(shop, "admin", clock)
        run = shop.app.test_cli_runner().invoke

        told = run(args=["reset-second-factor", email.upper()])
        unknown = run(args=["reset-second-factor", "nobody@example.com"])

        assert (told.exit_code, unknown.exit_code) == (0, 1)
        assert told.output == f"{email} signs in by the password alone now.\n"
        assert "There is no such account." in unknown.output
        assert leads(shop, email) == "/admin/"
        query = select(Record.actor).where(Record.subject_id == str(account_id))
        actors = session.scalars(query.order_by(Record.id)).all()
        assert actors[-1] == "command:reset-second-factor"


class TestAdminsWhoNeedOne:
    """Where the shop wants it of admins, they do nothing before."""

    @pytest.fixture
    def strict(self, another_app):
        return another_app(admins_need_second_factor="on")

    def test_an_admin_is_led_to_setting_it_up(self, shop, strict, clock):
        facts = fill(shop)
        admin = Browser(strict)
        admin.sign_in(email_of(shop.customer(role="admin").id))
        shown = [*MENU, *(one.format_map(facts) for one in SHOWN)]
        allowed = {"account.begin", "account.turn_on", "sign_in.leave"}
        token = admin.get("/account/").text.split('csrf_token" value="')[1].split('"')[0]

        led = {path: admin.get(path).headers.get("Location") for path in shown}
        for name in FORMS.keys() - allowed:
            path = f"/admin{FORMS[name].format_map(facts)}"
            answer = strict.post(path, data={"csrf_token": token})
            led[name] = answer.headers.get("Location")

        assert led == dict.fromkeys(led, "/admin/account/")
        assert "Orders" not in words(admin.get("/account/"))
        turn_on(admin, clock)
        assert admin.get("/").status_code == 200

    def test_they_sign_out_without(self, shop, strict):
        admin = Browser(strict)
        admin.sign_in(email_of(shop.customer(role="admin").id))

        assert admin.send("/account/", "/sign-in/out").headers["Location"] == "/admin/sign-in/"

    def test_staff_are_not_asked(self, shop, strict):
        staff = Browser(strict)
        staff.sign_in(email_of(shop.customer(role="staff").id))

        assert staff.get("/").status_code == 200

    def test_nor_does_the_api_let_them_in(self, shop, strict):
        email = email_of(shop.customer(role="admin").id)
        tokens = login(shop, email).json
        body = {"email": email, "password": PASSWORD}
        bearer = {"Authorization": f"Bearer {tokens['refresh_token']}"}

        answers = [
            strict.post("/api/v1/auth/login", json=body),
            strict.post("/api/v1/auth/refresh", headers=bearer),
        ]

        told = [(answer.status_code, answer.json["code"]) for answer in answers]
        assert told == [(403, "second_factor_unset")] * 2
        wrong = strict.post("/api/v1/auth/login", json=body | {"password": "wrong"})
        assert wrong.json["code"] == "wrong_credentials"
