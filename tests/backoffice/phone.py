"""A phone with an app for codes, and the time that it and the shop go by."""

import re
from uuid import UUID

import pyotp
import pytest
from werkzeug.test import TestResponse

from app.accounts import second_factor
from tests.backoffice.browser import Browser, email_of, enter, words
from tests.builders import PASSWORD, Shop

WRONG = "This is no code of yours, or it was used, or its time is over."


class Clock:
    """Steps of half a minute, which go on when a test says so."""

    def __init__(self) -> None:
        self.step = second_factor.present_step()

    def go_on(self, steps: int = 1) -> None:
        self.step += steps


def stop_clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Let the shop go by a clock that stands until a test moves it."""
    clock = Clock()
    monkeypatch.setattr(second_factor, "present_step", lambda: clock.step)
    return clock


class Phone:
    """An app that was told a secret in letters, and knows nothing else of the shop."""

    def __init__(self, letters: str, clock: Clock) -> None:
        self._codes, self._clock = pyotp.HOTP(letters.replace(" ", "")), clock

    def code(self, late: int = 0) -> str:
        """What it shows, or showed ``late`` steps ago."""
        return self._codes.at(self._clock.step - late)

    def wrong_code(self) -> str:
        """Six digits that are no code of about now."""
        near = {self.code(late) for late in range(-3, 4)}
        return next(code for code in map("{:06d}".format, range(10)) if code not in near)


def begin(browser: Browser, clock: Clock) -> Phone:
    """Begin to set up a second factor, as far as a phone that knows the secret."""
    assert browser.send("/account/", "/second-factor/begin").status_code == 302
    return Phone(letters_of(browser), clock)


def letters_of(browser: Browser) -> str:
    return re.search(r'<code class="key">([A-Z2-7 ]+)</code>', browser.get("/account/").text)[1]


def turn_on(browser: Browser, clock: Clock) -> Phone:
    """Switch a second factor on; its next code is one step later."""
    phone = begin(browser, clock)
    browser.send("/account/", "/second-factor/on", code=phone.code())
    assert "needs a code" in words(browser.get("/account/"))
    clock.go_on()
    return phone


def somebody(shop: Shop, role: str, clock: Clock) -> tuple[Phone, UUID, str]:
    """Somebody of a role who has a second factor: their phone, id and mail address."""
    browser = enter(shop, role)
    return turn_on(browser, clock), browser.id, email_of(browser.id)


def half_way(shop: Shop, email: str) -> Browser:
    """Somebody who gave their password, and not their code."""
    browser = Browser(shop.app.test_client())
    answer = browser.sign_in(email, PASSWORD)
    assert answer.headers["Location"] == "/admin/sign-in/code"
    return browser


def give(browser: Browser, code: str) -> int:
    """Give a code at the door; tells the status."""
    return browser.send("/sign-in/code", "", code=code).status_code


def leads(shop: Shop, email: str) -> str:
    """Tell where the password alone leads."""
    return Browser(shop.app.test_client()).sign_in(email).headers["Location"]


def login(shop: Shop, email: str) -> TestResponse:
    """Sign in over the API by the password alone."""
    body = {"email": email, "password": PASSWORD}
    return shop.app.test_client().post("/api/v1/auth/login", json=body)
