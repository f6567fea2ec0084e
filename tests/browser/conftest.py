"""The real app over HTTP, and a real browser at it."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.backoffice.browser import email_of
from tests.backoffice.phone import Clock, stop_clock
from tests.browser.chromium import PATIENCE_MS, open_chromium
from tests.builders import PASSWORD
from tests.serving import serving

WIDE, NARROW = 1440, 390


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser for a file of tests; its loop ends with it, so that other tests have theirs."""
    with open_chromium() as browser:
        yield browser


@pytest.fixture
def home(app) -> Iterator[str]:
    """Where the shop is served."""
    with serving(app) as url:
        yield url


@pytest.fixture
def window(chromium) -> Iterator[Callable[..., Page]]:
    """Opens windows of a width, each with cookies of its own."""
    opened = []

    def open_one(width: int = WIDE) -> Page:
        context = chromium.new_context(
            viewport={"width": width, "height": 900}, locale="en-IN", timezone_id="Asia/Kolkata"
        )
        context.set_default_timeout(PATIENCE_MS)
        opened.append(context)
        return context.new_page()

    yield open_one
    for context in opened:
        context.close()


@pytest.fixture
def enter(shop, home, window) -> Callable[..., Page]:
    """Opens a window, and has somebody of a role sign in there by hand."""

    def sign_in(role: str, width: int = WIDE) -> Page:
        page = window(width)
        page.goto(f"{home}/admin/")
        page.get_by_label("Mail address").fill(email_of(shop.customer(role=role).id))
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("heading", name="Today").wait_for()
        return page

    return sign_in


@pytest.fixture
def agree():
    """Answers the question that a page asks before what cannot be undone, and keeps it."""
    questions = []

    def to(page, *, yes=True):
        def answer(dialog):
            questions.append(dialog.message)
            dialog.accept() if yes else dialog.dismiss()

        page.once("dialog", answer)
        return questions

    return to


@pytest.fixture
def clock(monkeypatch) -> Clock:
    """The time of second factors, which stands until a test moves it."""
    return stop_clock(monkeypatch)
