"""A second factor, set up with a phone in the hand, signed in with, and reset by an admin."""

import pytest

from tests.backoffice.phone import Phone
from tests.browser.conftest import NARROW, WIDE
from tests.browser.watcher import Watcher
from tests.builders import PASSWORD


def told(page, words):
    page.get_by_role("status").get_by_text(words).wait_for()


def go_to_account(page):
    """Wait until it is there as a whole: a file that a click breaks off is heard as failed."""
    page.wait_for_load_state()
    page.get_by_role("link", name="Your account").click()
    page.wait_for_url("**/account/")


def set_up(page, clock):
    """Begin, and read the key off the page."""
    go_to_account(page)
    page.get_by_role("button", name="Set up").click()
    told(page, "Tell your app")
    return Phone(page.locator("code.key").inner_text(), clock)


def give(page, code):
    page.get_by_label("Code from your app").fill(code)
    page.get_by_role("button", name="Sign in").click()


def sign_in(page, email):
    page.wait_for_url("**/sign-in/")
    page.get_by_label("Mail address").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_label("Code from your app").wait_for()


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_it_is_switched_on_signed_in_with_and_switched_off(home, enter, agree, clock, width):
    page = enter("staff", width)
    watcher, wrong = Watcher(page, home), {}
    phone = set_up(page, clock)
    picture = page.get_by_role("img", name="QR code of the key")
    assert picture.evaluate("one => one.complete && one.naturalWidth > 100")
    wrong["set up"] = watcher.complaints()
    page.get_by_label("Code from your app").fill(phone.code())
    page.get_by_role("button", name="Switch on").click()
    told(page, "Your second factor is on")
    wrong["on"] = watcher.complaints()
    email = page.get_by_role("definition").nth(1).inner_text()
    page.get_by_role("button", name="Sign out").click()

    clock.go_on()
    sign_in(page, email)
    assert page.get_by_label("Code from your app").evaluate("one => one === document.activeElement")
    wrong["door"] = watcher.complaints()
    give(page, phone.code())
    page.get_by_role("heading", name="Today").wait_for()

    clock.go_on()
    go_to_account(page)
    page.get_by_label("Code from your app").fill(phone.code())
    questions = agree(page)
    page.get_by_role("button", name="Switch off").click()
    told(page, "Your second factor is off")
    assert questions[0].startswith("Switch your second factor off? Your password alone is enough")
    wrong["off"] = watcher.complaints()
    assert {where: heard for where, heard in wrong.items() if heard} == {}


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_a_wrong_code_is_told_of_and_the_right_one_still_lets_in(enter, clock, width):
    page = enter("staff", width)
    phone = set_up(page, clock)
    page.get_by_label("Code from your app").fill(phone.wrong_code())
    page.get_by_role("button", name="Switch on").click()
    told(page, "This is no code of yours")
    page.get_by_label("Code from your app").fill(phone.code())
    page.get_by_role("button", name="Switch on").click()
    told(page, "Your second factor is on")
    email = page.get_by_role("definition").nth(1).inner_text()
    page.get_by_role("button", name="Sign out").click()
    clock.go_on()

    sign_in(page, email)
    give(page, phone.wrong_code())
    told(page, "This is no code of yours")
    give(page, phone.code())

    page.get_by_role("heading", name="Today").wait_for()


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_an_admin_resets_it_when_the_question_is_answered(home, enter, agree, clock, width):
    staff = enter("staff")
    phone = set_up(staff, clock)
    staff.get_by_label("Code from your app").fill(phone.code())
    staff.get_by_role("button", name="Switch on").click()
    email = staff.get_by_role("definition").nth(1).inner_text()
    page = enter("admin", width)
    page.get_by_role("link", name="People").click()
    page.get_by_role("textbox", name="Search").fill(email)
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Meera Iyer").click()
    page.get_by_role("heading", name="Second factor").wait_for()
    watcher = Watcher(page, home)
    page.reload()
    assert watcher.complaints() == []

    questions = agree(page, yes=False)
    page.get_by_role("button", name="Reset second factor").click()
    [question] = questions
    assert question.startswith("Reset the second factor of Meera Iyer? Their password alone is")
    staff.reload()
    staff.get_by_role("heading", name="Your account").wait_for()

    agree(page)
    page.get_by_role("button", name="Reset second factor").click()
    told(page, "Meera Iyer signs in by the password alone now.")
    staff.reload()
    staff.get_by_role("heading", name="ORA").wait_for()
