"""Codes of a second factor: made as RFC 6238 says, taken once, asked for by the API."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pyotp
import pytest
from sqlalchemy import func, select

from app.accounts import accounts, second_factor
from app.accounts.models import SignedInSession, User
from app.core.db import transaction
from app.core.problems import TooManyRequests
from tests.builders import PASSWORD

# Appendix B, by SHA-1; of its eight digits apps show the last six.
RFC_SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
VECTORS = {
    59: "94287082", 1111111109: "07081804", 1111111111: "14050471", 1234567890: "89005924",
    2000000000: "69279037", 20000000000: "65353130",
}  # fmt: skip


@pytest.fixture
def step(monkeypatch):
    """The step of now, which stands."""
    stands = second_factor.present_step()
    monkeypatch.setattr(second_factor, "present_step", lambda: stands)
    return stands


@pytest.fixture
def secret_key(app):
    return app.config["ORA"].secret_key.get_secret_value()


@pytest.fixture
def turn_on(shop, secret_key, step):
    """Give somebody of a role a second factor; gives their address and the codes of their app."""

    def make(role="staff"):
        return _set_up(shop.customer(role=role).id, step - 1, secret_key)

    return make


def login(app, email, password=PASSWORD, **more):
    body = {"email": email, "password": password} | more
    return app.test_client().post("/api/v1/auth/login", json=body)


def told(answer):
    return answer.status_code, answer.json.get("code")


@pytest.mark.parametrize("moment", VECTORS)
def test_codes_are_those_of_the_standard(moment, monkeypatch):
    monkeypatch.setattr(second_factor.time, "time", lambda: moment + 0.5)

    code = second_factor.code_at(RFC_SECRET, second_factor.present_step())

    assert code == VECTORS[moment][-6:]


def test_a_secret_is_of_one_account_one_generation_and_one_shop(shop):
    with transaction() as session:
        users = [session.get(User, shop.customer(role="staff").id) for _ in range(2)]

    secrets = {
        second_factor.secret_of(user, shop_secret=key, generation=generation)
        for user in users
        for key in ("one shop's secret key", "another shop's one")
        for generation in (0, 1, 11)
    }

    assert len(secrets) == 12
    assert {len(secret) for secret in secrets} == {32}


class TestOverTheApi:
    """Signing in takes the code along."""

    def test_with_password_and_code(self, app, turn_on, step):
        email, codes = turn_on()

        answer = login(app, email, code=codes.at(step))

        assert answer.status_code == 200
        bearer = {"Authorization": f"Bearer {answer.json['access_token']}"}
        assert app.test_client().get("/api/v1/me", headers=bearer).json["email"] == email

    @pytest.mark.parametrize("more", [{}, {"code": None}])
    def test_without_a_code_one_is_asked_for(self, app, session, turn_on, more):
        email, _ = turn_on()
        before = session.scalar(select(func.count(SignedInSession.id)))

        answer = login(app, email, **more)

        assert told(answer) == (401, "second_factor_needed")
        assert "access_token" not in answer.json
        assert session.scalar(select(func.count(SignedInSession.id))) == before

    def test_a_wrong_code_is_refused_as_a_wrong_password_is(self, app, turn_on, step):
        email, codes = turn_on()
        wrong = {codes.at(step + late) for late in (-3, -2, 2, 3)}
        wrong -= {codes.at(step + late) for late in (0, 1)}

        answers = [login(app, email, code=code) for code in wrong]
        answers.append(login(app, email, "not the password"))

        bodies = [
            {name: value for name, value in answer.json.items() if name != "request_id"}
            for answer in answers
        ]
        assert [told(answer) for answer in answers] == [(401, "wrong_credentials")] * len(answers)
        assert all(body == bodies[0] for body in bodies)

    def test_to_a_wrong_password_nothing_is_told_and_the_code_is_not_spent(
        self, app, turn_on, step
    ):
        email, codes = turn_on()

        for more in ({}, {"code": codes.at(step)}, {"code": "000000"}):
            assert told(login(app, email, "not hers", **more)) == (401, "wrong_credentials")

        assert login(app, email, code=codes.at(step)).status_code == 200

    def test_a_code_is_good_once(self, app, turn_on, step):
        email, codes = turn_on()

        answers = [told(login(app, email, code=codes.at(step))) for _ in range(2)]

        assert answers == [(200, None), (401, "wrong_credentials")]

    @pytest.mark.parametrize("code", ["12345", "1234567", "abcdef", "", "12 34 56"])
    def test_what_is_no_code_is_told_of_before_anything_is_looked_at(self, app, code):
        answer = login(app, "nobody@example.com", code=code)

        assert answer.status_code == 422
        assert {error["pointer"] for error in answer.json["errors"]} == {"#/code"}

    def test_who_has_none_signs_in_by_the_password_whatever_code_they_send(self, app, shop):
        customer = shop.customer().get("/api/v1/me").json["email"]

        assert login(app, customer, code="123456").status_code == 200
        assert login(app, customer).status_code == 200

    def test_a_session_that_is_there_is_renewed_without(self, app, turn_on, step):
        email, codes = turn_on()
        tokens = login(app, email, code=codes.at(step)).json
        bearer = {"Authorization": f"Bearer {tokens['refresh_token']}"}

        assert app.test_client().post("/api/v1/auth/refresh", headers=bearer).status_code == 200

    def test_codes_are_tried_fifty_times_a_day(self, app, session, turn_on, step, monkeypatch):
        email, codes = turn_on()
        counted = []

        def count(account_id):
            counted.append(account_id)
            if len(counted) > 1:
                raise TooManyRequests(retry_after=60)

        monkeypatch.setattr("app.core.limits.count_code", count)

        assert told(login(app, email, code="000000" if codes.at(step) != "000000" else "000001"))
        assert told(login(app, email, code=codes.at(step))) == (429, "too_many_requests")
        assert counted == [accounts.of_email(session, email).id] * 2


class TestAtOnce:
    """Two who have one code, as one has who looks over a shoulder."""

    @pytest.fixture
    def together(self, monkeypatch):
        """Have all of them past the look at the code before any of them uses it."""
        barrier, look = Barrier(4), second_factor._step_of

        def wait(*arguments):
            found = look(*arguments)
            barrier.wait(timeout=20)
            return found

        return lambda: monkeypatch.setattr(second_factor, "_step_of", wait)

    def all_at_once(self, app, email, code):
        with ThreadPoolExecutor(4) as pool:
            answers = pool.map(lambda _: login(app, email, code=code).status_code, range(4))
        return sorted(answers)

    def test_one_gets_in(self, app, turn_on, step, together):
        email, codes = turn_on()
        together()

        assert self.all_at_once(app, email, codes.at(step)) == [200, 401, 401, 401]

    def test_looked_at_first_and_written_later_all_would(
        self, app, turn_on, step, together, monkeypatch
    ):
        """That the test above can fail."""
        email, codes = turn_on()
        together()

        def careless(session, user, code, *, shop_secret):
            last = user.totp_last_step
            found = second_factor._step_of(
                second_factor.secret_of(user, shop_secret=shop_secret), code
            )
            if found <= last:
                raise second_factor.WrongCode
            user.totp_last_step = found

        monkeypatch.setattr(second_factor, "use", careless)

        assert self.all_at_once(app, email, codes.at(step)) == [200] * 4


def test_who_is_erased_has_none(session, turn_on):
    email, _ = turn_on()

    with transaction() as opened:
        user = accounts.of_email(opened, email)
        accounts.erase(opened, user)

    user = session.get(User, user.id)
    assert (user.totp_enabled_at, user.totp_last_step, user.totp_generation) == (None, None, 2)


@pytest.mark.parametrize("is_set_up_anew", [False, True])
def test_reset_meanwhile_a_code_lets_nobody_in(turn_on, step, secret_key, is_set_up_anew):
    """Whose account it is was looked up before, and the code is used afterwards."""
    email, codes = turn_on()
    with transaction() as session:
        before = accounts.of_email(session, email)
    with transaction() as session:
        accounts.reset_second_factor(session, before.id, by=None)
    if is_set_up_anew:
        _set_up(before.id, step - 1, secret_key)

    with transaction() as session, pytest.raises(second_factor.WrongCode):
        second_factor.use(session, before, codes.at(step), shop_secret=secret_key)


def _set_up(user_id, step, secret_key):
    with transaction() as session:
        generation = second_factor.begin(session, user_id)
    with transaction() as session:
        user = session.get(User, user_id)
        codes = pyotp.HOTP(second_factor.secret_of(user, shop_secret=secret_key))
        second_factor.turn_on(
            session, user, codes.at(step), generation=generation, shop_secret=secret_key
        )
    return user.email, codes
